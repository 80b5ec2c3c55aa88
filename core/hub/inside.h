// core/hub/inside.h: the inside of `struct hub`, for the files of this room only.  Thread: the hub's.
#ifndef HUB_INSIDE_H
#define HUB_INSIDE_H

#include "base/list.h"
#include "hub/coalesce.h"
#include "hub/heard.h"
#include "hub/hub.h"
#include "server/servers.h"
#include "worker/worker.h"

/** The messages that one worker gets at the end of the loop's turn. */
struct outbox {
    struct worker *worker;
    struct batch *batch;
    bool has_audience; // in a cluster: something in the worker needs events (struct audience)
};

/** A listening socket; a block of its own, because the loop holds a pointer to it. */
struct listening {
    struct hub *hub;
    uint32_t index;            // into config->listen
    uint32_t number;           // of reporter_add_listener(): several may have the same
    uint64_t id;               // no other one of this hub ever has it
    struct listener *listener; // NULL: a control socket that could not be opened
    uint64_t kept_out;         // connections refused by address since the last log line about them
    uint64_t complained_ms;    // time of that line, 0: never
};

/** The client of a new connection, as far as it is known. */
struct newcomer {
    char address[LISTENER_ADDRESS_SIZE]; // the client's, or that of a balancer that has named none
    bool balancer;                       // the address is in listen.trust
};

/** Where a takeover stands, as far as the hub is concerned. */
enum hub_handover_state {
    HANDOVER_NONE,
    HANDOVER_HEARS, // the earlier process notes what it hears
    HANDOVER_GIVES, // it gives, or has given, its kept feeds away
    HANDOVER_HOLDS  // the later process holds what it hears
};

struct hub_handover {
    enum hub_handover_state state;
    struct heard heard;     // what this process has heard
    struct heard earlier;   // what the process before it has heard, and this one has not yet
    struct past_file *file; // while it is written; NULL: none
    struct ask *fence;      // a question to the servers, after whose answers the feeds are given; NULL: none
    struct event *limit;    // the longest wait for these answers
    uint32_t asked;         // workers that have not written their feeds yet
    uint64_t began_ms;      // when the later process began to listen
    uint64_t held_bytes;    // of messages that are held
    uint64_t until_ms;      // when the wait for what is in `earlier` ends
};

struct hub {
    struct hub_handover handover;
    struct pbx *pbx; // figures of the servers, for listeners with `pbx_metrics`; NULL: there is none. The reporter's
    struct hub_cluster *cluster; // NULL: this proxy is in no cluster
    uint32_t channel_lists;      // number of asks of_hub that are in flight
    struct config *config;
    struct hub_owner owner;
    struct event_base *base;
    struct mailbox inbox;
    struct mailbox_queue letters; // taken from the inbox, not handled yet; older than the letters in it
    struct event *wake, *flush, *beat;
    struct servers *servers;
    struct coalescer *coalescer;
    struct tls_context *tls; // for new clients; NULL: none
    struct worker_shared shared;
    struct metrics_hub *metrics; // of shared.metrics
    const struct registry *registry;
    struct outbox *outboxes;
    uint32_t worker_count;
    struct listening **listening;
    size_t listening_count;
    uint64_t last_listening; // id of the listening socket that was made last
    uint64_t last_serial;
    uint64_t complained_ms, refused; // of connections without room: time of the last log line; number since then
    bool flush_pending;
    struct list_head surveys; // questions to all workers, for commands that wait (control.c)
    struct list_head waiting; // connections that wait for room (accept.c), in order of arrival
    size_t waiting_count;
    struct event *room;        // checks whether there is room for them
    struct list_head arrivals; // connections of balancers whose first bytes are awaited (arrival.c)
    size_t arrival_count;
};

/** Sends all unsent batches now, so that later letters come after them. */
void hub_send_batches(struct hub *hub);
/** Sends an ask (borrowed) to its server. If an equal one is in flight, the ask gets the answer of that one. */
void hub_take_ask(struct hub *hub, struct ask *ask);
/** For `struct servers_output` (server/servers.h). @param context  the hub */
void hub_on_server_event(void *context, struct message *message, struct ask *ask, bool foreign_id);
void hub_on_server_answer(void *context, struct answer_part part, struct ask *ask);
void hub_on_servers_state(void *context, const struct servers_state *state);
void hub_on_portion(void *context);
/** For the coalescer: a part of another ask's answer, for the worker of the equal ask `ask`. All are lent.
 *  @param context  the hub */
void hub_give_share(void *context, const struct answer_part *part, struct ask *ask);
/** Passes a new connection to the worker with the fewest sessions, if there is room. @param context  listening */
void hub_on_accepted(int fd, const char *address, void *context);
/** Passes a new connection of the control socket to a worker. No limit keeps it out. @param context  listening */
void hub_on_control_accepted(int fd, const char *address, void *context);
/** Admits or refuses a connection, now that its client is known. @param fd  taken */
void hub_let_in(struct listening *listening, int fd, const struct newcomer *who);
/** Finds the listening socket of that id. @return lent; NULL: it was closed */
struct listening *hub_find_listening(const struct hub *hub, uint64_t id);
/** Closes the connections that wait for room. */
void hub_forget_waiting(struct hub *hub);
/** Closes the session with that number, whichever worker has it. @return false with `err`: there is none */
bool hub_close_session(struct hub *hub, uint64_t session_id, struct error *err);
/** Tells all workers to end the session with that number. @param idle  only if it has not logged in */
void hub_send_close_request(struct hub *hub, uint64_t session_id, bool idle);
/** Takes the sockets of config->listen; each becomes NULL. */
void hub_take_listeners(struct hub *hub, struct listener **listeners);
/** Opens the sockets of `config` that the hub does not have. @param fresh  set to an array with these, one per
 *  config->listen; NULL for a socket that exists already. The caller passes it to hub_apply_listening() or
 *  hub_discard_listening()
 *  @return false with `err`, and then `fresh` is NULL */
bool hub_prepare_listening(struct hub *hub, const struct config *config, struct listener ***fresh, struct error *err);
/** Closes the sockets of hub_prepare_listening() and frees the array. `fresh` may be NULL. */
void hub_discard_listening(struct listener **fresh, const struct config *config);
/** Switches to the sockets of `config` and closes the others. Call it before hub->config changes. */
void hub_apply_listening(struct hub *hub, const struct config *config, struct listener **fresh);
/** Executes a proxy action's command and sends the letter back. */
void hub_run_command(struct hub *hub, struct command *command);
/** Reads the certificates of `config`. @param tls  set to NULL if it has none  @return false with `err` */
bool hub_read_certificates(const struct config *config, struct tls_context **tls, struct error *err);

#endif
