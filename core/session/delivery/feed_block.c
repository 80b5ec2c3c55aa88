// core/session/delivery/feed_block.c: see feed_block.h.
#include "session/delivery/feed_block.h"

#include "base/memory.h"

#include <stdlib.h>

#define FIRST_ENDS 256

struct feed_block *feed_block_create(size_t capacity)
{
    struct feed_block *block = memory_new(sizeof *block);

    *block = (struct feed_block){.references = 1, .capacity = capacity, .bytes = memory_new(capacity)};
    return block;
}

struct feed_block *feed_block_ref(struct feed_block *block)
{
    block->references++;
    return block;
}

void feed_block_unref(struct feed_block *block)
{
    if (block == NULL || --block->references > 0)
        return;
    free(block->ends);
    free(block->bytes);
    free(block);
}

uint32_t feed_block_end_message(struct feed_block *block, size_t length)
{
    if (block->count == block->end_capacity) {
        block->end_capacity = block->end_capacity == 0 ? FIRST_ENDS : block->end_capacity * 2;
        block->ends = memory_grow(block->ends, block->end_capacity * sizeof *block->ends);
    }
    block->used += length;
    block->ends[block->count] = (uint32_t)block->used;
    return block->count++;
}

void feed_block_reset(struct feed_block *block)
{
    block->used = 0;
    block->count = 0;
}
