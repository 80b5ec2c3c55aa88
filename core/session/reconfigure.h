// core/session/reconfigure.h: a session under another configuration. Thread: the worker's.
#ifndef SESSION_RECONFIGURE_H
#define SESSION_RECONFIGURE_H

struct config;
struct session;
struct sessions;

/** Gives a session the rights and filters that its user has in `config`, with views of the scripts in use; ends it if
 *  its user is gone. */
void reconfigure_session(struct sessions *sessions, struct session *session, struct config *config);

#endif
