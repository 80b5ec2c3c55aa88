// core/session/delivery/feed_block.h: bytes of messages that many feeds show. A message that several users see
// unchanged is encoded once into a block; their feeds hold ranges of the block, and no copies.
//
//   block:  | message 0 | message 1 | message 2 | … room |
//   feed a:       ranges 0–2                 feed b (does not see message 1): ranges 0, 2
//
// A block lives for one turn of the loop. Only if clients do not keep up, it stays until they have read it; a feed that
// shows little of it takes a copy of that then (feed_settle()), so that no slow client holds much more than it waits
// for.  Thread: the worker's.
#ifndef SESSION_DELIVERY_FEED_BLOCK_H
#define SESSION_DELIVERY_FEED_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed_block {
    uint32_t references;
    uint32_t count, end_capacity; // messages, room for their ends
    size_t used, capacity;        // bytes
    uint32_t *ends;               // of messages, counted from the first byte
    char *bytes;
};

/** Makes an empty block with one reference. @param capacity  bytes, below 4 GiB */
struct feed_block *feed_block_create(size_t capacity);
/** Adds a reference. @return `block` */
struct feed_block *feed_block_ref(struct feed_block *block);
/** Releases a reference. `block` may be NULL. */
void feed_block_unref(struct feed_block *block);
/** Ends the message whose `length` bytes were written behind the used ones. @return its number in the block */
uint32_t feed_block_end_message(struct feed_block *block, size_t length);
/** Empties a block to which nobody else refers. */
void feed_block_reset(struct feed_block *block);

/** Returns the offset of message `index` in the block. */
static inline uint32_t feed_block_start(const struct feed_block *block, uint32_t index)
{
    return index == 0 ? 0 : block->ends[index - 1];
}

#endif
