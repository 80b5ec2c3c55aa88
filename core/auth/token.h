// core/auth/token.h: tokens: a signed text that stands for a user's secret until an end, with fewer rights. Nothing of
// a token is stored: who has the key can check it. Its text is
//     amt1.PAYLOAD.SIGNATURE
// in Base64url without padding. The payload is one byte of format (1), one of flags (1: only reads, 2: has a list of
// actions), microseconds since 1970 at which it was made and seconds since 1970 at which it ends (8 bytes each, most
// significant first), the user and the label (one byte of length each), and the actions with commas between (two bytes
// of length). The signature is the HMAC-SHA256 of all before it, a NUL and the user's secret as the configuration has
// it: another secret ends all tokens of the user. Thread: any; pure.
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_PREFIX "amt1."
#define TOKEN_BYTES 1000        // longest text: a line of AMI has at most 1022 bytes
#define TOKEN_PAYLOAD_BYTES 713 // longest payload, before Base64
#define TOKEN_USER_BYTES 255
#define TOKEN_LABEL_BYTES 64
#define TOKEN_ACTIONS_BYTES 600
#define TOKEN_KEY_BYTES 32
#define TOKEN_LONGEST_S (UINT64_C(366) * 24 * 3600) // no token is valid for longer
// The clocks of proxies with the same keys differ by less than this. A revocation holds for tokens that another clock
// has made so much later, too; a token that follows it says that it was made after that.
#define TOKEN_SKEW_S UINT64_C(300)

/** Keys that sign: the first makes and checks tokens, the second only checks them. */
struct token_keys {
    unsigned count; // 0: there are no tokens
    unsigned char key[2][TOKEN_KEY_BYTES];
};

/** What a token says. The texts are lent, by the maker or by the token. */
struct token_claims {
    struct span user, label;
    struct span actions; // names with commas between; for `listed` alone
    uint64_t made_us;    // microseconds since 1970
    uint64_t ends_s;     // seconds since 1970; from then on it is refused
    bool only_reads, listed;
};

/** A token that was read, and holds its claims' texts. */
struct token {
    struct token_claims claims;
    size_t signed_length; // bytes of the text that are signed
    unsigned char payload[TOKEN_PAYLOAD_BYTES], signature[TOKEN_KEY_BYTES];
};

/** Reads a file of keys: one or two lines of 64 hexadecimal digits; blank lines and those that begin with # are
 * ignored.
 *  @return NULL; else what was expected and found, static text */
const char *token_read_keys(struct span text, struct token_keys *keys);
/** Does the text claim to be a token? */
bool token_is_like(struct span text);
/** Reads the text, without a check of its signature: anybody could have made it. @return false: it is no token */
bool token_read(struct span text, struct token *token);
/** Was `text`, of which `token` was read, signed with one of the keys for a user with that secret? The comparison takes
 *  the same time wherever it differs. */
bool token_is_signed(const struct token *token, struct span text, const struct token_keys *keys, struct span secret);
/** Makes a token. @param keys  of which there is at least one @param out  set to the text
 *  @return NULL; else which claim cannot be part of a token, static text */
const char *token_make(const struct token_claims *claims, const struct token_keys *keys, struct span secret,
                       char out[TOKEN_BYTES + 1]);
/** Is `name` one of the actions that the token lists (in any case)? `*` in the list stands for all. */
bool token_lists(const struct token_claims *claims, struct span name);
/** Steps through a list of actions: takes the first name from it, without blanks. @return false: there is no more */
bool token_next_action(struct span *list, struct span *name);
/** Is it a label: 1 to TOKEN_LABEL_BYTES letters, digits, or any of _ . @ : - ? */
bool token_is_label(struct span text);

#endif
