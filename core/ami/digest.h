// core/ami/digest.h: the MD5 challenge of AMI (Asterisk main/manager.c: authenticate). Thread: any.
#ifndef AMI_DIGEST_H
#define AMI_DIGEST_H

#include "base/span.h"

#define DIGEST_KEY_SIZE 33
#define DIGEST_CHALLENGE_SIZE 11

/** Makes a challenge: nine unpredictable decimal digits (RAND_bytes), the first not 0, NUL-terminated. */
void digest_challenge(char challenge[DIGEST_CHALLENGE_SIZE]);
/** Makes the key: the MD5 of the challenge followed by the secret, as lower-case hex, NUL-terminated. */
void digest_key(const char *challenge, struct span secret, char key[DIGEST_KEY_SIZE]);
/** Are the bytes of both the same? Their digests are compared in constant time, so that the time shows neither where
 *  they differ nor how long `expected` is. */
bool digest_equals(struct span expected, struct span given);

#endif
