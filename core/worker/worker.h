// core/worker/worker.h: who serves clients: an event loop, a mailbox, and the sessions that it owns. Each has a thread
// of its own, unless there is only one: it shares the hub's, so that an action passes from client to server and back
// without a change of thread. Thread: the counters any; the rest the hub's.
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/mailbox.h"
#include "config/config.h"
#include "plugin/registry.h"
#include "session/connection/sessions.h"

struct event;
struct event_base;
struct worker;

/** What all workers share; lent, outlives them. */
struct worker_shared {
    struct failures *failures;
    struct verifier *verifier;
    struct directory *directory;
    struct session_limits *limits;
    struct script_watchdog *watchdog;
    struct script_shared *store;
    struct metrics *metrics;
    struct reporter *reporter;
};

/** The hub, as its workers need it; what it points to is lent and outlives them. */
struct worker_hub {
    struct mailbox *inbox;      // takes HUB_ASK (struct ask), HUB_COMMAND and HUB_DRAINED
    struct event *wake;         // … is read when this becomes active
    struct event_base *base;    // an only worker's, too
    void (*flush_asks)(void *); // takes what an only worker has asked at once, with the context
    void *context;
};

/** Prepares a worker with its scripts (no thread yet).
 *  @param index  its number, below config->workers
 *  @return NULL with `err`: a script does not load … */
struct worker *worker_create(uint32_t index, struct config *config, const struct registry *registry,
                             const struct worker_hub *hub, const struct worker_shared *shared, struct error *err);
/** Loads the scripts of `config` for this worker, which goes on with what it has. @return NULL with `err` */
struct scripts *worker_prepare(struct worker *worker, const struct config *config, struct error *err);
/** Gives up scripts that no worker took. */
void worker_discard(struct scripts *scripts);
/** Starts the thread, if it has one. */
bool worker_start(struct worker *worker, struct error *err);
/** Sends a letter of `enum worker_letter`; takes it. Never read from inside the call. */
void worker_send(struct worker *worker, struct letter *letter);
/** Sessions it has, those on their way included. */
size_t worker_sessions(struct worker *worker);
/** Says that a connection is on its way: counted at once, so that the next goes elsewhere. */
void worker_expect(struct worker *worker);
/** Does any of its sessions want other sessions' answers (autofilter off)? */
bool worker_is_promiscuous(struct worker *worker);
/** Does its loop turn? Asks for a sign of life, and tells whether the one asked for before has come (true the first
 *  time). */
bool worker_turns(struct worker *worker);
/** Has its thread say on stderr where it is, and go on. Not of an only worker: whoever could ask is on its thread. */
void worker_tell_stack(struct worker *worker);
/** Ends the thread after the letters sent so far, waits for it, and frees everything. */
void worker_destroy(struct worker *worker);

#endif
