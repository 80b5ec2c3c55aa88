// core/run/loader.h: a thread for long work that must not block a loop: reading a configuration, loading its scripts,
// freeing what has been replaced. The first job starts the thread.
// Thread: the owner's loop, unless stated otherwise.
#ifndef RUN_LOADER_H
#define RUN_LOADER_H

#include "base/mailbox.h"

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loader;

/** A job. The first member of a struct with its data; owned by the loader from loader_submit() on. */
struct loader_job {
    struct letter letter; // must be first
    /** Does it. Thread: the loader's; in loader_destroy() the owner's. */
    void (*work)(struct loader_job *job);
    /** Called on the owner's loop after work(); takes the job. NULL: work() has taken it already. */
    void (*done)(struct loader_job *job);
    /** Called instead of done() if the loop has ended; takes the job. Required if there is a done(). */
    void (*drop)(struct loader_job *job);
};

/** @param base  the owner's loop, on which done() is called  @return NULL with errno: no descriptor is left */
struct loader *loader_create(struct event_base *base);
/** Queues a job. Jobs run in order. Thread: any. If no thread can be started, the job runs at once on the caller's
 *  thread. */
void loader_submit(struct loader *loader, struct loader_job *job);
/** Tells the thread to end after the jobs that it has, and waits for that. loader_stop() must follow. NULL is fine.
 *  @param limit_ms  longest wait, in milliseconds  @return false: a job still runs; it may wait for a file that never
 *  comes */
bool loader_end_within(struct loader *loader, uint64_t limit_ms);
/** Ends the thread after the running job, however long that takes. Waiting and finished jobs with a done() are dropped;
 *  other jobs are still accepted. NULL is fine. */
void loader_stop(struct loader *loader);
/** Calls loader_stop(), then runs the waiting jobs. NULL is fine. */
void loader_destroy(struct loader *loader);

#endif
