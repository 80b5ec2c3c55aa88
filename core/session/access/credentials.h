// core/session/access/credentials.h: does a Login prove who it says it is? By Key at once; by Secret at once or, where
// a hash is to be computed, later: then the check is on its way to the verifier and comes back through the worker's
// mailbox. Whoever is refused waits as long: for a user that is unknown, or has a plain secret, a hash is computed like
// for the others, if there are others with hashes.  Thread: the session's worker.
#ifndef SESSION_ACCESS_CREDENTIALS_H
#define SESSION_ACCESS_CREDENTIALS_H

#include "auth/verifier.h"
#include "session/connection/session.h"

enum proof_result {
    PROOF_RIGHT,
    PROOF_WRONG,
    PROOF_LIMITED, // it was not looked at: this user failed too often from there
    PROOF_UNKNOWN, // nobody could look at it: too many wait
    PROOF_PENDING  // session->check is on its way
};

/** More about a result. */
struct proof {
    const struct user_config *user; // PROOF_RIGHT: who it is
    const char *reason;             // for the log; NULL: no such user, or another secret
    bool counted;                   // among the failures of the address, or not to be
};

/** Looks at the Login `action`. A challenge is used up by it. */
enum proof_result proof_begin(struct session *session, const struct message *action, struct proof *proof);
/** `check` has come back. If the configuration has changed meanwhile, what counts is what it says now: that may begin
 *  another check. */
enum proof_result proof_finish(struct session *session, const struct message *action, const struct check *check,
                               struct proof *proof);
/** What the failures of the Login `action` are counted under. */
struct failures_key proof_key(const struct session *session, const struct message *action);

#endif
