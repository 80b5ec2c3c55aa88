// core/session/access/credentials.h: does a Login prove who it says it is? By Key at once; by Secret at once or, where
// a hash is to be computed, later: then the check is on its way to the verifier and comes back through the worker's
// mailbox. Whoever is refused waits as long: for a user that is unknown, or has a plain secret, a hash is computed like
// for the others, if there are others with hashes.  Thread: the session's worker.
#ifndef SESSION_ACCESS_CREDENTIALS_H
#define SESSION_ACCESS_CREDENTIALS_H

#include "auth/verifier.h"
#include "session/connection/session.h"

enum credentials_result {
    CREDENTIALS_RIGHT,
    CREDENTIALS_WRONG,
    PROOF_LIMITED,       // it was not looked at: this user failed too often from there
    CREDENTIALS_UNKNOWN, // nobody could look at it: too many wait
    CREDENTIALS_PENDING  // the session waits (WAIT_CREDENTIALS)
};

/** More about a result. */
struct credentials {
    const struct user_config *user; // CREDENTIALS_RIGHT: who it is
    const char *reason;             // for the log; NULL: no such user, or another secret
    bool counted;                   // among the failures of the address, or not to be
};

/** Looks at the Login `action`. A challenge is used up by it. */
enum credentials_result credentials_begin(struct session *session, const struct message *action,
                                          struct credentials *credentials);
/** `check` has come back. If the configuration has changed meanwhile, what counts is what it says now: that may begin
 *  another check. */
enum credentials_result credentials_finish(struct session *session, const struct message *action,
                                           const struct check *check, struct credentials *credentials);
/** What the failures of the Login `action` are counted under. */
struct failures_key proof_key(const struct session *session, const struct message *action);

#endif
