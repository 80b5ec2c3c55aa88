// core/session/delivery/feed_chunk.h: the pieces of memory that a feed is made of. Private to feed.c and feed_past.c.
// Thread: the worker's.
#ifndef SESSION_DELIVERY_FEED_CHUNK_H
#define SESSION_DELIVERY_FEED_CHUNK_H

#include "session/delivery/feed.h"

#define FEED_SMALLEST_CHUNK 4096

struct feed_chunk {
    struct feed_chunk *next;
    uint64_t base; // position of the first byte
    size_t used, capacity;
    uint32_t readers;
    bool kept;      // part of the feed's past, whoever reads it
    size_t counted; // … as so many bytes
    uint32_t end_count, end_capacity;
    uint32_t *ends;             // of messages, counted from base
    uint64_t before;            // messages of the feed in front of this chunk; counted in a feed that is kept
    uint64_t begun_ms, last_ms; // when its first and its last message came; the same
    char bytes[];
};

/** Adds an empty chunk behind the last one. */
void feed_add_chunk(struct feed *feed, size_t capacity);
/** Frees the oldest chunks that hold no cursor and are not kept. */
void feed_collect(struct feed *feed);

#endif
