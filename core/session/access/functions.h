// core/session/access/functions.h: dialplan functions and applications in actions, by which a user could do more than
// his classes allow. Pure.  Thread: any.
#ifndef SESSION_ACCESS_FUNCTIONS_H
#define SESSION_ACCESS_FUNCTIONS_H

#include "ami/message.h"
#include "config/config.h"

/** Asterisk's own rules for users without the class `system` (main/manager.c: action_originate, action_getvar,
 *  action_status). @return Asterisk's text, NULL: it is not refused */
const char *functions_refuse(const struct message *action);
/** Does the action set an account code by a function or an application? For who has an account that is forced. */
bool functions_set_account(const struct message *action);

/** May a user who is tied to channels or contexts read that variable or function of a channel of his? Those that every
 *  channel has, and the `variables` of his entry: Asterisk looks for any other among the global ones, too. */
bool functions_may_get(const struct user_config *user, struct span text);
/** The same of a list of them, `Variables:` of Status. @return false: also of a list that releases split differently */
bool functions_may_get_all(const struct user_config *user, struct span list);
/** May such a user set a variable of that name? Never a function, nor what makes Asterisk run a program or go on in
 *  another context. */
bool functions_may_set(const struct user_config *user, struct span name);
/** The same of a list of assignments, `Variable:` of Originate. */
bool functions_may_assign(const struct user_config *user, struct span list);

#endif
