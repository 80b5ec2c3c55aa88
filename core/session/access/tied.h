// core/session/access/tied.h: what a user may do who is tied to channels, devices or contexts by his entry. Written
// down for operators in config/rules.md.  Thread: the session's worker.
#ifndef SESSION_ACCESS_TIED_H
#define SESSION_ACCESS_TIED_H

#include "session/connection/session.h"

/** May the session's user, who is tied, send this action, as it is, to where it goes now (rights_target())? Judged by
 *  what the action takes (ami/scope.h): what is not allowed there is refused. */
bool tied_may(const struct session *session, const struct message *action);

#endif
