// core/session/delivery/feed.c: see feed.h. A feed is a list of chunks, oldest first. Each chunk counts the cursors in
// it; the oldest chunk is freed as soon as it has none. A message never spans two chunks, so each chunk keeps the ends
// of its own messages.
#include "session/delivery/feed_chunk.h"
#include "session/delivery/feed_past.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_CHUNK ((size_t)256 * 1024)

static struct feed_chunk *chunk_create(uint64_t base, size_t capacity)
{
    struct feed_chunk *chunk = memory_new(sizeof *chunk + capacity);

    *chunk = (struct feed_chunk){.base = base, .capacity = capacity};
    return chunk;
}

static void chunk_destroy(struct feed_chunk *chunk)
{
    free(chunk->ends);
    free(chunk);
}

void feed_init(struct feed *feed)
{
    feed->first = feed->last = chunk_create(0, FEED_SMALLEST_CHUNK);
    feed->end = 0;
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
    if (last->capacity - last->used >= length)
        return last;
    if (capacity > LARGEST_CHUNK)
        capacity = LARGEST_CHUNK;
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

/** Index in `chunk->ends` of the first message that ends after `offset`: a binary search. */
static uint32_t message_at(const struct feed_chunk *chunk, size_t offset)
{
    uint32_t low = 0, high = chunk->end_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (chunk->ends[middle] <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/** Does a message begin at `offset`? `index` is what message_at() gives for it. */
static bool begins_at(const struct feed_chunk *chunk, uint32_t index, size_t offset)
{
    return (index == 0 ? 0 : chunk->ends[index - 1]) == offset;
}

size_t feed_rest_of_message(const struct feed_cursor *cursor)
{
    const struct feed_chunk *chunk = cursor->chunk;
    size_t offset = (size_t)(cursor->position - chunk->base);
    uint32_t index = message_at(chunk, offset);

    if (index == chunk->end_count || begins_at(chunk, index, offset))
        return 0;
    return chunk->ends[index] - offset;
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
