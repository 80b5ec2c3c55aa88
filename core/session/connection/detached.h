// core/session/connection/detached.h: sessions without a connection: they collect what comes for them, and answer the
// requests that connections of any worker pass to them (astmanproxy/plugin.h: amp_session_open_detached()).
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_DETACHED_H
#define SESSION_CONNECTION_DETACHED_H

#include "letters/request.h"
#include "session/client/session.h"

/** Handles a request (taken) to a session of this worker, or the answer to a request of such a session. */
void detached_take_request(struct sessions *sessions, struct session_request *request);
/** session_flush() of a session without a connection: tells its protocol that something was collected, limits
 *  what is collected, and ends the session if it finishes. */
void detached_flush(struct session *session);
/** Called when a session ends: removes its key, so that it gets no more requests. */
void detached_forget(const struct session *session);
/** Called before a session that has ended is freed: answers the requests to it without bytes. Not at its end, as its
 *  protocol may be running, and an answered request may be freed by another thread. */
void detached_refuse(struct session *session);

#endif
