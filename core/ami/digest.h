// core/ami/digest.h: the MD5 challenge of AMI (Asterisk main/manager.c: authenticate). Thread: any.
#ifndef AMI_DIGEST_H
#define AMI_DIGEST_H

#include "base/span.h"

#define DIGEST_KEY_SIZE 33
#define DIGEST_CHALLENGE_SIZE 11

/** A fresh challenge: nine unpredictable decimal digits (RAND_bytes), the first not 0, NUL-terminated. */
void digest_challenge(char challenge[DIGEST_CHALLENGE_SIZE]);
/** Lower-case hex MD5 of challenge immediately followed by the secret, NUL-terminated. */
void digest_key(const char *challenge, struct span secret, char key[DIGEST_KEY_SIZE]);
/** Are both the same bytes? Their digests are compared, in constant time: neither where they differ nor how long
 *  `expected` is can be told from the time that it takes. */
bool digest_equals(struct span expected, struct span given);

#endif
