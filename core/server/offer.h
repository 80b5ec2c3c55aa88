// core/server/offer.h: the ring of an owner: the latest events of a server, numbered, for nodes that missed some.
// Thread: the hub's.
#ifndef SERVER_OFFER_H
#define SERVER_OFFER_H

#include "ami/message.h"

/** An event that was offered. */
struct offered {
    struct message *message; // one reference
    uint64_t came_ms;
};

/** The events `last - count + 1` to `last`. All zero: empty, and the first one will be number 1. */
struct offer {
    struct offered *ring;
    size_t capacity, count, at; // `at`: place of the oldest
    uint64_t last;              // number of the latest
    size_t bytes;               // of all messages
};

/** Gives an event (borrowed; a reference is kept) the next number, and forgets those that are older than OFFER_MS or
 *  exceed `most_bytes`. @return its number */
uint64_t offer_add(struct offer *offer, struct message *message, size_t most_bytes, uint64_t now_ms);
/** Returns an event by its number. @param came_ms  set to when it was added; may be NULL
 *  @return lent; NULL: it is not kept any more, or was never there */
struct message *offer_find(const struct offer *offer, uint64_t number, uint64_t *came_ms);
/** Forgets the events. The next one gets number 1. */
void offer_clear(struct offer *offer);

#define OFFER_MS 10000 // how long an event is kept

#endif
