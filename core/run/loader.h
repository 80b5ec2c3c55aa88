// core/run/loader.h: a thread for what takes long and no loop may wait for: reading a configuration, loading its
// scripts, freeing what has been replaced. It begins with the first job.
// Thread: the owner's loop, but for what is said otherwise.
#ifndef RUN_LOADER_H
#define RUN_LOADER_H

#include "base/mailbox.h"

#include <stdbool.h>

struct event_base;
struct loader;

/** Something to do. The first part of a struct that says what; owned by the loader from loader_submit() on. */
struct loader_job {
    struct letter letter; // must be first
    /** Does it. Thread: the loader's; in loader_destroy() the owner's. */
    void (*work)(struct loader_job *job);
    /** It is done: called on the owner's loop, takes the job. NULL: work() has taken it already. */
    void (*done)(struct loader_job *job);
    /** It was done, but the loop has ended: takes the job. Needed if there is a done(). */
    void (*drop)(struct loader_job *job);
};

/** @param base  the owner's loop, on which done() is called  @return NULL with errno: no descriptor is left */
struct loader *loader_create(struct event_base *base);
/** Does the job behind those that were submitted before. Thread: any. Where no thread can be started it is done at
 *  once, on the caller's. */
void loader_submit(struct loader *loader, struct loader_job *job);
/** Ends the thread when the job at hand is done; jobs with a done() that wait or are finished are dropped. Jobs of the
 *  other kind are still taken. NULL is fine. */
void loader_stop(struct loader *loader);
/** loader_stop(), then does the jobs that wait. NULL is fine. */
void loader_destroy(struct loader *loader);

#endif
