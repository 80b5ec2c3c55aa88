// core/session/connection/local_actions.h: the actions that are state of the session, and are answered by it.
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_LOCAL_ACTIONS_H
#define SESSION_CONNECTION_LOCAL_ACTIONS_H

#include "session/connection/session.h"

struct local_action {
    struct span name;
    bool before_login; // may be sent by who has not logged in; scripts are not shown it
    void (*run)(struct session *session, const struct message *action);
};

/** The action `name` that the session answers itself. @param server  value of the action's `Server:`, may be empty
 *  @return NULL: it is for a server, or nobody may send it before a login */
const struct local_action *local_action_find(const struct session *session, struct span name, struct span server);

#endif
