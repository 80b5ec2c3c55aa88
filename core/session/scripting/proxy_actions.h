// core/session/scripting/proxy_actions.h: `ProxyAction:`: what a client asks of the proxy itself.  Thread: the
// session's worker.
#ifndef SESSION_SCRIPTING_PROXY_ACTIONS_H
#define SESSION_SCRIPTING_PROXY_ACTIONS_H

#include "session/connection/session.h"

/** Runs the proxy action `name` of `action`, or answers that there is none of that name. The session may do so. */
void proxy_actions_run(struct session *session, struct message *action, struct span name);

#endif
