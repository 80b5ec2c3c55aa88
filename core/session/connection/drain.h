// core/session/connection/drain.h: ends the sessions of a worker in order when the proxy goes down.  Thread: the
// worker's.
#ifndef SESSION_CONNECTION_DRAIN_H
#define SESSION_CONNECTION_DRAIN_H

#include "session/client/session.h"

/** Begins to end all sessions, as sessions_drain() says. */
void drain_start(struct sessions *sessions, uint64_t close_by_ms);
/** Must the action be refused because the proxy is going down? Still accepted are Ping, Logoff and logins (the client
 *  would take an Error for a wrong secret). */
bool drain_refuses(const struct session *session, struct span action, struct span proxy_action);
/** Informs and closes a session that has come from another worker, if the last session of this worker has ended: no
 *  tick does it any more. */
void drain_arrived(struct session *session);
/** Calls drained() of the link after the last session has ended. */
void drain_check(struct sessions *sessions);
/** Asks a protocol to end the session after its present request, or now if it has none.
 *  @return false: the session has no protocol that can be asked */
bool drain_ask(struct session *session);
/** Frees the timer. */
void drain_fini(struct sessions *sessions);

#endif
