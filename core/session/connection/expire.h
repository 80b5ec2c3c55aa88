// core/session/connection/expire.h: what happens when a time limit of a session is reached.
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_EXPIRE_H
#define SESSION_CONNECTION_EXPIRE_H

#include "session/client/session.h"

/** Handles a deadline or timer that has expired. */
void session_expire(struct session *session, uint64_t now_ms);

#endif
