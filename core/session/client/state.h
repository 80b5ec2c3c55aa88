// core/session/client/state.h: the states of a connection, and which state may follow which. session_enter() is the
// only writer of a session's state.  Thread: the session's worker.
#ifndef SESSION_CLIENT_STATE_H
#define SESSION_CLIENT_STATE_H

#include <stdbool.h>
#include <stdint.h>

struct session;

/** In the order in which a session passes through them. After a handshake it returns to detecting. */
enum session_state {
    SESSION_DETECTING, // it is not known yet what the client speaks, or whether it encrypts
    SESSION_HANDSHAKE, // the TLS handshake has begun
    SESSION_OPEN,      // the format or protocol is known
    SESSION_FINISHING, // takes no more input, and ends after everything is written
    SESSION_LINGERING, // everything is written and the writing side is shut; waits for the client to close
    SESSION_DEAD,      // has ended; freed at the end of the loop's turn
    SESSION_STATES     // the number of states
};

/** Returns the state's name in the log. */
const char *session_state_name(enum session_state state);
/** May a session in the state `from` enter `to`? */
bool session_state_may_follow(enum session_state from, enum session_state to);
/** Returns the longest stay in a state, in milliseconds; 0: the configuration or the caller of session_enter() sets it.
 */
uint64_t session_state_stay_ms(enum session_state state);
/** Enters a state, logs it and sets its longest stay, in place of the timer of the state before or of the detection.
 *  @return false: `to` may not follow, and nothing has changed */
bool session_enter(struct session *session, enum session_state to);

#endif
