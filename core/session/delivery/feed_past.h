// core/session/delivery/feed_past.h: the past of a feed, kept for clients that come back. Messages of the feed are
// counted from 1; a place in it is the number of the last message that a client has received.  Thread: the worker's;
// `bytes` of all workers.
#ifndef SESSION_DELIVERY_FEED_PAST_H
#define SESSION_DELIVERY_FEED_PAST_H

#include "session/delivery/feed.h"

#include <stdatomic.h>

/** What the kept feeds of a worker share. */
struct feed_keeping {
    atomic_size_t *bytes; // kept in all feeds of all workers
    uint64_t now_ms;      // when what is appended now came
    uint64_t slice_ms;    // longest time between the first and the last message of one chunk
    size_t largest_chunk;
};

struct feed_past {
    struct feed_keeping *keeping; // lent
    uint64_t count;               // messages that were ever appended
    uint64_t floor;               // messages up to this one are not kept any more
};

/** From now on the feed keeps its past; it must be new. @param keeping  lent, outlives the feed */
void feed_past_begin(struct feed *feed, struct feed_keeping *keeping);
/** Keeps no more; what some cursor has still to read stays. Nothing if it kept nothing. */
void feed_past_end(struct feed *feed);
/** When the oldest message that is kept came, or one shortly after it; UINT64_MAX: none is kept. */
uint64_t feed_past_oldest_ms(const struct feed *feed);
/** Lets go of the oldest chunk of messages that is kept. Nothing if none is. */
void feed_past_drop_oldest(struct feed *feed);
/** Puts a cursor (on no feed) behind message `number` (0: in front of the first). @return false: what follows is not
 *  kept to its first message, or there is no such message; nothing was done */
bool feed_past_enter(struct feed *feed, struct feed_cursor *cursor, uint64_t number);

/** For feed.c: the chunk for a message of that length. */
struct feed_chunk *feed_past_room(struct feed *feed, size_t length);
/** For feed.c: a message was appended to the last chunk. */
void feed_past_note(struct feed *feed);

#endif
