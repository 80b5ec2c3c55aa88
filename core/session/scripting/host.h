// core/session/scripting/host.h: what scripts ask of this worker's sessions, and of servers and the hub through them
// (script/script.h: struct script_host).  Thread: the worker's, but for script_host_init() and sessions_prepare().
#ifndef SESSION_SCRIPTING_HOST_H
#define SESSION_SCRIPTING_HOST_H

#include "session/connection/set.h"

/** Scripts are not there before sessions_reconfigure(). */
void script_host_init(struct sessions *sessions);
/** Ends what waits and frees all scripts. No session is there any more. */
void script_host_fini(struct sessions *sessions);
/** Tells the scripts what happens to a session. */
void script_host_tell(struct session *session, enum script_event event);
/** The session goes: nothing of it may be used by a script any more. */
void script_host_forget(struct session *session);
/** Sets the timer to when scripts have something to do next; at the end of every turn, since any of its letters and
 *  bytes may have begun a wait. */
void script_host_arm(struct sessions *sessions);
/** Part of the answer to a script's question. @param message  without our ActionID; lent */
void script_host_answer(struct sessions *sessions, const struct entry *entry, struct message *message);
#endif
