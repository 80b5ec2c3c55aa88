// core/hub/inside.h: the inside of `struct hub`, for the files of this room only.  Thread: the hub's.
#ifndef HUB_INSIDE_H
#define HUB_INSIDE_H

#include "hub/coalesce.h"
#include "hub/hub.h"
#include "server/servers.h"
#include "worker/worker.h"

struct waiting;

/** What one worker gets when the turn ends. */
struct outbox {
    struct worker *worker;
    struct batch *batch;
};

/** A socket; its own block, since the loop holds it. */
struct listening {
    struct hub *hub;
    uint32_t index;  // into config->listen
    uint32_t number; // of reporter_add_listener()
    struct listener *listener;
    uint64_t kept_out;      // by address, since the last line that said so
    uint64_t complained_ms; // when that was, 0: never
};

struct hub {
    struct config *config;
    struct hub_owner owner;
    struct event_base *base;
    struct mailbox inbox;
    struct letter *first, *last; // taken out of it, not acted upon yet; before all that is in it
    struct event *wake, *flush, *beat;
    struct servers *servers;
    struct coalescer *coalescer;
    struct tls_context *tls; // for clients that come from now on; NULL: none
    struct worker_shared shared;
    struct metrics_hub *metrics; // of shared.metrics
    const struct registry *registry;
    struct outbox *outboxes;
    uint32_t worker_count;
    struct listening **listening;
    size_t listening_count;
    uint64_t last_session_id, last_serial;
    uint64_t complained_ms, refused; // of connections without room; since that line
    bool flush_pending;
    struct waiting *first_waiting, *last_waiting; // connections for which there is no room yet, in their order
    size_t waiting_count;
    struct event *room; // looks for it
};

/** Batches that were not sent yet leave now: what follows comes behind them. */
void hub_send_batches(struct hub *hub);
/** For `struct servers_output` (server/servers.h). @param context  the hub */
void hub_on_server_event(void *context, struct message *message, struct ask *ask, bool foreign_id);
void hub_on_server_answer(void *context, struct answer_part part, struct ask *ask);
void hub_on_servers_state(void *context, const struct servers_state *state);
/** For the coalescer: a part of an answer that was another's, for the worker of who asked the same. All are lent.
 *  @param context  the hub */
void hub_give_share(void *context, const struct answer_part *part, struct ask *ask);
/** A connection has come: it goes to the worker with the fewest sessions, if there is room. @param context  listening
 */
void hub_on_accepted(int fd, const char *address, void *context);
/** Connections that wait for room are closed. */
void hub_forget_waiting(struct hub *hub);
/** Ends the session of that number, whichever worker has it. @return false with `err`: there is none */
bool hub_close_session(struct hub *hub, uint64_t session_id, struct error *err);
/** Takes over the sockets of config->listen; each becomes NULL. */
void hub_take_listeners(struct hub *hub, struct listener **listeners);
/** Opens the sockets that `config` has and the hub has not. @param fresh  set to an array, one per config->listen, of
 *  these; NULL where there is one already. The caller hands it to hub_apply_listening() or hub_discard_listening()
 *  @return false with `err`, and then `fresh` is NULL */
bool hub_prepare_listening(struct hub *hub, const struct config *config, struct listener ***fresh, struct error *err);
void hub_discard_listening(struct listener **fresh, const struct config *config);
/** Changes over to the sockets of `config`; of the others no more connections are taken. Before hub->config changes. */
void hub_apply_listening(struct hub *hub, const struct config *config, struct listener **fresh);
/** Does what a proxy action asks, and sends the letter back. */
void hub_run_command(struct hub *hub, struct command *command);
/** Reads the certificates of `config`. @param tls  set to NULL if it has none  @return false with `err` */
bool hub_read_certificates(const struct config *config, struct tls_context **tls, struct error *err);

#endif
