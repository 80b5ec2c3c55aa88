// core/session/connection/move.h: a session goes to another worker: the one that keeps what its client has missed
// (delivery/resume.h). It goes at the end of a turn, when nobody up the stack holds it and nothing of it is in flight,
// with its connection, its TLS state, what was read, and what its decoder or protocol knows.
#ifndef SESSION_CONNECTION_MOVE_H
#define SESSION_CONNECTION_MOVE_H

#include <stdint.h>

struct session;
struct sessions;

/** Begins to move a session to another worker: no message of its client is handled here any more. Thread: the session's
 *  worker. */
void move_begin(struct session *session, uint32_t worker);
/** Sends the sessions for which move_begin() was called to their new workers, unless an ask or a request of theirs is
 * in flight. Call it at the end of a turn. Thread: the worker's. */
void move_leave(struct sessions *sessions);
/** Adds a session (taken) that has left another worker, and handles what its client has sent. Thread: the worker's. */
void move_arrive(struct sessions *sessions, struct session *session);
/** Frees a session that is on its way while the program ends. Thread: any; nobody else has the session. */
void move_discard(struct session *session);

#endif
