// core/server/offer.c: see offer.h.
#include "server/offer.h"

#include "base/memory.h"

#include <stdlib.h>

#define FEWEST 256

static void drop_oldest(struct offer *offer)
{
    struct offered *oldest = &offer->ring[offer->at];

    offer->bytes -= oldest->message->byte_count;
    message_unref(oldest->message);
    offer->at = (offer->at + 1) % offer->capacity;
    offer->count--;
}

/** Makes the ring twice as large, with the oldest event at its front. */
static void offer_grow(struct offer *offer)
{
    size_t capacity = offer->capacity == 0 ? FEWEST : offer->capacity * 2;
    struct offered *ring = memory_new(capacity * sizeof *ring);

    for (size_t i = 0; i < offer->count; i++)
        ring[i] = offer->ring[(offer->at + i) % offer->capacity];
    free(offer->ring);
    offer->ring = ring;
    offer->capacity = capacity;
    offer->at = 0;
}

uint64_t offer_add(struct offer *offer, struct message *message, size_t most_bytes, uint64_t now_ms)
{
    while (offer->count > 0 &&
           (offer->ring[offer->at].came_ms + OFFER_MS < now_ms || offer->bytes + message->byte_count > most_bytes))
        drop_oldest(offer);
    if (offer->count == offer->capacity)
        offer_grow(offer);
    offer->ring[(offer->at + offer->count) % offer->capacity] = (struct offered){message_ref(message), now_ms};
    offer->count++;
    offer->bytes += message->byte_count;
    return ++offer->last;
}

struct message *offer_find(const struct offer *offer, uint64_t number, uint64_t *came_ms)
{
    uint64_t back = offer->last - number; // 0: the latest
    const struct offered *found;

    if (number == 0 || number > offer->last || back >= offer->count)
        return NULL;
    found = &offer->ring[(offer->at + offer->count - 1 - (size_t)back) % offer->capacity];
    if (came_ms != NULL)
        *came_ms = found->came_ms;
    return found->message;
}

void offer_clear(struct offer *offer)
{
    while (offer->count > 0)
        drop_oldest(offer);
    free(offer->ring);
    *offer = (struct offer){0};
}
