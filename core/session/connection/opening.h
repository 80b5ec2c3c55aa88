// core/session/connection/opening.h: a session begins, with or without a connection, and is freed.
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_OPENING_H
#define SESSION_CONNECTION_OPENING_H

#include "session/client/session.h"

/** Creates a session for a new connection, whose descriptor and TLS context it takes. The caller adds it to the set. */
struct session *session_create(struct sessions *sessions, const struct accepted *accepted);
/** Creates a session without a connection that is exported. The caller adds it to the set.
 *  @param name  of the export  @param format  of what it is sent */
struct session *session_create_exported(struct sessions *sessions, struct exported *exported, const char *name,
                                        const struct amp_plugin *format);
/** Creates a session without a connection, with the listener and address of `opener`. The caller adds it to the set.
 *  @param id  its number, from session_limits_next_id() */
struct session *session_create_detached(const struct session *opener, uint64_t id);
/** Frees the session at once. Only sessions.c and move.c call it; others use session_end(). */
void session_destroy(struct session *session);

#endif
