// core/hub/hub.h: the thread that holds the servers and accepts clients. It knows nothing of the life of the process
// (run/); it notifies its owner by callbacks.
// Thread: the one that runs the loop hub_base(), unless stated otherwise.
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include "config/config.h"
#include "net/listener.h"
#include "plugin/registry.h"

#define HUB_DESCRIPTOR_RESERVE 32 // reserved for servers, the log, scripts and a reload

struct calls;
struct command;
struct event_base;
struct hub;
struct hub_pending;
struct metrics_hub;
struct servers;
struct worker;

/** The callbacks of the hub's owner. They run on the hub's loop; arguments are lent. */
struct hub_owner {
    /** A proxy action asks for a reload. @param command  taken; goes back by hub_answer_command() */
    void (*reload)(void *context, struct command *command);
    /** The last session of one worker has ended after hub_drain(). */
    void (*worker_drained)(void *context);
    /** A listening socket begins to accept. */
    void (*listener_opened)(void *context, struct listener *listener);
    /** A listening socket that the configuration no longer has is about to be closed. */
    void (*listener_dropped)(void *context, struct listener *listener);
    /** Rules that a reload has replaced: to be freed where that blocks no loop. Thread: a worker's. NULL: the worker
     *  frees them. @param rules  taken; calls_destroy() frees them on any thread */
    void (*dispose)(void *context, struct calls *rules);
    /** After hub_give_past() (hub/handover.h). @param fd  the sealed file, lent; -1: it failed, with a reason */
    void (*past_given)(void *context, int fd, const char *reason);
    /** What is held for kept feeds that were given takes too much memory: hub_take_back() must follow. */
    void (*give_up)(void *context, const char *reason);
    void *context;
};

/** Creates loop, workers and servers, and reads certificates before privileges are dropped. No thread is started
 *  yet.
 *  @param listeners  one per config->listen, bound; taken over: each becomes NULL
 *  @param owner  copied
 *  @return NULL with `err` set */
struct hub *hub_create(struct config *config, const struct registry *registry, struct listener **listeners,
                       const struct hub_owner *owner, struct error *err);
/** Starts the threads. The caller runs the loop of hub_base(). @return false with `err` */
bool hub_start(struct hub *hub, struct error *err);
/** Ends the threads and frees everything. Call it when the loop has returned. NULL is fine. */
void hub_destroy(struct hub *hub);

/** Returns the loop of the hub; lent. */
struct event_base *hub_base(const struct hub *hub);
/** Returns the configuration in use; lent. */
struct config *hub_config(const struct hub *hub);
/** Returns the servers; lent. */
struct servers *hub_servers(const struct hub *hub);
/** Returns the hub's counters; lent. The caller writes only counters that no file of hub/ writes. */
struct metrics_hub *hub_metrics(const struct hub *hub);
/** Returns the number of workers. */
size_t hub_worker_count(const struct hub *hub);
/** Returns a worker; lent. @param index  below hub_worker_count() */
struct worker *hub_worker(const struct hub *hub, size_t index);

/** Opens the socket of config->listen[index]. If the control socket cannot be opened, and the configuration does not
 * say where it is, the log says so and the proxy does without it.
 *  @param registry  the plugins that are loaded
 *  @param listener  set to the socket, NULL: there is none
 *  @return false with `err` */
bool hub_open_listener(const struct config *config, size_t index, const struct registry *registry,
                       struct listener **listener, struct error *err);
/** Begins to accept connections. */
void hub_start_listening(struct hub *hub);
/** Stops accepting connections. */
void hub_stop_listening(struct hub *hub);
/** Makes hub_stop_listening() leave the files of unix sockets, because another process has taken over the sockets. */
void hub_hand_on_listening(struct hub *hub);
/** Returns the number of listening sockets. */
size_t hub_listener_count(const struct hub *hub);
/** Returns a listening socket; lent. @param index  below hub_listener_count()
 *  @return NULL: the control socket could not be opened */
struct listener *hub_listener(const struct hub *hub, size_t index);

/** Tells the workers to drain: each session ends once its actions are answered.
 *  @param close_by_ms  clock_ms() by which all clients are informed, answered or not */
void hub_drain(struct hub *hub, uint64_t close_by_ms);

/** After hub_drain(), in a cluster: do other nodes own the servers, is every action answered, and has every call ended
 *  that another node has ordered? True without a cluster. */
bool hub_is_drained(const struct hub *hub);

/** After hub_drain(), when hub_is_drained(): exports get no more events. */
void hub_end_exports(struct hub *hub);

/** Answers the command of a proxy action. Takes the command. @param reason  why it failed; NULL: it succeeded */
void hub_answer_command(struct hub *hub, struct command *command, const char *reason);

/** Loads the certificates and scripts of `config`, which may take long. Nothing changes yet. Thread: any, one at a
 * time, while the hub exists.
 *  @param config  the pending configuration takes a reference of its own
 *  @return NULL with `err`; else the caller passes it to hub_apply() or hub_discard() */
struct hub_pending *hub_prepare(struct hub *hub, struct config *config, struct error *err);
/** Opens the sockets of `pending` that the hub does not have. @return false with `err` */
bool hub_prepare_sockets(struct hub *hub, struct hub_pending *pending, struct error *err);
/** Switches to `pending`, whose sockets are open, and takes it. Cannot fail. */
void hub_apply(struct hub *hub, struct hub_pending *pending);
/** Frees a pending configuration. NULL is fine. */
void hub_discard(struct hub *hub, struct hub_pending *pending);

#endif
