// core/session/client/wait.h: what a session waits for before it handles the next message of its client: one thing
// at a time, with its reason.  Thread: the session's worker.
#ifndef SESSION_CLIENT_WAIT_H
#define SESSION_CLIENT_WAIT_H

#include "ami/message.h"

#include <stdbool.h>

struct check;
struct login_failure;

enum wait_reason {
    WAIT_NONE,
    WAIT_VERDICT,      // the user's scripts judge the first held action
    WAIT_PROXY_ACTION, // a script works on the answer
    WAIT_CREDENTIALS,  // a secret is being checked
    WAIT_LOGIN_DELAY,  // a failed Login is answered at the session's deadline
    WAIT_EVENT,        // WaitEvent
    WAIT_FORMAT,       // a held SetInputFormat: the bytes that follow cannot be decoded yet (input_waits_for())
    WAIT_RATE,         // limits.actions_per_second is reached
    WAIT_MOVE,         // it goes to another worker (move.h)
    WAIT_REASONS       // the number of reasons
};

/** A session's wait. All zero: the session waits for nothing. */
struct wait {
    enum wait_reason why;
    bool parked;                         // the function that began the wait has returned: see wait_end()
    bool announced;                      // WAIT_EVENT: the response was sent, the event follows
    struct message *action;              // the action that is answered after the wait, one reference; NULL: none
    struct check *check;                 // WAIT_CREDENTIALS: lent; it always comes back before it is freed
    const struct login_failure *failure; // WAIT_LOGIN_DELAY: what the answer will be
};

/** Begins a wait, which replaces the present one. @param action  NULL: none; a reference is taken */
void wait_begin(struct wait *wait, enum wait_reason why, const struct message *action);
/** Notes that the function that began the wait returns. Does nothing if the wait for `why` has ended. */
void wait_park(struct wait *wait, enum wait_reason why);
/** Ends the wait for `why`. Does nothing if the session waits for something else.
 *  @return true: the wait was parked, and the caller must call input_resume() */
bool wait_end(struct wait *wait, enum wait_reason why);
/** Ends the wait, whatever its reason, and releases its action. */
void wait_clear(struct wait *wait);
/** Does this wait stop decoding? */
bool wait_stops_input(enum wait_reason why);
/** Is the proxy working for the client during this wait, so that the session is not idle? */
bool wait_is_work(enum wait_reason why);

#endif
