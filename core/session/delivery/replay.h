// core/session/delivery/replay.h: sends earlier messages about a channel when the channel becomes visible to a user.
// Thread: the worker's.
#ifndef SESSION_DELIVERY_REPLAY_H
#define SESSION_DELIVERY_REPLAY_H

#include <stdint.h>

struct sessions;
struct entry;

/** If the message that is now delivered makes a channel visible to users, sends them first how the channel began and
 *  its latest state. @param serial  the serial number of that message, for frames */
void replay_revealed(struct sessions *sessions, uint64_t serial);
/** Records a channel that was up before the proxy connected: an item, or the end, of the server's list of channels. */
void replay_note_channel(struct sessions *sessions, const struct entry *entry);

#endif
