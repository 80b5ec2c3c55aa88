// plugins/http/credentials.h: who a request says it is: Basic, Bearer, or for feeds (whose clients in browsers cannot
// set headers) fields of the query.
#ifndef HTTP_CREDENTIALS_H
#define HTTP_CREDENTIALS_H

#include "text.h"

#define CREDENTIALS_DIGEST 32

enum credentials_result {
    CREDENTIALS_NONE,
    CREDENTIALS_GIVEN,
    CREDENTIALS_MALFORMED // a header that cannot be read
};

/** A name and a secret. All zero: none. */
struct credentials {
    struct buffer bytes; // holds both, unless they are borrowed
    struct amp_bytes name, secret;
};

/** Reads an Authorization header: `Basic BASE64`, `Bearer BASE64URL` or `Bearer NAME:SECRET`. */
enum credentials_result credentials_parse(struct credentials *credentials, struct amp_bytes header);
/** Wipes. */
void credentials_fini(struct credentials *credentials);
/** What tells these credentials from others, without keeping them. */
void credentials_digest(const struct credentials *credentials, unsigned char digest[CREDENTIALS_DIGEST]);

#endif
