// core/session/delivery/slow.h: the rule for a session that does not read (`limits.slow_client`).
// Thread: the session's worker.
#ifndef SESSION_DELIVERY_SLOW_H
#define SESSION_DELIVERY_SLOW_H

#include "session/client/session.h"

/** Applies the rule to a session whose backlog exceeds `limits.output_backlog`: drops its unread events, or ends it. */
void slow_apply(struct session *session);

#endif
