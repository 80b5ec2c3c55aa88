// core/session/access/login.h: who the client is: Login, Challenge, Logoff, ProxyKey.  Thread: the session's worker.
#ifndef SESSION_ACCESS_LOGIN_H
#define SESSION_ACCESS_LOGIN_H

#include "session/connection/session.h"

/** How a failed Login is answered. */
struct login_failure {
    enum amp_reason reason;
    const char *text;
};

void login_challenge(struct session *session, const struct message *action);
void login_login(struct session *session, const struct message *action);
void login_logoff(struct session *session, const struct message *action);
/** The session goes: its check, if one is on its way, finds nobody. */
void login_abandon(struct session *session);
/** The delayed answer to a failed Login. */
void login_refuse(struct session *session);
/** Judges the ProxyKey header of `action`, if there is one and a key is configured.
 *  @return false: it was wrong, the session has been told and ends */
bool login_proxy_key(struct session *session, const struct message *action);
/** Who the session was logged in as is forgotten: it is as when it was opened. */
void login_forget(struct session *session);
/** The session is to log in within `auth.timeout`, counted from now. */
void login_expect(struct session *session);
/** Everything is allowed to everybody (`auth.required: false`), until somebody logs in. */
void login_open(struct session *session);

#endif
