// core/session/delivery/feed_past.c: see feed_past.h. Chunks are kept and dropped whole: a new one is begun before the
// last one spans too long a time.
#include "session/delivery/feed_past.h"

#include "base/memory.h"
#include "session/delivery/feed_chunk.h"

#include <stdlib.h>
#include <string.h>

/** Sets the bytes that the chunk adds to the memory of kept messages. */
static void count_as(struct feed_past *past, struct feed_chunk *chunk, size_t bytes)
{
    atomic_fetch_add_explicit(past->keeping->bytes, bytes - chunk->counted,
                              memory_order_relaxed); // unsigned: also subtracts
    chunk->counted = bytes;
}

static void feed_past_count(struct feed_past *past, struct feed_chunk *chunk)
{
    size_t bytes = sizeof *chunk + chunk->capacity + chunk->end_capacity * sizeof *chunk->ends;

    if (bytes != chunk->counted)
        count_as(past, chunk, bytes);
}

static void keep_last(struct feed *feed)
{
    struct feed_chunk *last = feed->last;

    last->kept = true;
    last->before = feed->past->count;
    last->begun_ms = last->last_ms = feed->past->keeping->now_ms;
    feed_past_count(feed->past, last);
}

void feed_past_begin(struct feed *feed, struct feed_keeping *keeping)
{
    feed->past = memory_zero(1, sizeof *feed->past);
    feed->past->keeping = keeping;
    keep_last(feed);
}

void feed_past_end(struct feed *feed)
{
    if (feed->past == NULL)
        return;
    for (struct feed_chunk *chunk = feed->first; chunk != NULL; chunk = chunk->next) {
        count_as(feed->past, chunk, 0);
        chunk->kept = false;
    }
    free(feed->past);
    feed->past = NULL;
    feed_collect(feed);
}

/** Returns the first chunk that is kept. There is one, because the last one always is. */
static struct feed_chunk *first_kept(const struct feed *feed)
{
    struct feed_chunk *chunk = feed->first;

    while (!chunk->kept)
        chunk = chunk->next;
    return chunk;
}

const struct feed_chunk *feed_past_first(const struct feed *feed)
{
    return first_kept(feed);
}

uint64_t feed_past_oldest_ms(const struct feed *feed)
{
    const struct feed_chunk *chunk = first_kept(feed);

    return chunk->end_count == 0 ? UINT64_MAX : chunk->last_ms;
}

void feed_past_drop_oldest(struct feed *feed)
{
    struct feed_chunk *chunk = first_kept(feed);

    if (chunk->end_count == 0)
        return;
    chunk->kept = false;
    count_as(feed->past, chunk, 0);
    feed->past->floor = chunk->before + chunk->end_count;
    if (chunk == feed->last) {
        feed_add_chunk(feed, FEED_SMALLEST_CHUNK);
        keep_last(feed);
    } else {
        feed_collect(feed);
    }
}

bool feed_past_enter(struct feed *feed, struct feed_cursor *cursor, uint64_t number)
{
    struct feed_chunk *chunk = first_kept(feed);

    if (number < feed->past->floor || number > feed->past->count)
        return false;
    while (chunk->next != NULL && chunk->before + chunk->end_count <= number)
        chunk = chunk->next;
    size_t inside = (size_t)(number - chunk->before);
    chunk->readers++;
    *cursor = (struct feed_cursor){feed, chunk, chunk->base + (inside == 0 ? 0 : chunk->ends[inside - 1])};
    return true;
}

void feed_past_restore(struct feed *feed, uint64_t floor)
{
    feed->past->floor = feed->past->count = feed->last->before = floor;
}

void feed_past_restore_chunk(struct feed *feed, const struct feed_chunk *chunk, const char *ends, const char *bytes)
{
    struct feed_chunk *empty = feed->last->end_count == 0 ? feed->last : NULL, *last;

    if (empty != NULL) { // a kept chunk without messages has no age
        empty->kept = false;
        count_as(feed->past, empty, 0);
    }
    feed_add_chunk(feed, chunk->used);
    keep_last(feed);
    last = feed->last;
    last->begun_ms = chunk->begun_ms;
    last->last_ms = chunk->last_ms;
    last->used = chunk->used;
    last->end_count = last->end_capacity = chunk->end_count;
    last->ends = memory_new(chunk->end_count * sizeof *last->ends);
    memcpy(last->ends, ends, chunk->end_count * sizeof *last->ends);
    memcpy(last->bytes, bytes, chunk->used);
    feed->end += chunk->used;
    feed->past->count += chunk->end_count;
    feed_past_count(feed->past, last);
}

struct feed_chunk *feed_past_room(struct feed *feed, size_t length)
{
    const struct feed_keeping *keeping = feed->past->keeping;
    const struct feed_chunk *last = feed->last;
    bool is_old = last->end_count > 0 && keeping->now_ms - last->begun_ms >= keeping->slice_ms;
    size_t capacity = is_old ? last->used : last->capacity * 2;

    if (!is_old && last->capacity - last->used >= length)
        return feed->last;
    if (capacity > keeping->largest_chunk)
        capacity = keeping->largest_chunk;
    if (capacity < FEED_SMALLEST_CHUNK)
        capacity = FEED_SMALLEST_CHUNK;
    feed_add_chunk(feed, capacity < length ? length : capacity);
    keep_last(feed);
    return feed->last;
}

void feed_past_note(struct feed *feed)
{
    struct feed_chunk *last = feed->last;

    if (last->end_count == 1)
        last->begun_ms = feed->past->keeping->now_ms;
    last->last_ms = feed->past->keeping->now_ms;
    feed->past->count++;
    feed_past_count(feed->past, last);
}
