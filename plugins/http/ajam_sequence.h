// plugins/http/ajam_sequence.h: which digests a session accepts: those of its user, with its present nonce, and each
// with a larger number (`nc`) than the one before.  Thread: the session's worker.
#ifndef HTTP_AJAM_SEQUENCE_H
#define HTTP_AJAM_SEQUENCE_H

#include "ajam_nonce.h"

struct ajam_sequence;

/** Takes the digest, which is right, off the front of a request (ajam_session.h). @return false: it is not there */
bool ajam_sequence_read(struct amp_bytes *request, struct amp_digest *digest);
/** Makes the state of a session that begins with `digest`. @return the caller's; NULL: no memory, or the nonce is not
 *  valid */
struct ajam_sequence *ajam_sequence_create(const struct amp_digest *digest);
/** Is the digest the session's user's? */
bool ajam_sequence_is_of(const struct ajam_sequence *sequence, const struct amp_digest *digest);
/** Accepts the digest for one more request. @return false: the client must use the session's next nonce, whose text
 * `nonce` is set to */
bool ajam_sequence_accept(struct ajam_sequence *sequence, const struct amp_digest *digest,
                          char nonce[AJAM_NONCE_DIGITS + 1]);
/** Frees the state. NULL is fine. */
void ajam_sequence_destroy(struct ajam_sequence *sequence);

#endif
