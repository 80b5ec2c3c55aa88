// core/session/delivery/snapshot.h: sends the channels that are up to a session that has just logged in.
// Thread: the worker's.
#ifndef SESSION_DELIVERY_SNAPSHOT_H
#define SESSION_DELIVERY_SNAPSHOT_H

#include "session/client/session.h"

/** If the entry of the session's user says `snapshot: true`, sends for each channel that the user may see its
 *  Newchannel and its latest Newstate, as the server sent them, through the user's mask and filters. */
void snapshot_tell(struct session *session);

#endif
