// core/session/connection/state.h: the stages of a connection, and which may follow which. session_enter() is the only
// writer of a session's state.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_STATE_H
#define SESSION_CONNECTION_STATE_H

#include <stdbool.h>
#include <stdint.h>

struct session;

/** In the order in which a session goes through them; only a handshake leads back. */
enum session_state {
    SESSION_DETECTING, // not known yet what it speaks, or whether it encrypts
    SESSION_HANDSHAKE, // TLS has begun
    SESSION_OPEN,      // its format or protocol is known
    SESSION_FINISHING, // ends once everything is written; takes no more input
    SESSION_LINGERING, // everything is written and said; waits for the client to close
    SESSION_DEAD,      // nobody finds it any more; freed at the end of the turn
    SESSION_STATES     // how many there are
};

/** As the log has it. */
const char *session_state_name(enum session_state state);
/** May a session in the state `from` enter `to`? */
bool session_state_may_follow(enum session_state from, enum session_state to);
/** How long a session stays at most. @return milliseconds; 0: configured, and set by whoever enters */
uint64_t session_state_stay_ms(enum session_state state);
/** Enters a state: logs it, and sets the longest stay. @return false: it may not follow, nothing has changed */
bool session_enter(struct session *session, enum session_state to);

#endif
