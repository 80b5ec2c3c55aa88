// core/session/delivery/feed_chunk.h: the pieces that a feed is made of: memory of its own, or a range of a block that
// it shares with other feeds. Private to feed.c and feed_past.c.
// Thread: the worker's.
#ifndef SESSION_DELIVERY_FEED_CHUNK_H
#define SESSION_DELIVERY_FEED_CHUNK_H

#include "session/delivery/feed.h"
#include "session/delivery/feed_block.h"

#define FEED_SMALLEST_CHUNK 4096

struct feed_chunk {
    struct feed_chunk *next;
    uint64_t base; // position of the first byte
    size_t used, capacity;
    uint32_t readers;
    bool kept;      // belongs to the feed's past: is not freed when its last cursor leaves
    size_t counted; // bytes that the chunk adds to feed_keeping.bytes
    uint32_t end_count, end_capacity;
    uint32_t *ends;             // of messages, counted from base; not used with a block
    struct feed_block *block;   // that `bytes` is a part of, one reference; NULL: they are the chunk's own
    uint32_t block_first;       // number of the first message in the block
    uint64_t before;            // messages of the feed before this chunk; only in a feed that keeps its past
    uint64_t begun_ms, last_ms; // when its first and its last message came; only in such a feed
    char *bytes;
    char own[]; // `capacity` bytes; if `bytes` are elsewhere, no message is added to this chunk
};

/** Returns where message `index` of the chunk ends, in bytes from `base`. */
static inline size_t feed_chunk_end(const struct feed_chunk *chunk, uint32_t index)
{
    const struct feed_block *block = chunk->block;

    if (block == NULL)
        return chunk->ends[index];
    return block->ends[chunk->block_first + index] - feed_block_start(block, chunk->block_first);
}

/** Adds an empty chunk behind the last one. */
void feed_add_chunk(struct feed *feed, size_t capacity);
/** Frees the oldest chunks that hold no cursor and are not kept. */
void feed_collect(struct feed *feed);

#endif
