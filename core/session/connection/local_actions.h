// core/session/connection/local_actions.h: the actions that the session itself answers.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_LOCAL_ACTIONS_H
#define SESSION_CONNECTION_LOCAL_ACTIONS_H

#include "session/client/session.h"

struct local_action {
    struct span name;
    bool before_login; // allowed before a login; scripts do not see it
    void (*run)(struct session *session, const struct message *action);
};

/** Finds the action `name` if the session answers it. @param server  value of the action's `Server:`, may be empty
 *  @return NULL: the action is for a server, or the session must log in first */
const struct local_action *local_action_find(const struct session *session, struct span name, struct span server);

#endif
