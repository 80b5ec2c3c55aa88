// core/worker/worker.h: a worker serves clients: an event loop, a mailbox, and the sessions that it owns. Each worker
// has a thread of its own, except a single worker: it shares the hub's thread, so that an action passes from client to
// server and back without a change of thread. Thread: any for the counters; the hub's for the other functions.
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/mailbox.h"
#include "config/config.h"
#include "plugin/registry.h"
#include "session/connection/sessions.h"

struct event;
struct event_base;
struct worker;

/** Objects that all workers share; lent, outlive them. */
struct worker_shared {
    struct failures *failures;
    struct revocations *revocations;
    struct verifier *verifier;
    struct directory *directory;
    struct session_limits *limits;
    struct kept_shared *kept;
    struct session_keys *keys;
    struct script_watchdog *watchdog;
    struct script_shared *store;
    struct metrics *metrics;
    struct reporter *reporter;
};

/** What workers need of the hub; lent, outlives them. */
struct worker_hub {
    struct mailbox *inbox;      // receives letters of enum hub_letter
    struct event *wake;         // the hub reads its inbox when this becomes active
    struct event_base *base;    // the hub's loop, which a single worker shares
    void (*flush_asks)(void *); // handles the asks of a single worker now; called with `context`
    void *context;
};

/** Makes a worker with its scripts, without a thread yet.
 *  @param index  its number, < config->workers
 *  @return NULL: `err` is set, for example because a script could not be loaded */
struct worker *worker_create(uint32_t index, struct config *config, const struct registry *registry,
                             const struct worker_hub *hub, const struct worker_shared *shared, struct error *err);
/** Loads the scripts of `config` for this worker, without using them yet. @return NULL: `err` is set */
struct scripts *worker_prepare(struct worker *worker, const struct config *config, struct error *err);
/** Frees scripts that were not sent to a worker. */
void worker_discard(struct scripts *scripts);
/** Starts the worker's thread, if it has one of its own. @return false: `err` is set */
bool worker_start(struct worker *worker, struct error *err);
/** Sends a letter (taken) of `enum worker_letter`. The worker never handles it during the call. */
void worker_send(struct worker *worker, struct letter *letter);
/** Delivers the batches that were sent before any other letter, now. What clients get is written to them when the
 *  worker's turn comes, as without this call. Only for a single worker, and not from inside of its calls. */
void worker_take_batches(struct worker *worker);
/** Returns the number of its sessions, including connections that were sent to it. */
size_t worker_sessions(struct worker *worker);
/** Counts a connection that is about to be sent to it, so that the next one is sent to another worker. */
void worker_expect(struct worker *worker);
/** Does a session of it receive the answers of other sessions (`autofilter: off`)? */
bool worker_is_promiscuous(struct worker *worker);
/** Checks whether the loop turns. Sends a probe. @return true: the loop has taken the previous probe,
 *  or there was none */
bool worker_turns(struct worker *worker);
/** Makes the worker's thread print its stack to stderr. Not for a single worker, which runs on the caller's thread. */
void worker_tell_stack(struct worker *worker);
/** Ends the thread after the letters sent so far, waits for it, and frees everything. */
void worker_destroy(struct worker *worker);

#endif
