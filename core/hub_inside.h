// core/hub_inside.h: the inside of `struct hub`, for hub.c, hub_accept.c and reload.c only.  Thread: the hub's.
#ifndef CORE_HUB_INSIDE_H
#define CORE_HUB_INSIDE_H

#include "hub.h"
#include "server/servers.h"
#include "share.h"
#include "worker.h"

/** The end comes in steps; each has a limit, so that nobody can hold it up. */
enum ending { RUNNING, ENDING_ANSWERS, ENDING_CLIENTS, ENDING_SERVERS };

/** What one worker gets when the turn ends. */
struct outbox {
    struct worker *worker;
    struct batch *batch;
};

struct listening {
    struct hub *hub;
    uint32_t index;
    struct listener *listener;
    uint64_t kept_out;      // by address, since the last line that said so
    uint64_t complained_ms; // when that was, 0: never
};

struct hub {
    struct config *config;
    struct event_base *base;
    struct mailbox inbox;
    struct event *wake, *flush, *beat, *term, *interrupt, *hangup, *tick;
    struct servers *servers;
    struct shares *shares;
    struct tls_context *tls; // for clients that come from now on; NULL: none
    struct worker_shared shared;
    struct metrics_hub *metrics; // of shared.metrics
    const struct registry *registry;
    struct outbox *outboxes;
    uint32_t worker_count;
    struct listening *listening;
    uint64_t last_session_id, last_serial;
    uint64_t complained_ms, refused; // of connections without room; since that line
    enum ending ending;
    uint64_t ending_limit_ms;
    uint32_t drained;
    bool flush_pending, killed;
};

/** Batches that were not sent yet leave now: what follows comes behind them. */
void hub_send_batches(struct hub *hub);
/** A connection has come: it goes to the worker with the fewest sessions, if there is room. @param context  listening
 */
void hub_on_accepted(int fd, const char *address, void *context);
/** Ends the session of that number, whichever worker has it. @return false with `err`: there is none */
bool hub_dismiss(struct hub *hub, uint64_t session_id, struct error *err);
/** No more connections are taken. */
void hub_stop_listening(struct hub *hub);

#endif
