// core/session/connection/reconfigure.h: a session under another configuration. Thread: the worker's.
#ifndef SESSION_CONNECTION_RECONFIGURE_H
#define SESSION_CONNECTION_RECONFIGURE_H

struct config;
struct scripts;
struct session;
struct sessions;

/** Gives a session the rights and filters that its user has in `config`, with views of the scripts in use; ends it if
 *  its user is gone. */
void reconfigure_session(struct session *session, struct config *config);
/** Changes all sessions over to `config` (one reference is taken) and its scripts (taken). Sessions stay, with the
 *  rights and filters that their users have in `config`; a session whose user was removed ends. */
void reconfigure_sessions(struct sessions *sessions, struct config *config, struct scripts *scripts);

#endif
