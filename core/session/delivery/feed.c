// core/session/delivery/feed.c: see feed.h. A feed is a list of chunks, oldest first. Each chunk counts the cursors in
// it; the oldest chunk is freed as soon as it has none. A message never spans two chunks, so each chunk keeps the ends
// of its own messages, or refers to those in a block.
#include "session/delivery/feed_chunk.h"
#include "session/delivery/feed_past.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_CHUNK ((size_t)256 * 1024)
#define SHORT_RANGE 2048 // a range of a block that is shorter costs as much as a copy

static struct feed_chunk *chunk_create(uint64_t base, size_t capacity)
{
    struct feed_chunk *chunk = memory_new(sizeof *chunk + capacity);

    *chunk = (struct feed_chunk){.base = base, .capacity = capacity, .bytes = chunk->own};
    return chunk;
}

/** Ends the chunk's use of bytes that are not in it. */
static void feed_release_bytes(struct feed_chunk *chunk)
{
    feed_block_unref(chunk->block);
    if (chunk->block == NULL && chunk->bytes != chunk->own)
        free(chunk->bytes);
    chunk->block = NULL;
    chunk->bytes = chunk->own;
}

static void chunk_destroy(struct feed_chunk *chunk)
{
    feed_release_bytes(chunk);
    free(chunk->ends);
    free(chunk);
}

void feed_init(struct feed *feed)
{
    feed->first = feed->last = chunk_create(0, FEED_SMALLEST_CHUNK);
    feed->end = 0;
    feed->fresh = 0;
    feed->past = NULL;
}

void feed_collect(struct feed *feed)
{
    while (feed->first != feed->last && feed->first->readers == 0 && !feed->first->kept) {
        struct feed_chunk *gone = feed->first;
        feed->first = gone->next;
        chunk_destroy(gone);
    }
}

void feed_fini(struct feed *feed)
{
    feed_past_end(feed);
    while (feed->first != NULL) {
        struct feed_chunk *gone = feed->first;
        feed->first = gone->next;
        chunk_destroy(gone);
    }
    feed->last = NULL;
}

void feed_add_chunk(struct feed *feed, size_t capacity)
{
    feed->last = feed->last->next = chunk_create(feed->end, capacity);
    feed_collect(feed);
}

static struct feed_chunk *room_for(struct feed *feed, size_t length)
{
    struct feed_chunk *last = feed->last;
    size_t capacity = last->capacity * 2;

    if (feed->past != NULL)
        return feed_past_room(feed, length);
    if (last->bytes == last->own && last->capacity - last->used >= length)
        return last;
    if (capacity > LARGEST_CHUNK)
        capacity = LARGEST_CHUNK;
    if (capacity < FEED_SMALLEST_CHUNK)
        capacity = FEED_SMALLEST_CHUNK;
    if (capacity < length)
        capacity = length;
    feed_add_chunk(feed, capacity);
    return feed->last;
}

void feed_append(struct feed *feed, const char *bytes, size_t length)
{
    struct feed_chunk *chunk = room_for(feed, length);

    memcpy(chunk->bytes + chunk->used, bytes, length);
    chunk->used += length;
    feed->end += length;
    if (chunk->end_count == chunk->end_capacity) {
        chunk->end_capacity = chunk->end_capacity == 0 ? 8 : chunk->end_capacity * 2;
        chunk->ends = memory_grow(chunk->ends, chunk->end_capacity * sizeof *chunk->ends);
    }
    chunk->ends[chunk->end_count++] = (uint32_t)chunk->used;
    if (feed->past != NULL)
        feed_past_note(feed);
}

static bool feed_is_empty(const struct feed_chunk *chunk)
{
    return chunk->used == 0;
}

/** Has the feed's last chunk refer to a block from message `index` on. */
static void feed_begin_range(struct feed *feed, struct feed_block *block, uint32_t index)
{
    if (!feed_is_empty(feed->last))
        feed_add_chunk(feed, 0);
    feed->last->block = feed_block_ref(block);
    feed->last->block_first = index;
    feed->last->bytes = block->bytes + feed_block_start(block, index);
}

void feed_append_shared(struct feed *feed, struct feed_block *block, uint32_t index)
{
    struct feed_chunk *last = feed->last;
    size_t start = feed_block_start(block, index), length = block->ends[index] - start;
    bool goes_on = last->block == block && last->block_first + last->end_count == index;

    if (feed->past != NULL || (!goes_on && !feed_is_empty(last) && (last->block == NULL || last->used < SHORT_RANGE))) {
        feed_append(feed, block->bytes + start, length);
        return;
    }
    if (!goes_on)
        feed_begin_range(feed, block, index);
    last = feed->last;
    last->used += length;
    last->end_count++;
    feed->end += length;
    feed->fresh += length;
}

/** Gives the chunk a copy of its part of a block. The cursors in it stay where they are. */
static void feed_copy_range(struct feed_chunk *chunk)
{
    char *bytes = memory_new(chunk->used);

    memcpy(bytes, chunk->bytes, chunk->used);
    chunk->end_capacity = chunk->end_count;
    chunk->ends = memory_grow(chunk->ends, chunk->end_count * sizeof *chunk->ends);
    for (uint32_t i = 0; i < chunk->end_count; i++)
        chunk->ends[i] = (uint32_t)feed_chunk_end(chunk, i);
    feed_release_bytes(chunk);
    chunk->bytes = bytes;
}

void feed_settle(struct feed *feed, bool is_read, size_t shared)
{
    bool is_sparse = feed->fresh < shared / 2;

    feed->fresh = 0;
    if (feed->past != NULL)
        return;
    if (is_read) {
        feed_collect(feed); // one chunk is left
        feed_release_bytes(feed->last);
        feed->last->base = feed->end;
        feed->last->used = feed->last->end_count = 0;
        return;
    }
    for (struct feed_chunk *chunk = feed->first; is_sparse && chunk != NULL; chunk = chunk->next) {
        if (chunk->block != NULL)
            feed_copy_range(chunk);
    }
}

void feed_enter(struct feed *feed, struct feed_cursor *cursor)
{
    cursor->feed = feed;
    cursor->chunk = feed->last;
    cursor->chunk->readers++;
    cursor->position = feed->end;
}

void feed_leave(struct feed_cursor *cursor)
{
    if (cursor->feed == NULL)
        return;
    cursor->chunk->readers--;
    feed_collect(cursor->feed);
    *cursor = (struct feed_cursor){0};
}

int feed_peek(const struct feed_cursor *cursor, uint64_t limit, struct iovec *pieces, int count)
{
    const struct feed_chunk *chunk = cursor->chunk;
    uint64_t position = cursor->position;
    int used = 0;

    while (used < count && position < limit) {
        if (position >= chunk->base + chunk->used) { // at a chunk's end, or past it in the caller's copy of a cursor
            chunk = chunk->next;
            continue;
        }
        size_t offset = (size_t)(position - chunk->base);
        size_t length = chunk->used - offset;
        if (length > limit - position)
            length = (size_t)(limit - position);
        pieces[used++] = (struct iovec){memory_writable(chunk->bytes + offset), length};
        position += length;
    }
    return used;
}

void feed_advance(struct feed_cursor *cursor, uint64_t bytes)
{
    struct feed_chunk *chunk = cursor->chunk;

    cursor->position += bytes;
    chunk->readers--;
    while (chunk->next != NULL && cursor->position >= chunk->base + chunk->used)
        chunk = chunk->next;
    chunk->readers++;
    cursor->chunk = chunk;
    feed_collect(cursor->feed);
}

/** Returns the number, in the chunk, of the first message that ends after `offset` (binary search). */
static uint32_t message_at(const struct feed_chunk *chunk, size_t offset)
{
    uint32_t low = 0, high = chunk->end_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (feed_chunk_end(chunk, middle) <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/** Does a message begin at `offset`? @param index  message_at() of the offset */
static bool begins_at(const struct feed_chunk *chunk, uint32_t index, size_t offset)
{
    return (index == 0 ? 0 : feed_chunk_end(chunk, index - 1)) == offset;
}

size_t feed_rest_of_message(const struct feed_cursor *cursor)
{
    const struct feed_chunk *chunk = cursor->chunk;
    size_t offset = (size_t)(cursor->position - chunk->base);
    uint32_t index = message_at(chunk, offset);

    if (index == chunk->end_count || begins_at(chunk, index, offset))
        return 0;
    return feed_chunk_end(chunk, index) - offset;
}

uint64_t feed_unread_messages(const struct feed_cursor *cursor)
{
    const struct feed_chunk *chunk = cursor->chunk;
    size_t offset = (size_t)(cursor->position - chunk->base);
    uint32_t index = message_at(chunk, offset);
    uint64_t count = chunk->end_count - index;

    if (count > 0 && !begins_at(chunk, index, offset))
        count--;
    for (chunk = chunk->next; chunk != NULL; chunk = chunk->next)
        count += chunk->end_count;
    return count;
}
