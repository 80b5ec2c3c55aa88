// core/session/scripting/proxy_actions.h: `ProxyAction:`: actions for the proxy itself.  Thread: the session's worker.
#ifndef SESSION_SCRIPTING_PROXY_ACTIONS_H
#define SESSION_SCRIPTING_PROXY_ACTIONS_H

#include "session/client/session.h"

/** Runs the proxy action `name`, which `action` asks for, or answers that there is none. The judgement
 *  has passed it. */
void proxy_actions_run(struct session *session, struct message *action, struct span name);

#endif
