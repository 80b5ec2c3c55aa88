// core/session/scripting/calls.h: actions that scripts send (amp.call). One that a proxy action sends for a session is
// judged by the action hooks of that session's filters first, as one of the client's own; not by its user's rights,
// since giving more than these is what proxy actions are for.  Thread: the worker's.
#ifndef SESSION_SCRIPTING_CALLS_H
#define SESSION_SCRIPTING_CALLS_H

#include "session/connection/set.h"

/** struct script_host: call */
void script_host_call(void *context, struct script_call *call, const char *server, struct message *action,
                      uint64_t timeout_ms);
/** struct script_host: leave */
void script_host_leave(void *context, struct script_call *call);
/** The session goes: its filters will not say anything of calls any more. */
void script_calls_leave(struct session *session);
/** All scripts go: ends what they wait for. */
void script_calls_finish(struct sessions *sessions);

#endif
