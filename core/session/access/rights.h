// core/session/access/rights.h: which server an action goes to, and whether the session may send it there.
// Thread: the session's worker.
#ifndef SESSION_ACCESS_RIGHTS_H
#define SESSION_ACCESS_RIGHTS_H

#include "session/client/session.h"

struct view;

/** The server to which an action goes. */
struct target {
    bool named;         // the client wrote `Server:`
    bool all;           // all servers that are up
    struct span server; // else this one, which may be unknown or down; empty: none is up. Lent by session or action
};

/** Returns the server to which the session's action would go now, by the rule of the hub (server/servers.c): the user's
 *  own server, then the first `Server:` that is not empty, then the first server that is up. */
struct target rights_target(const struct session *session, const struct message *action);
/** Returns the view of a session with that user (NULL: without one) under the scripts in use: its filters, and which
 *  calls it sees. No filter sees the messages of the control socket.
 *  @param config  that `user` belongs to  @return NULL: nothing is filtered */
struct view *rights_view(const struct session *session, const struct config *config, const struct user_config *user);
/** May the session send the action `name`? The server's own list of actions decides (for `Server: *` those of all
 *  servers that are up), then the catalogue.
 *  @param server  value of the action's `Server:`, may be empty */
bool rights_allow(const struct session *session, struct span name, struct span server);
/** Does rights_trim() look at the answer to this ask? */
bool rights_trims(const struct ask *ask);
/** Removes the actions that the asker may not send from an answer to ListCommands. Those that the proxy itself answers
 *  stay.
 *  @param answer  taken; the answer to any other action is returned as it is
 *  @return the caller's */
struct message *rights_trim(const struct ask *ask, struct message *answer);

#endif
