// core/session/access/login.h: logs sessions in and out: Login, Challenge, Logoff, ProxyKey.
// Thread: the session's worker.
#ifndef SESSION_ACCESS_LOGIN_H
#define SESSION_ACCESS_LOGIN_H

#include "session/access/credentials.h"
#include "session/client/session.h"

/** How a failed Login is answered. */
struct login_failure {
    enum amp_reason reason;
    const char *text;
};

/** Answers `Action: Challenge`. */
void login_challenge(struct session *session, const struct message *action);
/** Answers `Action: Login`, at once or after the secret was checked. */
void login_login(struct session *session, const struct message *action);
/** Tells the counts of failed logins (auth/failures.h) that the Login `action` was right. */
void login_count_success(const struct session *session, const struct message *action);
/** Counts and logs that the Login `action` was not right, or was not checked. */
void login_count_failure(struct session *session, const struct message *action, enum credentials_result result,
                         const struct credentials *credentials);
/** Answers `Action: Logoff` and finishes the session. */
void login_logoff(struct session *session, const struct message *action);
/** Called when a secret was checked. The letter stays the caller's. */
void login_checked(struct sessions *sessions, const struct check *check);
/** Abandons the check of a secret, if there is one, because the session ends. */
void login_abandon(struct session *session);
/** Sends the delayed answer to a failed Login. */
void login_refuse(struct session *session);
/** Checks the ProxyKey header of `action`, if there is one and a key is configured.
 *  @return false: it was wrong; the session was sent an Error and ends */
bool login_proxy_key(struct session *session, const struct message *action);
/** Logs the session out, so that it is as when it was opened. */
void login_forget(struct session *session);
/** Starts the time limit for logging in, `auth.timeout`. */
void login_expect(struct session *session);
/** Logs in a session of the program itself, or one of the control socket, which is an admin; or changes its user.
 *  @param user  NULL: none, who sees everything
 *  @param mask  of the events that it wants */
void login_as(struct session *session, const struct user_config *user, uint32_t mask);
/** Gives the session all rights, because no login is required (`auth.required: false`). */
void login_open(struct session *session);

#endif
