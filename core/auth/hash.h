// core/auth/hash.h: password hashes of crypt(3) ($y$…, $2b$…, $6$…: crypt(5) has the list).
// Thread: any; pure, but hash_check() takes as long as the hash's cost says.
#ifndef AUTH_HASH_H
#define AUTH_HASH_H

#include <stdbool.h>
#include <stddef.h>

/** Longest secret that crypt(3) accepts, without its NUL; longer ones match no hash. */
#define HASH_PHRASE_BYTES 511

enum hash_result {
    HASH_RIGHT,
    HASH_WRONG,
    HASH_FAILED // could not be computed: no memory
};

/** Is the text a hash (`$…$` with a prefix that this system's libcrypt knows)? See hash_fault(), too. */
bool hash_is_known(const char *text);
/** Does the text look like a hash (`$word$…`), known or not? */
bool hash_is_like(const char *text);
/** Says why a known hash cannot be used: it is incomplete, not allowed or too costly. Computes no hash.
 *  @return static text, to follow "found"; NULL: it can be used */
const char *hash_fault(const char *hash);
/** Returns the number of bytes of a known hash that define method and cost. Hashes with the same bytes take the same
 *  time. */
size_t hash_cost_length(const char *hash);
/** Was the hash made of `phrase`? Compares in constant time, and wipes its memory. */
enum hash_result hash_check(const char *phrase, const char *hash);

#endif
