// core/session/connection/move.h: a session goes to another worker: the one that keeps what its client has missed
// (delivery/resume.h). It goes at the end of a turn, when nobody up the stack holds it and nothing of it is in flight,
// with its connection, its TLS state, what was read, and what its decoder or protocol knows.
#ifndef SESSION_CONNECTION_MOVE_H
#define SESSION_CONNECTION_MOVE_H

#include <stdint.h>

struct session;
struct sessions;

/** The session is to go to another worker: nothing more is done for its client here. Thread: the session's worker. */
void move_begin(struct session *session, uint32_t worker);
/** Lets go of the sessions that are to leave and may. Call it at the end of a turn. Thread: the worker's. */
void move_leave(struct sessions *sessions);
/** Takes in a session that has left another worker, and goes on with what its client has said. Thread: the worker's. */
void move_arrive(struct sessions *sessions, struct session *session);
/** Frees a session that is on its way while the program ends. Thread: any; nobody else has the session. */
void move_discard(struct session *session);

#endif
