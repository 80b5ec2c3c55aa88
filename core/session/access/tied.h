// core/session/access/tied.h: what a tied user may send: one whose entry limits them to channels, devices or contexts.
// config/rules.md describes the rules for operators.  Thread: the session's worker.
#ifndef SESSION_ACCESS_TIED_H
#define SESSION_ACCESS_TIED_H

#include "session/client/session.h"

/** May the session's user, who is tied, send this action to the server to which it goes now (rights_target())? Each
 *  header that the action reads (ami/scope.h) is checked; an unknown action is refused. */
bool tied_may(const struct session *session, const struct message *action);

#endif
