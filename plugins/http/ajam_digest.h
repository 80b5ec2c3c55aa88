// plugins/http/ajam_digest.h: digest authentication at a connection: the header `Authorization: Digest …`.
#ifndef HTTP_AJAM_DIGEST_H
#define HTTP_AJAM_DIGEST_H

#include "ajam_response.h"

#define AJAM_REALM "asterisk"

/** What a header says. A field that is not there is empty. */
struct ajam_digest {
    struct buffer text; // the fields point into it
    struct amp_bytes user, realm, nonce, uri, response, algorithm, qop, nc, cnonce, opaque;
};

/** Parses a header; ajam_digest_fini() must follow in either case. @return false: it is not a complete digest with MD5
 *  (RFC 2617 with `qop=auth`, or RFC 2069) */
bool ajam_digest_read(struct ajam_digest *digest, struct amp_bytes header);
/** Wipes and frees the fields. */
void ajam_digest_fini(struct ajam_digest *digest);
/** Checks the digest of the connection's request for AJAM, and stores it in connection->ajam for the session. The
 *  request's target must not be decoded yet. @return false: the request was refused, or will be after a second */
bool ajam_digest_authenticate(struct connection *connection);

#endif
