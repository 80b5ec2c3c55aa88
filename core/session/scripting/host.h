// core/session/scripting/host.h: the functions of scripts for this worker's sessions, for servers and for the hub
// (struct script_host of script/script.h).  Thread: the worker's, except script_host_init() and sessions_prepare().
#ifndef SESSION_SCRIPTING_HOST_H
#define SESSION_SCRIPTING_HOST_H

#include "session/connection/set.h"

/** Prepares the host. There are no scripts before sessions_reconfigure(). */
void script_host_init(struct sessions *sessions);
/** Ends everything for which scripts wait, and frees them. All sessions must have ended. */
void script_host_fini(struct sessions *sessions);
/** Informs the scripts of an event of a session. */
void script_host_tell(struct session *session, enum script_event event);
/** Makes the scripts forget a session, because it ends. */
void script_host_forget(struct session *session);
/** Sets the timer to the time at which scripts have something to do. Called at the end of each turn, as any letter or
 *  byte may have begun a wait of a script. */
void script_host_arm(struct sessions *sessions);
/** Passes a part of an answer to the script that has asked. @param message  without the proxy's ActionID; lent */
void script_host_answer(struct sessions *sessions, const struct entry *entry, struct message *message);
#endif
