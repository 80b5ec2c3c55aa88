// core/worker/inside.h: the inside of `struct worker`, for the files of this room only.  Thread: the worker's.
#ifndef WORKER_INSIDE_H
#define WORKER_INSIDE_H

#include "letters/letters.h"
#include "worker/worker.h"

#include <pthread.h>

struct worker {
    uint32_t index;
    struct config *config;
    struct mailbox inbox;
    struct worker_hub hub;
    bool at_hub;    // the only one: lives on the hub's thread, and letters between them need no system call
    unsigned asked; // then: since the hub was told to flush_asks
    struct verifier *verifier;
    struct event_base *base;
    struct event *wake, *beat;
    struct metrics_worker *metrics;
    struct sessions *sessions;
    pthread_t thread;
    atomic_int stack; // what stack_tell() knows the thread by
    bool started;
    bool leave; // the thread's own: set by WORKER_LEAVE
    atomic_size_t expected, counted, promiscuous;
    struct letter probe;
    atomic_bool probe_is_out; // on its way to the thread
};

/** Beyond enum worker_letter: ours, to end the thread, and to see whether it turns. */
enum { WORKER_LEAVE = WORKER_LETTERS, WORKER_PROBE };

/** Acts upon a letter that came, and frees it unless it is a part of the worker. */
void worker_take_letter(struct worker *worker, struct letter *letter);
/** Frees a letter that nobody will read. */
void worker_drop_letter(struct letter *letter);

#endif
