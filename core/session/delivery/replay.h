// core/session/delivery/replay.h: messages of earlier that are shown when their channel becomes visible to a user.
// Thread: the worker's.
#ifndef SESSION_DELIVERY_REPLAY_H
#define SESSION_DELIVERY_REPLAY_H

#include <stdint.h>

struct sessions;

/** What the message that is delivered now has made visible to a user is told first: how the channel began, and its
 *  latest state. @param serial  of that message, for frames */
void replay_revealed(struct sessions *sessions, uint64_t serial);

#endif
