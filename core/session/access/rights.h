// core/session/access/rights.h: what a session may ask of which server.  Thread: the session's worker.
#ifndef SESSION_ACCESS_RIGHTS_H
#define SESSION_ACCESS_RIGHTS_H

#include "session/connection/session.h"

/** Where an action goes. */
struct target {
    bool all;           // every server that is up
    struct span server; // else that one, which may be unknown or down; empty: none is up. Lent for now
};

/** Where the session's action would go now, by the rule of the hub (server/servers.c): the user's own server, then the
 *  first `Server:` that says something, then the first server that is up. */
struct target rights_target(const struct session *session, const struct message *action);
/** May the session send the action `name`? What the server has told of its actions counts (of all servers that are up,
 * if it is for all), then the catalogue.
 *  @param server  value of the action's `Server:`, may be empty */
bool rights_allow(const struct session *session, struct span name, struct span server);
/** Leaves out of an answer to ListCommands the actions that the asker may not send; what the proxy itself answers
 * stays.
 *  @param answer  taken; any other answer comes back as it is
 *  @return the caller's */
struct message *rights_trim(const struct ask *ask, struct message *answer);

#endif
