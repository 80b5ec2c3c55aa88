// core/session/connection/wait.h: what a session waits for before it acts upon what its client sends next: one thing at
// a time, with its reason.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_WAIT_H
#define SESSION_CONNECTION_WAIT_H

#include "ami/message.h"

#include <stdbool.h>

struct check;
struct login_failure;

enum wait_reason {
    WAIT_NONE,
    WAIT_VERDICT,      // the user's scripts judge the first action that is held
    WAIT_PROXY_ACTION, // a script is at work on the answer
    WAIT_CREDENTIALS,  // a secret is being checked
    WAIT_LOGIN_DELAY,  // a failed Login is answered at the session's deadline
    WAIT_EVENT,        // WaitEvent
    WAIT_FORMAT,       // SetInputFormat has not had its turn: what follows cannot be decoded yet (input_waits_for())
    WAIT_RATE,         // limits.actions_per_second is used up
    WAIT_REASONS       // how many there are
};

/** Zeroed: waits for nothing. */
struct wait {
    enum wait_reason why;
    bool parked;                         // who began it has returned: its end sets the session going again
    bool announced;                      // WAIT_EVENT: the event is on its way
    struct message *action;              // that is not answered yet, one reference; NULL: none of its own
    struct check *check;                 // WAIT_CREDENTIALS: lent; it always comes back before it is freed
    const struct login_failure *failure; // WAIT_LOGIN_DELAY: what the answer will be
};

/** Begins to wait, in place of what was waited for until now. @param action  NULL: none; a reference is taken */
void wait_begin(struct wait *wait, enum wait_reason why, const struct message *action);
/** Who began to wait for `why` returns now. Nothing happens if that has ended meanwhile. */
void wait_park(struct wait *wait, enum wait_reason why);
/** Ends waiting for `why`; nothing happens if the wait is for something else. @return it was parked: whoever ends it
 *  sets the session going again (input_resume()) */
bool wait_end(struct wait *wait, enum wait_reason why);
/** Ends whatever wait there is, and lets go of its action. */
void wait_clear(struct wait *wait);
/** Is nothing decoded until it is over? */
bool wait_stops_input(enum wait_reason why);
/** Is something at work for the client, so that it is not idle? */
bool wait_is_work(enum wait_reason why);

#endif
