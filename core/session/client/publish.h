// core/session/client/publish.h: what others know of a session: its entry in the directory, and the counts of the
// session limits.  Thread: the session's worker.
#ifndef SESSION_CLIENT_PUBLISH_H
#define SESSION_CLIENT_PUBLISH_H

#include "session/client/session.h"
#include "session/directory.h"

/** An entry with the one text that is not the session's own. */
struct session_shown {
    struct directory_entry entry;
    char action_id[128]; // longer ones are cut
};

/** Fills the session's entry for the directory. Its texts are lent, by the session and `shown`. */
void publish_describe(const struct session *session, struct session_shown *shown);
/** Removes the session from the counts of the session limits, as it ends. */
void publish_leave(struct session *session);
/** Updates the session's entry in the directory, and its login in the session limits. */
void publish_session(struct session *session);
/** Ends the time limit for logging in, because the client of this connection has shown the key of a session that has
 *  logged in, or a right digest. Does nothing the second time. */
void publish_vouch(struct session *session);

#endif
