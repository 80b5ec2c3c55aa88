// plugins/http/ajam_key.h: the ids of AJAM sessions: 128 random bits, in the cookie as 32 hexadecimal digits.
#ifndef HTTP_AJAM_KEY_H
#define HTTP_AJAM_KEY_H

#include "request.h"

#define AJAM_COOKIE "mansession_id"
#define AJAM_KEY_DIGITS 32

/** Makes a new id. @return false: there is no randomness */
bool ajam_key_create(struct amp_key *key);
/** Writes the id as text, NUL-terminated. */
void ajam_key_text(const struct amp_key *key, char text[AJAM_KEY_DIGITS + 1]);
/** Finds the id in the first cookie of that name (in any case; the value may be in quotes) that holds one.
 *  @return false: there is none, or it cannot be one */
bool ajam_key_find(const struct request *request, struct amp_key *key);

#endif
