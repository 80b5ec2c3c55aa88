// core/worker/inside.h: the definition of `struct worker`, for the files of this room only.  Thread: the worker's.
#ifndef WORKER_INSIDE_H
#define WORKER_INSIDE_H

#include "letters/letters.h"
#include "worker/worker.h"

#include <pthread.h>

struct worker {
    uint32_t index;
    struct config *config;
    struct mailbox inbox;
    struct mailbox_queue letters; // taken from the inbox, not handled yet; older than the letters in it
    struct worker_hub hub;
    bool in_cluster; // the process is a node of a cluster; a reload does not change that
    bool at_hub;     // the only worker: it runs on the hub's thread, and letters between them need no system call
    unsigned asked;  // at_hub: asks since the last flush_asks()
    struct verifier *verifier;
    struct revocations *revocations;
    struct event_base *base;
    struct event *wake, *beat;
    struct event *more; // not all letters were handled: goes on after the loop has looked at its connections
    struct metrics_worker *metrics;
    struct sessions *sessions;
    pthread_t thread;
    atomic_int stack; // the thread's number for stack_tell(), -1: none
    bool started;
    bool leave; // the thread shall end; set by WORKER_LEAVE
    atomic_size_t expected, counted, promiscuous;
    struct letter probe;
    atomic_bool probe_is_out; // the thread has not taken the probe yet
};

/** Further kinds, which only the worker sends: to end the thread, and to see whether its loop turns. */
enum { WORKER_LEAVE = WORKER_LETTERS, WORKER_PROBE };

/** Sends a letter (taken) of `enum hub_letter`. */
void worker_send_to_hub(struct worker *worker, struct letter *letter);
/** Handles a letter, and frees it unless it is a part of the worker. */
void worker_take_letter(struct worker *worker, struct letter *letter);
/** Handles the letters that have come, but of batches only so many that clients are not kept waiting.
 *  @return true: there are more */
bool worker_take_letters(struct worker *worker);
/** Frees a letter without handling it. */
void worker_drop_letter(struct letter *letter);

#endif
