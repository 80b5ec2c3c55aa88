// core/session/access/http_digest.h: HTTP digests (RFC 2617, 2069). The session checks a digest like a Login of its
// user, and counts it as one.  Thread: any.
#ifndef SESSION_ACCESS_HTTP_DIGEST_H
#define SESSION_ACCESS_HTTP_DIGEST_H

#include "astmanproxy/plugin.h"
#include "base/span.h"

/** Was the digest made with `secret`? The comparison takes the same time wherever it differs. */
bool http_digest_is_of(const struct amp_digest *digest, struct span secret);

#endif
