// core/session/delivery/kept_shared.h: the inside of struct kept_shared. Private to kept*.c and handover.c.
// Thread: any for the atomic fields; the others are set before there are sessions.
#ifndef SESSION_DELIVERY_KEPT_SHARED_H
#define SESSION_DELIVERY_KEPT_SHARED_H

#include "session/delivery/kept.h"

struct kept_shared {
    char epoch[RESUME_EPOCH_SIZE];
    atomic_size_t bytes;
    atomic_size_t held; // bytes of messages that wait (KEPT_HELD), and of the feeds' lists of them
    uint32_t workers, id_workers;
    atomic_uint_fast64_t oldest_ms[]; // of each worker: when its oldest message came
};

#endif
