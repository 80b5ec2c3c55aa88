// core/server/server.h: one Asterisk of the configuration: up or down, its lanes, when to try again.
// Thread: the hub's.
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "server/lane.h"

#define SERVER_LANES 18 // those of the configuration, and spare ones while others log off
#define SERVERS_TICK_MS 100L

struct server {
    struct servers *servers;
    const struct server_config *config;
    struct tls_context *tls; // for connections from now on; NULL: not encrypted
    struct log_context log;
    struct lane lanes[SERVER_LANES]; // [0] is the main one
    bool up;                         // clients were told so
    bool gave_up;                    // retry.attempts is used up
    bool refused;                    // the last attempt failed for want of the right credentials
    char banner[128];
    uint64_t wait_ms;     // before the next attempt; doubles
    uint64_t retry_at_ms; // 0: no attempt is due
    uint64_t attempts;    // in this outage
    uint64_t up_since_ms;
    uint64_t booting_until_ms; // FullyBooted is waited for, 0: not
    bool boot_known;
    uint64_t boot_ms, reload_ms;
};

/** The inside of `struct servers`, for the files of this room. */
struct servers {
    struct event_base *base;
    struct evdns_base *dns;
    struct config *config;
    struct servers_output output;
    struct exchanges exchanges;
    struct server *list;
    size_t count;
    struct event *tick, *flush;
    bool flush_pending;
    bool stopping;
    uint64_t stop_by_ms;
    void (*stopped)(void *context);
    void *stopped_context;
};

void server_init(struct server *server, struct servers *servers, const struct server_config *config);
void server_fini(struct server *server);
void server_connect(struct server *server);
void server_tick(struct server *server, uint64_t now);
/** Sends the ask on the lane that fits it. The server is up. */
void server_send(struct server *server, struct ask *ask, struct merge *merge);
/** Nothing is connected any more. */
bool server_is_closed(const struct server *server);

/** A lane has logged in. */
void server_lane_up(struct lane *lane);
/** A lane was lost or could not open. `refused`: Asterisk did not take our credentials. */
void server_lane_lost(struct lane *lane, const char *reason, bool refused);
/** A message that is not the answer to an action of our own; taken. */
void server_message(struct lane *lane, struct message *message);
/** Has all lanes written at the end of the loop's turn. */
void servers_want_flush(struct servers *servers);
/** Tells workers banner, up and booted as they are now. */
void servers_tell_state(struct servers *servers);

#endif
