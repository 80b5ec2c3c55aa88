// core/session/scripting/host.h: the functions of scripts for this worker's sessions, for servers and for the hub
// (struct script_host of script/script.h).  Thread: the worker's, except script_host_prepare().
#ifndef SESSION_SCRIPTING_HOST_H
#define SESSION_SCRIPTING_HOST_H

#include "session/client/set.h"

/** Loads the scripts of `config` for these sessions, without using them yet. Thread: any.
 *  @return NULL: `err` is set */
struct scripts *script_host_prepare(struct sessions *sessions, const struct config *config, struct error *err);
/** Ends everything for which scripts wait, and frees them. All sessions must have ended. */
void script_host_fini(struct sessions *sessions);
/** Informs the scripts of an event of a session. */
void script_host_tell(struct session *session, enum script_event event);
/** Makes the scripts forget a session, because it ends. */
void script_host_forget(struct session *session);
/** Informs the scripts which servers have gone up or down since the state `old`. */
void script_host_tell_servers(struct sessions *sessions, const struct servers_state *old);
/** Called when a command of a script is done. The letter stays the caller's. */
void script_host_command_done(struct sessions *sessions, struct command *command);

#endif
