// core/session/access/functions.h: dialplan functions, variables and applications in actions, which could let a user do
// more than their classes allow. Pure.  Thread: any.
#ifndef SESSION_ACCESS_FUNCTIONS_H
#define SESSION_ACCESS_FUNCTIONS_H

#include "ami/message.h"
#include "config/config.h"

/** Asterisk's own rules for users without the class `system` (main/manager.c: action_originate, action_getvar,
 *  action_status). @return Asterisk's text, NULL: it is not refused */
const char *functions_refuse(const struct message *action);
/** Does the action set an account code by a function or an application? For users with `account:`. */
bool functions_set_account(const struct message *action);

/** May a tied user read that variable or function of one of their channels? Allowed are those that every channel has,
 *  and the `variables` of the user's entry. Asterisk would look up any other name among the global variables, too. */
bool functions_may_get(const struct user_config *user, struct span text);
/** Does the same for a list, `Variables:` of Status. @return false: also for a list that releases split differently */
bool functions_may_get_all(const struct user_config *user, struct span list);
/** May a tied user set a variable of that name? Never a function, nor a variable that makes Asterisk run a program or
 *  continue a call in another context. */
bool functions_may_set(const struct user_config *user, struct span name);
/** Does the same for a list of assignments, `Variable:` of Originate. */
bool functions_may_assign(const struct user_config *user, struct span list);

#endif
