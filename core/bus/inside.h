// core/bus/inside.h: the inside of `struct bus`, for the files of this room only.
#ifndef BUS_INSIDE_H
#define BUS_INSIDE_H

#include "base/metrics.h"
#include "bus/bus.h"
#include "bus/identity.h"

#include <pthread.h>
#include <stdatomic.h>

struct link;

enum job_kind { JOB_PUBLISH, JOB_SUBSCRIBE, JOB_UNSUBSCRIBE, JOB_CLOSED, JOB_LEAVE };

/** A letter to the bus thread. Texts are owned by it. */
struct job {
    struct letter letter;  // kind enum job_kind; must be first
    struct job *next;      // the thread's: of those that wait for a connection
    uint64_t since_ms;     // JOB_PUBLISH: when it was put into the mailbox
    size_t size;           // JOB_PUBLISH: that it counts there
    char *subject, *reply; // `reply`: subject for answers; NULL: none
    struct message *head;  // one reference, or NULL
    struct bus_body *body; // or NULL
    uint64_t number;       // JOB_CLOSED: of the link
};

struct subscription;

struct bus {
    struct bus_identity identity;
    struct mailbox *inbox; // the hub's
    uint32_t letter_kind;
    uint64_t limit;              // bytes in each direction
    uint64_t stale_ms;           // after which a message is not sent any more
    struct metrics_bus *metrics; // with the bytes in both mailboxes
    struct mailbox jobs;
    pthread_t thread;
    bool started;

    // The hub's:
    uint64_t refused, complained_ms; // messages without room since the last line about them; its time, 0: never

    // The bus thread's:
    struct job *first, **last; // publish jobs that wait, in order
    struct subscription *subscriptions;
    struct link *link; // NULL: none
    uint64_t next_ms;  // when to try again
    size_t url;        // index of the server to try next
    size_t tried;      // servers that were tried in this round
    uint64_t links;    // that were made
    bool any_refused;  // … and one of them did not accept this node
    char **complaints; // of each server the reason that was logged last; NULL: none since the last connection
    bool dropped;      // messages were dropped in this turn

    bool told_full; // libnats's delivery thread's: the hub knows that messages to it are dropped
};

/** Runs the bus thread until a JOB_LEAVE. @param argument  the bus */
void *bus_run(void *argument);
/** Puts a letter without a message into the hub's inbox. Thread: any of the bus's. */
void bus_tell(struct bus *bus, enum bus_letter_kind kind);
/** Frees a job with what it owns. */
void bus_job_free(struct job *job);

#endif
