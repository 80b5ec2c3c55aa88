// core/session/drain.h: the proxy goes down: the sessions of a worker end, in order.  Thread: the worker's.
// sessions_drain() (sessions.h) begins it.
#ifndef SESSION_DRAIN_H
#define SESSION_DRAIN_H

#include "session/connection/session.h"

/** Is the proxy going down, and the action not one of the few that are still taken: Ping, the login of a connection
 *  that has just come (its client would take an Error for a wrong secret), Logoff? */
bool drain_refuses(const struct session *session, struct span action, struct span proxy_action);
/** Says so once the last session is gone. */
void drain_check(struct sessions *sessions);
/** Tells a protocol that what it works on is the last: it ends the session then, or now. @return false: none was told
 */
bool drain_ask(struct session *session);
void drain_fini(struct sessions *sessions);

#endif
