// core/session/access/account.h: the account code of a user (`account:` of the entry): it replaces the codes in what
// the user sees, and is set in what the user sends.  Thread: any.
#ifndef SESSION_ACCESS_ACCOUNT_H
#define SESSION_ACCESS_ACCOUNT_H

#include "ami/message.h"
#include "config/config.h"

/** Replaces each account code in a message from a server by the user's own account.
 *  @param user  NULL: none  @return a copy (the caller's); NULL: nothing changes */
struct message *account_show(const struct user_config *user, const struct message *message);
/** Makes a copy of the action (the caller's) with the user's account, which is not NULL, as its only account code. */
struct message *account_force(const struct user_config *user, const struct message *action);

#endif
