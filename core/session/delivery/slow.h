// core/session/delivery/slow.h: the rule for a session that does not read (`limits.slow_client`).
// Thread: the session's worker.
#ifndef SESSION_DELIVERY_SLOW_H
#define SESSION_DELIVERY_SLOW_H

#include "session/client/session.h"

/** More waits for the session than `limits.output_backlog`: drops events or ends it. */
void slow_apply(struct session *session);

#endif
