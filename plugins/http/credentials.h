// plugins/http/credentials.h: the credentials of a request: Basic or Bearer; for event streams and WebSockets, where
// browsers cannot set headers, also fields of the query.
#ifndef HTTP_CREDENTIALS_H
#define HTTP_CREDENTIALS_H

#include "text.h"

#define CREDENTIALS_DIGEST 32

enum credentials_result {
    CREDENTIALS_NONE,
    CREDENTIALS_GIVEN,
    CREDENTIALS_MALFORMED // the header cannot be parsed
};

/** A name and a secret. All zero: none. */
struct credentials {
    struct buffer bytes; // holds both, unless they are borrowed
    struct amp_bytes name, secret;
};

/** Does the text claim to be one of the program's tokens, which stand for a name and a secret? */
bool credentials_is_token(struct amp_bytes text);
/** Reads an Authorization header: `Basic BASE64`, `Bearer BASE64URL`, `Bearer NAME:SECRET`, or `Bearer TOKEN` (no name;
 *  the secret is borrowed). */
enum credentials_result credentials_parse(struct credentials *credentials, struct amp_bytes header);
/** Overwrites and frees the secret. */
void credentials_fini(struct credentials *credentials);
/** Makes a digest, by which credentials can be compared without being kept. */
void credentials_digest(const struct credentials *credentials, unsigned char digest[CREDENTIALS_DIGEST]);

#endif
