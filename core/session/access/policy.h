// core/session/access/policy.h: what the entry of a user allows them to send, and changes in their actions: channel,
// contexts, account, filterlocal. delivery/view.h decides which calls they see. config/rules.md describes the rules for
// operators. Thread: the worker's.
#ifndef SESSION_ACCESS_POLICY_H
#define SESSION_ACCESS_POLICY_H

#include "session/client/session.h"

/** May the session's user send this action? Applies Asterisk's rules for users without the class `system` (Asterisk
 *  cannot, as the proxy's connection has all classes), and the rules of the user's entry.
 *  @param changed  set to a copy to send instead (the caller's), or to NULL
 *  @return why the action is refused, NULL: it is not */
const char *policy_refuse(const struct session *session, const struct message *action, struct message **changed);

#endif
