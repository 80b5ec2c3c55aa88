// core/session/access/credentials.h: checks the credentials of a Login. A Key and a plain Secret are checked at once.
// To compare a Secret with a hash, a check is sent to the verifier and comes back through the worker's mailbox. So that
// the time shows nothing, a hash is computed for an unknown user and for a wrong plain secret, too, if the
// configuration has hashes.  Thread: the session's worker.
#ifndef SESSION_ACCESS_CREDENTIALS_H
#define SESSION_ACCESS_CREDENTIALS_H

#include "auth/token.h"
#include "auth/verifier.h"
#include "session/client/session.h"

enum credentials_result {
    CREDENTIALS_RIGHT,
    CREDENTIALS_WRONG,
    CREDENTIALS_LIMITED, // not checked: too many failures of this user from this address
    CREDENTIALS_UNKNOWN, // not checked: too many checks wait
    CREDENTIALS_PENDING  // the session waits (WAIT_CREDENTIALS)
};

/** Details of a result. */
struct credentials {
    const struct user_config *user; // CREDENTIALS_RIGHT: the user
    bool elsewhere;                 // the digest is right, but its user may not log in from the session's address
    struct by_token *token;         // CREDENTIALS_RIGHT by a token: it, the caller's; NULL: by a secret
    const char *reason;             // for the log; NULL: an unknown user, or a wrong secret
    bool counted;                   // already counted as a failure of the address, or must not be
};

/** Checks the Login `action`. The session's challenge is used up, whatever the result.
 *  @param credentials  set to the details of the result */
enum credentials_result credentials_begin(struct session *session, const struct message *action,
                                          struct credentials *credentials);
/** Continues after `check` (borrowed) has come back. If the user's secret has changed meanwhile, the Login is checked
 *  again.
 *  @param credentials  set to the details of the result */
enum credentials_result credentials_finish(struct session *session, const struct message *action,
                                           const struct check *check, struct credentials *credentials);
/** Returns the value of the first header `name` of the action; an empty span: there is none. Valid as long as the
 *  message. */
struct span credentials_header(const struct message *action, const char *name);
/** Returns the name of the user that the Login names; if none, that its token claims, in `buffer`. */
struct span credentials_name(const struct message *action, char buffer[TOKEN_USER_BYTES + 1]);
/** Returns the key under which failures of the Login `action` are counted. */
struct failures_key credentials_failures_key(const struct session *session, const struct message *action);

/** Makes the challenge of a Login with an MD5 key, in place of the last one. @return its text, lent */
const char *credentials_challenge(struct session *session);

#endif
