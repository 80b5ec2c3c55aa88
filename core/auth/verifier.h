// core/auth/verifier.h: secrets are checked against hashes on a thread of their own: a check takes from one to hundreds
// of milliseconds, and a loop that waits for it would hold up every client. Users who were right from their address of
// late come first, then those of whom nothing is known, then those who failed; the latter are never left out for good.
// Among equals addresses take turns: whoever sends many waits for himself, not the others for him. Who has guessed too
// often is refused without any work. Thread: any, but for start, stop and destroy, which are the owner's.
#ifndef AUTH_VERIFIER_H
#define AUTH_VERIFIER_H

#include "auth/failures.h"
#include "base/error.h"
#include "base/handles.h"
#include "base/mailbox.h"
#include "base/span.h"

#include <stdatomic.h>

#define VERIFIER_WAITING 8192 // checks that wait at once; past it those of the least standing, of whom has most, go
#define VERIFIER_LINE 2048    // of these of one address

enum check_verdict {
    CHECK_RIGHT,
    CHECK_WRONG,   // counted among the failures of its user at its address
    CHECK_REFUSED, // not looked at: these have failed too often
    CHECK_BUSY     // not looked at: too many wait, or the program ends
};

struct verifier;

/** One secret on its way to the verifier and back. */
struct check {
    struct letter letter; // kind: the receiver's; must be first
    struct handle owner;  // the sender's: who waits for it, may be gone by then
    uint64_t since_ms;    // the sender's: when it was asked
    uint64_t session_id;  // the sender's: for the log
    const char *hash;     // of whom the secret is said to be; lent by `texts`
    bool pretended;       // nobody's hash: WRONG whatever comes out, at the price of a real one
    enum check_verdict verdict;
    // the verifier's
    struct check *next;
    struct mailbox *to;
    struct failures_key key;
    atomic_bool abandoned;
    char address[64];
    size_t phrase_bytes;
    char texts[]; // phrase, hash, each with its NUL
};

/** @param failures  lent, outlives the verifier */
struct verifier *verifier_create(struct failures *failures);
/** Starts the thread. @return false with `err` */
bool verifier_start(struct verifier *verifier, struct error *err);
/** Ends the thread after the check that it is at. What waits, and what is sent from now on, comes back CHECK_BUSY.
 *  NULL is fine. */
void verifier_stop(struct verifier *verifier);
/** After verifier_stop(), when nobody can send any more. NULL is fine. */
void verifier_destroy(struct verifier *verifier);
/** Takes `check`; it comes back to `to`, its verdict given, always. */
void verifier_submit(struct verifier *verifier, struct check *check, struct mailbox *to);
/** How many hashes were computed so far. */
uint64_t verifier_count(struct verifier *verifier);

/** @param phrase  without NUL, at most HASH_PHRASE_BYTES  @param address  of the client, as printed  @param key  of the
 *  user that it names, at that address */
struct check *check_create(struct handle owner, struct span phrase, const char *hash, bool pretended,
                           const char *address, const struct failures_key *key);
/** Nobody waits for it any more: it need not be computed. It comes back all the same. Thread: the sender. */
void check_abandon(struct check *check);
/** Wipes and frees. */
void check_destroy(struct check *check);

#endif
