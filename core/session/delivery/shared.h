// core/session/delivery/shared.h: what the feeds of one format and frame share: each message is encoded once into a
// block (feed_block.h), and the feeds that show it unchanged refer to its bytes there.  Thread: the worker's.
#ifndef SESSION_DELIVERY_SHARED_H
#define SESSION_DELIVERY_SHARED_H

#include "base/span.h"
#include "plugin/host.h"
#include "session/delivery/feed_block.h"

struct message;
struct sessions;
struct view_feed;

struct shared {
    struct shared *next;
    const struct amp_plugin *format;
    amp_frame *frame;              // NULL: none
    uint32_t feeds;                // that use it
    struct feed_block *block;      // NULL: none yet
    size_t written;                // bytes that were written to blocks in this turn
    const struct message *message; // encoded last; of entry number `delivered`
    uint64_t delivered;
    uint32_t index;      // its number in the block
    struct span encoded; // its bytes there; none: it has no text in the format, or the plugin failed
    bool failed;
};

/** Finds or makes what feeds of that format and frame share, for one more feed. */
struct shared *shared_enter(struct sessions *sessions, const struct amp_plugin *format, amp_frame *frame);
/** Ends a feed's use. `shared` may be NULL. */
void shared_leave(struct sessions *sessions, struct shared *shared);
/** Appends a message to a feed that has a `shared`. The message must live until the present entry is delivered.
 *  @return its bytes, valid as those of encode_message(); none, with `encoding_failed` set, if the plugin failed */
struct span shared_append(struct sessions *sessions, struct view_feed *feed, const struct message *message,
                          uint64_t serial);
/** Ends a turn of the loop, after all sessions were flushed: the feeds that grew give back what was read. */
void shared_settle(struct sessions *sessions);

#endif
