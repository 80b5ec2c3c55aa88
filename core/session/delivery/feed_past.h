// core/session/delivery/feed_past.h: the past of a feed, kept for clients that reconnect. The messages of the feed are
// numbered from 1; a position is the number of the last message that a client has received.  Thread: the worker's;
// `bytes` is shared by all workers.
#ifndef SESSION_DELIVERY_FEED_PAST_H
#define SESSION_DELIVERY_FEED_PAST_H

#include "session/delivery/feed.h"

#include <stdatomic.h>

/** Data that the kept feeds of a worker share. */
struct feed_keeping {
    atomic_size_t *bytes; // bytes kept in all feeds of all workers
    uint64_t now_ms;      // time of the messages that are appended now
    uint64_t slice_ms;    // longest time between the first and the last message of one chunk
    size_t largest_chunk;
};

struct feed_past {
    struct feed_keeping *keeping; // lent
    uint64_t count;               // messages that were ever appended
    uint64_t floor;               // messages up to this one are not kept any more
};

/** Makes a new feed keep its past. @param keeping  lent, outlives the feed */
void feed_past_begin(struct feed *feed, struct feed_keeping *keeping);
/** Stops keeping the past; bytes that a cursor has not read stay. Does nothing if the feed kept none. */
void feed_past_end(struct feed *feed);
/** Returns the time of the oldest kept message, or of one shortly after it; UINT64_MAX: none is kept. */
uint64_t feed_past_oldest_ms(const struct feed *feed);
/** Drops the oldest kept chunk of messages. Does nothing if there is none. */
void feed_past_drop_oldest(struct feed *feed);
/** Puts a cursor, which must be on no feed, after message `number` (0: before the first). @return false: the messages
 *  after it are not all kept, or there is no such message; nothing was done */
bool feed_past_enter(struct feed *feed, struct feed_cursor *cursor, uint64_t number);

/** Returns the oldest chunk that is kept; those behind it are kept, too. It may be empty. */
const struct feed_chunk *feed_past_first(const struct feed *feed);
/** Gives a new feed, to which nothing was appended, the past of another one: first the number of the message in front
 * of its first chunk. */
void feed_past_restore(struct feed *feed, uint64_t floor);
/** Then each chunk. @param chunk  its numbers and times; @param ends, bytes  copied; they need not be aligned */
void feed_past_restore_chunk(struct feed *feed, const struct feed_chunk *chunk, const char *ends, const char *bytes);

/** For feed.c: returns the chunk for a message of that length. */
struct feed_chunk *feed_past_room(struct feed *feed, size_t length);
/** For feed.c: notes that a message was appended to the last chunk. */
void feed_past_note(struct feed *feed);

#endif
