// core/session/scripting/states.h: all script states of a worker: the one in use, and those of earlier configurations
// that still wait for something. News about sessions go through here, so that all of them receive it.
// Thread: the worker's.
#ifndef SESSION_SCRIPTING_STATES_H
#define SESSION_SCRIPTING_STATES_H

#include "base/handles.h"
#include "base/list.h"
#include "session/scripting/scripts.h"

/** All zero: no scripts. */
struct script_states {
    struct scripts *current;
    struct list_head retired;
};

/** Frees all scripts. All sessions must have ended, and no script may wait for an answer. */
void script_states_fini(struct script_states *states);
/** Replaces the scripts in use by `fresh` (taken). The old ones start nothing new; tasks that wait in them have ten
 *  seconds more before they end with an error. */
void script_states_change(struct script_states *states, struct scripts *fresh);
/** Frees retired scripts that wait for nothing. No session may have a view of theirs. */
void script_states_sweep(struct script_states *states);
/** Runs what is due in all scripts, then frees retired scripts that wait for nothing. */
void script_states_tick(struct script_states *states);
/** Returns the time for the next script_states_tick(), as of clock_ms(); UINT64_MAX: nothing waits. */
uint64_t script_states_due(const struct script_states *states);
/** Makes all scripts forget a session that has ended. */
void script_states_session_ended(struct script_states *states, struct handle session);
/** Drops the tasks that retired scripts have for the session; the scripts in use will start them again. */
void script_states_leave_retired(struct script_states *states, struct handle session);

#endif
