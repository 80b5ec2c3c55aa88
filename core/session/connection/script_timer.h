// core/session/connection/script_timer.h: runs the periodic work of a worker's scripts.  Thread: the worker's.
#ifndef SESSION_CONNECTION_SCRIPT_TIMER_H
#define SESSION_CONNECTION_SCRIPT_TIMER_H

#include "session/client/set.h"

/** Makes the timer. */
void script_timer_init(struct sessions *sessions);
/** Frees the timer. */
void script_timer_fini(struct sessions *sessions);
/** Sets the timer to the time at which scripts have something to do. Called at the end of each turn, as any letter or
 *  byte may have begun a wait of a script. */
void script_timer_arm(struct sessions *sessions);
/** Called after all letters of a turn: runs the scripts' periodic work, and loads them again if they have used up their
 *  memory. */
void script_timer_rest(struct sessions *sessions);

#endif
