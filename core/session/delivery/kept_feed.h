// core/session/delivery/kept_feed.h: what a feed and a worker remember of feeds that keep their past (kept.h).
// Thread: the worker's.
#ifndef SESSION_DELIVERY_KEPT_FEED_H
#define SESSION_DELIVERY_KEPT_FEED_H

#include "base/handles.h"
#include "session/delivery/feed_past.h"
#include "session/delivery/resume_id.h"

struct event;
struct message;

#define KEPT_LEFT_BEHIND 8 // feeds that one session has left, and nobody else has read, are kept at most

/** The data of a kept feed. */
struct kept_feed {
    char tag[RESUME_TAG_SIZE];
    char id[RESUME_ID_SIZE]; // what the ids of its messages begin with
    size_t id_length;
    uint64_t number;                       // its number among the kept feeds of this worker, from 1
    uint32_t worker;                       // that its ids name
    bool inherited;                        // an earlier process has begun it
    char *user;                            // the name of its user; NULL: sessions without a user
    uint64_t only_reader;                  // number of the session that alone has read it; 0: several have, or none
    uint64_t left_ms;                      // when its last session left; 0: it has sessions
    struct kept_message *held, **held_end; // messages that wait, oldest first
    struct kept_message *newest;           // of those; only valid if there is one
    bool changed;                          // its user's rules have changed: it is freed when its last session leaves
};

/** What becomes of messages for kept feeds (handover.h). */
enum kept_state {
    KEPT_LIVE, // they are appended
    KEPT_HELD, // they wait: another process has got the feeds, but does not serve yet
    KEPT_LEFT  // they are for the other process, which hears them, too
};

/** A message that waits to be appended to a kept feed. */
struct kept_message {
    struct kept_message *next;
    struct message *message; // one reference
    uint64_t serial;
    size_t bytes;           // that it counts for
    struct handle given_to; // the session that asked for it, and has got it already; none: nobody has
};

/** The kept feeds of one worker. */
struct kept {
    enum kept_state state;
    bool passed_on;                  // the message that is delivered now was passed on by the earlier process
    bool from_afar;                  // … came by another node, which exports it
    struct kept_shared *shared;      // lent
    const struct message *last_held; // of all feeds, to count a message once; only to be compared
    struct feed_keeping keeping;
    uint32_t count;        // kept feeds
    uint64_t numbered;     // kept feeds that were ever made
    struct event *timer;   // runs while there are kept feeds
    bool timing;           // `timer` is set
    struct kept_tag *gone; // tags of feeds whose user's rules have changed, for `resume.keep` after that
};

#endif
