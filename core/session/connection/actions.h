// core/session/connection/actions.h: handles a message of a client: answers it, refuses it, or asks a server.
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_ACTIONS_H
#define SESSION_CONNECTION_ACTIONS_H

#include "session/client/session.h"

/** Handles one message. @return false: it must wait until earlier actions are answered, and nothing was done */
bool actions_dispatch(struct session *session, struct held *held);
/** Judges the session's unanswered actions again, after its rights or rules have changed. What it may not send any more
 *  and still waits for its server is not sent. */
void actions_judge_again(struct session *session);

#endif
