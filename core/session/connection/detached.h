// core/session/connection/detached.h: sessions without a connection: they collect what comes for them, and answer the
// requests that connections of any worker pass to them (astmanproxy/plugin.h: amp_session_open_detached()).
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_DETACHED_H
#define SESSION_CONNECTION_DETACHED_H

#include "letters/request.h"
#include "session/client/session.h"

/** Handles a request to one of these sessions, or the answer to a request of one (taken). */
void detached_take_request(struct sessions *sessions, struct session_request *request);
/** session_flush() of a session without a connection: tells its protocol that something was collected, limits that, and
 *  ends the session if it finishes. */
void detached_flush(struct session *session);
/** The session ends: requests to it are answered without bytes, its key finds nothing. */
void detached_forget(struct session *session);

#endif
