// core/session/delivery/snapshot.h: the channels that are up, told to a session that has just logged in.
// Thread: the worker's.
#ifndef SESSION_DELIVERY_SNAPSHOT_H
#define SESSION_DELIVERY_SNAPSHOT_H

#include "session/connection/session.h"

/** Gives the session what its user sees of every live channel, if his entry says `snapshot: true`: Newchannel and the
 *  last Newstate, as they came, through his mask and filters. */
void snapshot_tell(struct session *session);

#endif
