// core/hub/hub.h: the thread that holds the servers and accepts clients. It knows nothing of the life of the process
// (run/): what it must tell goes to its owner by callbacks.
// Thread: the one whose loop it is, hub_base(), but where it is said.
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include "config/config.h"
#include "net/listener.h"
#include "plugin/registry.h"

#define HUB_DESCRIPTOR_RESERVE 32 // that clients do not get: for servers, the log, scripts and a reload

struct command;
struct event_base;
struct hub;
struct hub_pending;
struct metrics_hub;
struct servers;
struct worker;

/** Who made the hub, and what they are told. Each call comes from the hub's loop; arguments are lent. */
struct hub_owner {
    /** A proxy action asks for a reload. @param command  taken; goes back by hub_answer_command() */
    void (*reload)(void *context, struct command *command);
    /** The last session of one worker is gone after hub_drain(). */
    void (*worker_drained)(void *context);
    /** A listening socket begins to accept. */
    void (*listener_opened)(void *context, struct listener *listener);
    /** A listening socket that the configuration no longer has is about to be closed. */
    void (*listener_dropped)(void *context, struct listener *listener);
    void *context;
};

/** Makes loop, workers and servers, and reads certificates: as the user who may, before privileges are dropped. No
 *  thread is started yet.
 *  @param listeners  one per config->listen, bound; taken over: each becomes NULL
 *  @param owner  copied
 *  @return NULL with `err` set */
struct hub *hub_create(struct config *config, const struct registry *registry, struct listener **listeners,
                       const struct hub_owner *owner, struct error *err);
/** Starts the threads. The loop of hub_base() is the caller's to run. @return false with `err` */
bool hub_start(struct hub *hub, struct error *err);
/** Ends the threads and frees everything. Call it when the loop has returned. NULL is fine. */
void hub_destroy(struct hub *hub);

/** The loop of the hub; lent. */
struct event_base *hub_base(const struct hub *hub);
/** The configuration in use; lent. */
struct config *hub_config(const struct hub *hub);
/** The servers; lent. */
struct servers *hub_servers(const struct hub *hub);
/** What the hub counts; lent. The caller writes only what no file of hub/ writes. */
struct metrics_hub *hub_metrics(const struct hub *hub);
size_t hub_worker_count(const struct hub *hub);
/** @param index  below hub_worker_count() */
struct worker *hub_worker(const struct hub *hub, size_t index);

/** From now on connections come in. */
void hub_start_listening(struct hub *hub);
/** No more connections are taken. */
void hub_stop_listening(struct hub *hub);
/** Another process has the sockets, too, and goes on with them. */
void hub_hand_on_listening(struct hub *hub);
size_t hub_listener_count(const struct hub *hub);
/** @param index  below hub_listener_count()  @return lent */
struct listener *hub_listener(const struct hub *hub, size_t index);

/** Tells the workers that the proxy goes down: each session ends once it has been answered.
 *  @param close_by_ms  clock_ms() by which all clients have been told, answered or not */
void hub_drain(struct hub *hub, uint64_t close_by_ms);

/** A command of a proxy action was done, or not: `reason` says why not, NULL if it was. Takes the command. */
void hub_answer_command(struct hub *hub, struct command *command, const char *reason);

/** Makes what `config` brings with it and takes long: certificates, scripts. Nothing changes yet. Thread: any, one at a
 *  time, while the hub lives.
 *  @param config  the pending configuration takes a reference of its own
 *  @return NULL with `err`; else the caller hands it to hub_apply() or hub_discard() */
struct hub_pending *hub_prepare(struct hub *hub, struct config *config, struct error *err);
/** Opens the sockets that `pending` has and the hub has not. @return false with `err` */
bool hub_prepare_sockets(struct hub *hub, struct hub_pending *pending, struct error *err);
/** Changes over to what is pending, its sockets open, and takes it. Cannot fail. */
void hub_apply(struct hub *hub, struct hub_pending *pending);
/** Gives up what was prepared. NULL is fine. */
void hub_discard(struct hub *hub, struct hub_pending *pending);

#endif
