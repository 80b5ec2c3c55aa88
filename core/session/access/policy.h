// core/session/access/policy.h: what a user's entry in the configuration lets him do, and makes of his messages:
// channel, contexts, account, filterlocal. What he sees of calls is view.h's. Written down for operators in
// config/rules.md. Thread: the worker's.
#ifndef SESSION_ACCESS_POLICY_H
#define SESSION_ACCESS_POLICY_H

#include "session/connection/session.h"

/** What the user is shown of a message from a server: his own account in place of every account code.
 *  @param user  NULL: none  @return a copy (the caller's); NULL: as it is */
struct message *policy_show(const struct user_config *user, const struct message *message);

/** May the session's user send this action? By Asterisk's rules for who lacks the class `system` (the proxy's own
 *  connection has every class, so that Asterisk cannot tell), and by those of his entry.
 *  @param changed  what to send instead (the caller's), NULL: as it is
 *  @return why it is refused, NULL: it is not */
const char *policy_refuse(const struct session *session, const struct message *action, struct message **changed);

#endif
