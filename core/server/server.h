// core/server/server.h: one Asterisk of the configuration: its state, its lanes, and when to reconnect.
// Thread: the hub's.
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/list.h"
#include "base/metrics.h"
#include "server/lane.h"
#include "server/learn.h"
#include "server/queue.h"
#include "server/role.h"

#define SERVER_LANES 18 // the most that can be configured, and spare ones for lanes that log off
#define SERVERS_TICK_MS 100L
#define MAIN(server) (&(server)->lanes[0]) // the lane with the events

/** server_enter() is the only writer. */
enum server_state {
    SERVER_DOWN,       // until the next attempt at `deadline_ms`; 0: none is planned
    SERVER_CONNECTING, // the main lane connects and logs in, within the lane's own time limits
    SERVER_BOOTING,    // logged in; waits for FullyBooted until `deadline_ms`
    SERVER_UP,         // ready, and clients were told so (`Event: ServerUp`)
    SERVER_GIVEN_UP,   // retry.attempts is reached
    SERVER_LEAVING     // dropped: there are no more attempts
};

struct server {
    struct servers *servers;
    uint32_t number;             // no other server of this process has or had it; from 1 on
    struct config *owner;        // the configuration that holds `config`, one reference; NULL: AddServer
    struct server_config *added; // the description by AddServer; NULL: the server is in the configuration
    const struct server_config *config;
    struct tls_context *tls; // for new connections; NULL: not encrypted
    struct log_context log;
    struct metrics_server *metrics;
    struct lane lanes[SERVER_LANES]; // [0] is the main one
    enum server_state state;
    uint64_t deadline_ms; // of the state, 0: none
    uint64_t since_ms;    // clock_ms() when it went up or down
    bool drained;         // an operator has taken it out of service: it gets no new actions
    bool refused;         // the server refused the login at the last attempt
    char banner[128];
    char down_reason[160];  // why it is down, empty: it was not up yet
    char address[64];       // of the main lane's peer, empty: not known yet
    uint64_t wait_ms;       // delay before the next attempt; doubles each time
    uint64_t attempts;      // in this outage
    uint64_t slow_retry_ms; // clock_ms() before which no slow lane is opened, because the last one failed
    struct queue queue;     // actions that wait for a lane
    uint64_t up_since_ms;
    bool boot_known;               // the two times that follow are known
    uint64_t boot_ms, reload_ms;   // clock_ms() when Asterisk started, and was last reloaded
    struct privileges *privileges; // the classes that its actions need; NULL: not known
    struct learning learning;
    struct role *role;         // in a cluster; NULL: there is none, and the server is this proxy's own
    bool elsewhere;            // it is not in this node's configuration: others own it
    struct list_node to_flush; // in the list of the servers while something of this one may be written
};

/** The definition of `struct servers`, for the files of this room. */
struct servers {
    struct event_base *base;
    struct resolver *resolver;
    struct config *config;
    struct servers_output output;
    struct exchanges exchanges;
    struct server **list;
    size_t count;
    uint32_t last_number; // of the server that was made last
    struct event *tick, *flush;
    struct event *due;         // a time limit ends before the next tick
    struct list_head to_flush; // the servers that `flush` visits
    uint64_t written_us;       // clock_us() at the first action since servers_flush(); 0: there was none
    bool stopping;
    uint64_t stop_by_ms;
    void (*stopped)(void *context);
    void *stopped_context;
};

/** Makes a server that is down; the first tick connects it, unless the proxy is in a cluster.
 *  @param owner  the configuration that holds `config` (one reference is taken); NULL: none does, and the caller gives
 *                `config` to the server as `added`
 *  @param elsewhere  only other nodes of the cluster have it in their configuration */
struct server *server_create(struct servers *servers, struct config *owner, const struct server_config *config,
                             bool elsewhere);
/** Frees a description that belongs to no configuration. `config` may be NULL. */
void server_free_config(struct server_config *config);
/** Is the OriginateResponse of a call that was ordered on an own lane of the server still to come? */
bool server_awaits_calls(const struct server *server);
/** Closes the lanes and frees the server. Exchanges in flight get no answer: call server_leave() first. */
void server_destroy(struct server *server);
/** Sends Logoff on every lane, closes them, and answers all exchanges by an Error. There are no more attempts. */
void server_leave(struct server *server, const char *reason);
/** Is the main lane logged in and ready? Clients were told so if this node owns the server. */
static inline bool server_is_up(const struct server *server)
{
    return server->state == SERVER_UP;
}

/** Do the server's own lanes serve sessions? */
static inline bool role_is_own(const struct server *server)
{
    return server->role == NULL || server->role->state == ROLE_OWN;
}

/** May an action of another node be sent on own lanes, although this node does not own the server yet, or any more? */
static inline bool role_may_execute(const struct server *server)
{
    return (server->role->state == ROLE_STANDBY || server->role->state == ROLE_LEAVING) && server_is_up(server);
}

/** May asks be sent to the server, on own lanes or to its owner? Clients were told so (`Event: ServerUp`). */
static inline bool server_serves(const struct server *server)
{
    return role_is_own(server) ? server->state == SERVER_UP : server->role->up;
}

/** Does the server take new actions of sessions and scripts? */
static inline bool server_takes(const struct server *server)
{
    return server_serves(server) && !server->drained;
}

/** Checks the deadlines of the server and its lanes, and updates its gauges; called every SERVERS_TICK_MS, and when a
 *  time limit ends. */
void server_tick(struct server *server, uint64_t now);
/** Returns when the first time limit ends for whose end somebody waits, else when the next regular tick comes. */
uint64_t servers_due(const struct servers *servers, uint64_t now);
/** Ends what is over, and has the next look at the right moment. Called by libevent. @param argument  the servers */
void servers_on_tick(evutil_socket_t fd, short what, void *argument);
/** Sends the ask now, or puts it into the queue. The server must be up. */
void server_send(struct server *server, struct ask *ask, struct merge *merge);
/** Writes an exchange of an ask, which is on no lane yet. Its time limit for the answer starts now. */
void server_write(struct lane *lane, struct exchange *exchange);
/** Returns the time limit for the answer to an exchange of an ask, from when it is sent, in ms. */
uint64_t server_limit_ms(const struct servers *servers, const struct exchange *exchange);
/** Passes on an event (taken) that the server sent on an own lane; in a cluster, to the other nodes, too.
 *  @param ask, foreign_id  as in struct servers_output */
void server_give_event(struct server *server, struct message *message, struct ask *ask, bool foreign_id);
/** Does so with an event that has an ActionID of the proxy's form whose exchange is not known here: sessions get it
 *  without. Another node may know it. */
void server_give_stray(struct server *server, struct message *message);
/** Passes on an event (taken) of another node that no exchange has raised. */
void server_pass_event(struct server *server, struct message *message);
/** Tells clients that the server is up. */
void server_tell_up(struct server *server);
/** Tells clients that the server is down. */
void server_tell_down(struct server *server, const char *reason);
/** Tells clients that events of the server are lost. */
void server_tell_skipped(struct server *server, uint64_t count);
/** The next tick connects the server. */
void server_begin(struct server *server);
/** Closes all lanes; their exchanges are answered by an Error. Nothing is planned after that. */
void server_rest(struct server *server, const char *reason);
/** Ends the exchanges of a lane by an Error, or a completion, and frees them. */
void server_fail_exchanges(struct lane *lane, const char *reason);
/** Frees the exchanges of a lane, without an answer. */
void server_drop_exchanges(struct lane *lane);
/** Does the server speak AMI 1.x or 2.x (before Asterisk 12), whose lists have no EventList? */
bool server_is_old(const struct server *server);
/** Can `FullyBooted` come after the login? */
bool server_sees_boot(const struct server *server);
/** Are all lanes closed? */
bool server_is_closed(const struct server *server);

/** Called when a lane has logged in. */
void server_lane_up(struct lane *lane);
/** Called when a lane was lost or could not connect; closes it. @param detail  for lane_loss_text(); lent, and copied
 *  before the lane closes, as it may belong to the lane */
void server_lane_lost(struct lane *lane, enum lane_loss loss, const char *detail);
/** Called when `FullyBooted` has come on the main lane. */
void server_booted(struct server *server, const struct message *event);
/** Finds a server by name, in any case; NULL: there is none. */
struct server *servers_find(struct servers *servers, const char *name);
/** Lets the server's queue and lanes write at the end of the loop's turn. */
void server_want_flush(struct server *server);
/** Sends the present state of all servers through servers_output.state(). */
void servers_tell_state(struct servers *servers);

#endif
