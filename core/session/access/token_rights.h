// core/session/access/token_rights.h: the one place that judges what a token permits (by_token.h: who has logged in by
// one). Thread: the session's worker.
#ifndef SESSION_ACCESS_TOKEN_RIGHTS_H
#define SESSION_ACCESS_TOKEN_RIGHTS_H

#include "session/access/held_token.h"
#include "session/client/session.h"

/** Reduces the rights that the session has by its user's entry. Does nothing without a token. */
void token_rights_reduce(struct session *session);
/** May the session send this action? @param name  of the action or proxy action @param action  the whole of it; a
 *  script's call, too */
bool token_rights_permit(const struct session *session, struct span name, const struct message *action);
/** May a script send this action to a server on behalf of the session? A token that only reads holds for these, too; a
 *  list permits what the listed proxy action does. */
bool token_rights_permit_call(const struct session *session, const struct message *action);
/** May it, if it is one that the session answers itself, after a login? */
bool token_rights_permit_local(const struct session *session, struct span name);

#endif
