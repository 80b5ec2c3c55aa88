// core/session/scripting/states.h: all script states of a worker: the one in use, and those of earlier configurations
// in which something still waits. Whoever has something to tell the scripts of a session tells it here, and it reaches
// all of them.  Thread: the worker's.
#ifndef SESSION_SCRIPTING_STATES_H
#define SESSION_SCRIPTING_STATES_H

#include "base/handles.h"
#include "base/list.h"
#include "session/scripting/scripts.h"

/** Zeroed: none. */
struct script_states {
    struct scripts *current;
    struct list_head retired;
};

/** Frees all. No session is there any more, and nothing waits for an answer. */
void script_states_fini(struct script_states *states);
/** `fresh` (taken) comes in place of the scripts in use. In those nothing new is started, and what waits in them has
 * ten seconds more before it is answered by an error. */
void script_states_change(struct script_states *states, struct scripts *fresh);
/** Frees retired scripts in which nothing waits any more. No session may have a view of theirs. */
void script_states_sweep(struct script_states *states);
/** What is due is done, in all of them; then those in which nothing waits go. */
void script_states_tick(struct script_states *states);
/** When script_states_tick() is to be called, on clock_ms(). @return UINT64_MAX: nothing waits */
uint64_t script_states_due(const struct script_states *states);
/** The session has ended: nothing of it is used by any script from here on. */
void script_states_session_ended(struct script_states *states, struct handle session);
/** What retired scripts have begun for the session is not waited for any more; those in use begin anew. */
void script_states_leave_retired(struct script_states *states, struct handle session);

#endif
