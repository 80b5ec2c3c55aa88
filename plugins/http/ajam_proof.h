// plugins/http/ajam_proof.h: what the digests of one session must be like: of its user, with its nonce, and each with a
// larger number (`nc`) than the one before.  Thread: the session's worker.
#ifndef HTTP_AJAM_PROOF_H
#define HTTP_AJAM_PROOF_H

#include "ajam_nonce.h"

struct ajam_proof;

/** Takes the digest, which is right, off the front of a request (ajam_session.h). @return false: it is not there */
bool ajam_proof_read(struct amp_bytes *request, struct amp_digest *digest);
/** For a session that begins with `digest`. @return NULL: no memory, or its nonce is none; else the caller frees */
struct ajam_proof *ajam_proof_create(const struct amp_digest *digest);
/** Is it the session's user? */
bool ajam_proof_is_of(const struct ajam_proof *proof, const struct amp_digest *digest);
/** Is the digest good for one more request? @return false: the client must take the session's nonce, which is another
 *  one by now; `nonce` is set to its text */
bool ajam_proof_accept(struct ajam_proof *proof, const struct amp_digest *digest, char nonce[AJAM_NONCE_DIGITS + 1]);
/** Frees. NULL is fine. */
void ajam_proof_destroy(struct ajam_proof *proof);

#endif
