// core/session/scripting/calls.h: actions that scripts send (amp.call). If a proxy action sends one for a session, the
// action hooks of that session's filters judge it first, as they judge the client's own actions. The user's rights do
// not matter, because the purpose of proxy actions is to give users more than their rights.  Thread: the worker's.
#ifndef SESSION_SCRIPTING_CALLS_H
#define SESSION_SCRIPTING_CALLS_H

#include "session/client/set.h"

/** Implements `call` of struct script_host: sends an action of a script. */
void script_host_call(void *context, struct script_call *call, const char *server, struct message *action,
                      uint64_t timeout_ms);
/** A part of `leave` of struct script_host: withdraws an action of a script. */
void script_host_leave(void *context, struct script_call *call);
/** Passes a part of an answer to the script that has asked. @param message  without the proxy's ActionID; lent */
void script_calls_answer(struct sessions *sessions, const struct entry *entry, struct message *message);
/** Ends the calls that the session's filters are judging, because the session ends. */
void script_calls_leave(struct session *session);
/** Ends all calls, because all scripts end. */
void script_calls_finish(struct sessions *sessions);

#endif
