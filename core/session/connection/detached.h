// core/session/connection/detached.h: sessions without a connection: they collect what comes for them, and answer the
// requests that connections of any worker pass to them (astmanproxy/plugin.h: amp_session_open_detached()).
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_DETACHED_H
#define SESSION_CONNECTION_DETACHED_H

#include "letters/request.h"
#include "session/connection/session.h"

/** session_flush() of a session without a connection: tells its protocol that something was collected, limits that, and
 *  ends the session if it finishes. */
void detached_flush(struct session *session);
/** The session ends: its own request is withdrawn. To be called before anybody can learn of the end (the log), as the
 *  answer to a request that is not withdrawn takes the events that were collected. */
void detached_withdraw(struct session *session);
/** The session ends: requests to it are answered without bytes, its key finds nothing. */
void detached_forget(struct session *session);

#endif
