// core/server/server.h: one Asterisk of the configuration: up or down, its lanes, when to try again.
// Thread: the hub's.
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/metrics.h"
#include "server/lane.h"
#include "server/learn.h"
#include "server/queue.h"

#define SERVER_LANES 18 // those of the configuration, and spare ones while others log off
#define SERVERS_TICK_MS 100L
#define MAIN(server) (&(server)->lanes[0]) // the lane with the events

/** server_enter() is the only writer. */
enum server_state {
    SERVER_DOWN,       // until the next attempt, at `deadline_ms`; 0: none is planned
    SERVER_CONNECTING, // the main lane opens and logs in; its own limits end that
    SERVER_BOOTING,    // logged in, FullyBooted is waited for, until `deadline_ms` at most
    SERVER_UP,         // clients were told so
    SERVER_GIVEN_UP,   // retry.attempts is used up
    SERVER_LEAVING     // dropped: not tried again
};

struct server {
    struct servers *servers;
    struct config *owner;        // of `config`; one reference; NULL: `added` is it
    struct server_config *added; // by AddServer; NULL: it stands in the configuration
    const struct server_config *config;
    struct tls_context *tls; // for connections from now on; NULL: not encrypted
    struct log_context log;
    struct metrics_server *metrics;
    struct lane lanes[SERVER_LANES]; // [0] is the main one
    enum server_state state;
    uint64_t deadline_ms; // of the state, 0: for ever
    bool refused;         // the last attempt failed for want of the right credentials
    char banner[128];
    char address[64];       // of the main lane's peer, empty: not known yet
    uint64_t wait_ms;       // before the next attempt; doubles
    uint64_t attempts;      // in this outage
    uint64_t slow_retry_ms; // clock_ms() before which no slow lane is opened again, as one could not be
    struct queue queue;     // what waits for a lane
    uint64_t up_since_ms;
    bool boot_known;
    uint64_t boot_ms, reload_ms;
    struct privileges *privileges; // what its actions need, NULL: it has not told
    struct learning learning;
};

/** The inside of `struct servers`, for the files of this room. */
struct servers {
    struct event_base *base;
    struct resolver *resolver;
    struct config *config;
    struct servers_output output;
    struct exchanges exchanges;
    struct server **list;
    size_t count;
    struct event *tick, *flush;
    bool flush_pending;
    bool stopping;
    uint64_t stop_by_ms;
    void (*stopped)(void *context);
    void *stopped_context;
};

/** Down; the first tick connects. @param owner  that `config` belongs to, one reference is taken; NULL: `config` is the
 * server's from here on */
struct server *server_create(struct servers *servers, struct config *owner, const struct server_config *config);
/** Frees a description that belongs to no configuration. NULL is fine. */
void server_free_config(struct server_config *config);
/** Closes and frees; what was asked is dropped without an answer: server_leave() first. */
void server_destroy(struct server *server);
/** Says Logoff on every lane, closes them, and ends what was asked with an Error. Nothing is tried again. */
void server_leave(struct server *server, const char *reason);
/** Are clients told that it is up? Then its main lane is logged in. */
static inline bool server_is_up(const struct server *server)
{
    return server->state == SERVER_UP;
}

/** Judges the deadlines of the server and its lanes, and updates its gauges; called every SERVERS_TICK_MS. */
void server_tick(struct server *server, uint64_t now);
/** Sends the ask, or lets it wait for a lane that may take it. The server is up. */
void server_send(struct server *server, struct ask *ask, struct merge *merge);
/** Writes an exchange of an ask, which is on no lane yet; its time runs from here on. */
void server_write(struct lane *lane, struct exchange *exchange);
/** Does it speak AMI 1.x or 2.x (before Asterisk 12), whose lists say no EventList? */
bool server_is_old(const struct server *server);
/** Nothing is connected any more. */
bool server_is_closed(const struct server *server);

/** A lane has logged in. */
void server_lane_up(struct lane *lane);
/** A lane was lost or could not open. @param detail  the words of lane_loss_text(), borrowed: they may belong to what
 * is closed now */
void server_lane_lost(struct lane *lane, enum lane_loss loss, const char *detail);
/** `FullyBooted` came on the main lane. */
void server_booted(struct server *server, const struct message *event);
/** A message that is not the answer to an action of our own; taken. */
void server_message(struct lane *lane, struct message *message);
/** By name, without case; NULL if there is none. */
struct server *servers_find(struct servers *servers, const char *name);
/** Has all lanes written at the end of the loop's turn. */
void servers_want_flush(struct servers *servers);
/** Tells workers banner, up and booted as they are now. */
void servers_tell_state(struct servers *servers);

#endif
