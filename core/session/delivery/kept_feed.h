// core/session/delivery/kept_feed.h: what a feed and a worker remember of feeds that keep their past (kept.h).
// Thread: the worker's.
#ifndef SESSION_DELIVERY_KEPT_FEED_H
#define SESSION_DELIVERY_KEPT_FEED_H

#include "session/delivery/feed_past.h"
#include "session/delivery/resume_id.h"

struct event;

/** The data of a kept feed. */
struct kept_feed {
    char tag[RESUME_TAG_SIZE];
    char id[RESUME_ID_SIZE]; // what the ids of its messages begin with
    size_t id_length;
    uint64_t number;  // its number among the kept feeds of this worker, from 1
    char *user;       // the name of its user; NULL: sessions without a user
    uint64_t left_ms; // when its last session left; 0: it has sessions
    bool changed;     // its user's rules have changed: it is freed when its last session leaves
};

/** The kept feeds of one worker. */
struct kept {
    struct kept_shared *shared; // lent
    struct feed_keeping keeping;
    uint32_t count;      // kept feeds
    uint64_t numbered;   // kept feeds that were ever made
    struct event *timer; // runs while there are kept feeds
    bool timing;
    struct kept_tag *gone; // of feeds whose user's rules have changed; while somebody may come back to them
};

#endif
