// core/session/connection/flush.h: writes what waits for a session.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_FLUSH_H
#define SESSION_CONNECTION_FLUSH_H

#include "session/client/session.h"

/** Writes as much as the connection takes; applies the slow-client rule. Ends the session if it finishes and everything
 *  is written. */
void session_flush(struct session *session);

#endif
