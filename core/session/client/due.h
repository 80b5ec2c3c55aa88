// core/session/client/due.h: the times at which something is to be done for a session (connection/expire.h), in
// milliseconds of clock_ms(). Thread: the session's worker.
#ifndef SESSION_CLIENT_DUE_H
#define SESSION_CLIENT_DUE_H

#include "session/client/session.h"

/** Sets (0: clears) the time at which the session ends, its failed login is answered, or its `WaitEvent` ends. */
void due_set_deadline(struct session *session, uint64_t deadline_ms);
/** Sets (0: clears) the time at which detection gives up, or the protocol's timer() is called. */
void due_set_timer(struct session *session, uint64_t timer_ms);
/** Returns the earliest time at which session_expire() has something to do; DEADLINE_NEVER: there is none. */
uint64_t due_first_ms(const struct session *session);
/** Returns when limits.actions_per_second allows one more action. */
uint64_t due_rate_ms(const struct session *session);
/** Sets the time at which session_expire() is called next, after a deadline, a timer or a limit of the session changed.
 */
void due_watch(struct session *session);
/** Has the timer of the sessions call back at the earliest of their times. It may call too early, which does nothing.
 */
void due_arm(struct sessions *sessions, uint64_t now);

#endif
