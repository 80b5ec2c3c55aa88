// core/session/access/functions.h: dialplan functions and applications in actions, by which a user could do more than
// his classes allow. Pure.  Thread: any.
#ifndef SESSION_ACCESS_FUNCTIONS_H
#define SESSION_ACCESS_FUNCTIONS_H

#include "ami/message.h"
#include "config/config.h"

/** Asterisk's own rules for users without the class `system` (main/manager.c: action_originate, action_getvar,
 *  action_status). @return Asterisk's text, NULL: it is not refused */
const char *functions_refuse(const struct message *action);
/** Does the action set or read a variable that this user may not? Who is tied to channels or contexts calls no
 * functions that reach further, and an account that is forced is not set by a function. */
bool functions_are_forbidden(const struct user_config *user, const struct message *action);

#endif
