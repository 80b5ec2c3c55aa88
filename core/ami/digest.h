// core/ami/digest.h: the MD5 challenge of AMI (Asterisk main/manager.c: authenticate), and what an HTTP digest is made
// of. Thread: any.
#ifndef AMI_DIGEST_H
#define AMI_DIGEST_H

#include "base/span.h"

#define DIGEST_KEY_SIZE 33
#define DIGEST_CHALLENGE_SIZE 11

/** Makes a challenge: nine unpredictable decimal digits (RAND_bytes), the first not 0, NUL-terminated. */
void digest_challenge(char challenge[DIGEST_CHALLENGE_SIZE]);
/** Makes the key: the MD5 of the challenge followed by the secret, as lower-case hex, NUL-terminated. */
void digest_key(const char *challenge, struct span secret, char key[DIGEST_KEY_SIZE]);
/** Makes the MD5 of `parts` with a colon between each two, as lower-case hex, NUL-terminated (RFC 2617, 3.2.2). */
void digest_joined(const struct span *parts, size_t count, char key[DIGEST_KEY_SIZE]);
/** Are the bytes of both the same? The time depends on the length of `given` alone, so that it shows neither where they
 *  differ nor how long `expected` is. */
bool digest_equals(struct span expected, struct span given);

#endif
