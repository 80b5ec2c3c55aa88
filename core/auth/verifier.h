// core/auth/verifier.h: checks secrets against hashes in a thread of its own, because a check takes up to hundreds of
// milliseconds, and a loop that waited for it would delay all clients. Checks of users who have recently logged in from
// their address come first, then those of unknown ones, then those of users with failures; each gets some of the turns.
// Among equals, addresses take turns, so that many checks of one address delay only that address. At the limit of
// failures, checks are refused without work. Thread: any, except start, stop and destroy, which are the owner's.
#ifndef AUTH_VERIFIER_H
#define AUTH_VERIFIER_H

#include "auth/failures.h"
#include "base/error.h"
#include "base/handles.h"
#include "base/list.h"
#include "base/mailbox.h"
#include "base/span.h"

#include <stdatomic.h>

#define VERIFIER_WAITING 8192 // most checks that wait; further ones displace those of lowest priority and longest line
#define VERIFIER_LINE 2048    // most checks of one address that wait

enum check_verdict {
    CHECK_RIGHT,
    CHECK_WRONG,   // counted as a failure of the user at the address
    CHECK_REFUSED, // not checked: too many failures
    CHECK_BUSY     // not checked: too many checks wait, or the program exits
};

struct verifier;

/** One secret on its way to the verifier and back. */
struct check {
    struct letter letter; // kind: the receiver's; must be first
    struct handle owner;  // the sender's: who waits for it, and may have ended
    uint64_t since_ms;    // the sender's: when the Login came
    uint64_t session_id;  // the sender's: for the log
    const char *hash;     // of the user; in `texts`
    bool pretended;       // not a user's hash: the verdict is CHECK_WRONG, after the same work as for a real one
    enum check_verdict verdict;
    // the verifier's:
    struct list_node place; // in its line
    struct mailbox *to;
    struct failures_key key;
    atomic_bool abandoned;
    char address[64];
    size_t phrase_bytes;
    char texts[]; // phrase, hash, each with its NUL
};

/** Makes a verifier without a thread yet. @param failures  lent, outlives the verifier */
struct verifier *verifier_create(struct failures *failures);
/** Starts the thread. @return false: `err` is set */
bool verifier_start(struct verifier *verifier, struct error *err);
/** Ends the thread after its present check. Checks that wait, and later ones, return with CHECK_BUSY. `verifier` may be
 *  NULL. */
void verifier_stop(struct verifier *verifier);
/** Frees the verifier, after verifier_stop(), when no thread can submit any more. It may be NULL. */
void verifier_destroy(struct verifier *verifier);
/** Takes `check`. It always comes back to the mailbox `to`, with a verdict. */
void verifier_submit(struct verifier *verifier, struct check *check, struct mailbox *to);
/** Returns the number of hashes that were computed. */
uint64_t verifier_count(struct verifier *verifier);

/** Makes a check; the texts are copied.
 *  @param phrase  the secret, without NUL, at most HASH_PHRASE_BYTES
 *  @param address  of the client, as printed
 *  @param key  of the user that the client names, at that address */
struct check *check_create(struct handle owner, struct span phrase, const char *hash, bool pretended,
                           const char *address, const struct failures_key *key);
/** Notes that nobody waits for the check, so that it need not be computed. It comes back nevertheless. Thread: the
 *  sender's. */
void check_abandon(struct check *check);
/** Wipes and frees a check. */
void check_destroy(struct check *check);

#endif
