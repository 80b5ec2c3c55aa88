// core/auth/hash.h: password hashes as crypt(3) makes them ($y$…, $2b$…, $6$…: crypt(5) has the list).
// Thread: any; pure, but hash_check() takes as long as the hash says.
#ifndef AUTH_HASH_H
#define AUTH_HASH_H

#include <stdbool.h>
#include <stddef.h>

/** Longest secret that crypt(3) takes, without its end; longer ones match no hash. */
#define HASH_PHRASE_BYTES 511

enum hash_result {
    HASH_RIGHT,
    HASH_WRONG,
    HASH_FAILED // could not be computed: no memory
};

/** Is the text a hash: `$…$` with a prefix that this system's libcrypt knows? It may still be unusable. */
bool hash_is_known(const char *text);
/** Does the text look like a hash (`$word$…`), known or not? */
bool hash_is_like(const char *text);
/** Why a known hash cannot be used: cut short, or so costly that it would hold up all logins. Computes nothing.
 *  @return static text, as what was found; NULL: nothing is wrong with it */
const char *hash_fault(const char *hash);
/** How many bytes of a known hash say its method and cost: hashes that begin alike take the same time. */
size_t hash_cost_length(const char *hash);
/** Is `phrase` what the hash was made of? Compared in constant time. What it needed is wiped. */
enum hash_result hash_check(const char *phrase, const char *hash);

#endif
