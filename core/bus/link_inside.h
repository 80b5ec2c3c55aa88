// core/bus/link_inside.h: the inside of a connection, for link.c and link_subscriptions.c.
#ifndef BUS_LINK_INSIDE_H
#define BUS_LINK_INSIDE_H

#include "bus/link.h"

#ifdef AMP_WITH_NATS

#include <nats/nats.h>

struct link {
    struct bus *bus;
    natsConnection *connection;
    uint64_t number;
    const char *broken; // why link_publish() cannot go on
    char *scratch;      // body of the message that is published
    size_t scratch_bytes;
    struct link_subscription *ended; // the bus thread's: libnats may still call back for them
    pthread_mutex_t lock;
    pthread_cond_t idle;
    unsigned users; // callbacks that may still run: one of the connection's end, one of each subscription
};

struct link_subscription {
    struct link *link;
    natsSubscription *subscription;
    struct link_subscription *next; // in `ended`
    atomic_bool complete;           // libnats does not call back for it any more
};

/** A callback that was counted in `users` does not run any more. Thread: any. */
void link_release(struct link *link);

#endif
#endif
