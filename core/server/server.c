// core/server/server.c: see server.h: how a server goes up and down.
#include "server/server.h"

#include "ami/event_class.h"
#include "ami/privileges.h"
#include "base/clock.h"
#include "base/memory.h"
#include "net/tls.h"
#include "server/answers.h"

#include <event2/util.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOT_WAIT_MS 5000  // longest wait for FullyBooted
#define HEALTHY_MS 30000   // after a connection that lasted so long, retry.interval counts from its first value
#define SLOW_IDLE_MS 5000  // a slow lane without work for so long is closed
#define SLOW_RETRY_MS 5000 // wait after a slow lane that could not be opened

static const char *const state_names[] = {"down", "connecting", "booting", "up", "given up", "leaving"};

/** Enters a state: the only writer of the state. @param limit_ms  the longest stay, 0: no limit */
static void server_enter(struct server *server, enum server_state next, uint64_t limit_ms)
{
    if (next != server->state)
        log_debug(&server->log, "server state from=\"%s\" to=\"%s\"", state_names[server->state], state_names[next]);
    if ((next == SERVER_UP) != (server->state == SERVER_UP))
        server->since_ms = clock_ms();
    server->state = next;
    server->deadline_ms = limit_ms == 0 ? 0 : clock_ms() + limit_ms;
}

struct server *server_create(struct servers *servers, struct config *owner, const struct server_config *config,
                             bool elsewhere)
{
    struct server *server = memory_zero(1, sizeof *server);
    char quoted[120];

    *server =
        (struct server){.servers = servers, .number = ++servers->last_number, .config = config, .elsewhere = elsewhere};
    server->owner = owner == NULL ? NULL : config_ref(owner);
    snprintf(server->log.text, sizeof server->log.text, "server=%s", log_text(quoted, sizeof quoted, config->name));
    server->metrics = metrics_server_enter(servers->output.metrics, config->name);
    server->wait_ms = servers->config->retry.interval_ms;
    server->deadline_ms = server->since_ms = clock_ms(); // the first attempt is due
    queue_init(&server->queue);
    if (servers->output.bus != NULL) {
        role_create(server);
        server->deadline_ms = 0; // it is not this node's yet
    }
    for (int i = 0; i < SERVER_LANES; i++)
        lane_init(&server->lanes[i], server, i > 0);
    return server;
}

void server_drop_exchanges(struct lane *lane)
{
    struct exchange *exchange;

    while ((exchange = exchange_first(&lane->exchanges)) != NULL)
        exchange_destroy(&lane->server->servers->exchanges, exchange);
}

void server_free_config(struct server_config *config)
{
    if (config == NULL)
        return;
    free(config->name);
    free(config->host);
    free(config->username);
    if (config->secret != NULL)
        explicit_bzero(config->secret, strlen(config->secret));
    free(config->secret);
    free(config->events);
    free(config);
}

void server_destroy(struct server *server)
{
    struct exchange *exchange;

    if (server == NULL)
        return;
    for (int i = 0; i < SERVER_LANES; i++) {
        server_drop_exchanges(&server->lanes[i]);
        lane_close(&server->lanes[i]);
    }
    while ((exchange = queue_first(&server->queue)) != NULL)
        exchange_destroy(&server->servers->exchanges, exchange);
    queue_fini(&server->queue);
    role_destroy(server);
    list_remove(&server->servers->to_flush, &server->to_flush);
    metrics_server_leave(server->servers->output.metrics, server->metrics);
    tls_context_unref(server->tls);
    privileges_unref(server->privileges);
    server_free_config(server->added);
    config_unref(server->owner);
    free(server);
}

bool server_is_closed(const struct server *server)
{
    for (int i = 0; i < SERVER_LANES; i++) {
        if (server->lanes[i].state != LANE_CLOSED)
            return false;
    }
    return true;
}

// --- up ---------------------------------------------------------------------------------------------------------

static void server_connect(struct server *server)
{
    server_enter(server, SERVER_CONNECTING, 0);
    server->attempts++;
    metric_add(&server->metrics->attempts, 1);
    lane_open(MAIN(server));
}

/** In a cluster, lets the hub tell the other nodes what is new of the own lanes. */
static void tell_bus(struct server *server)
{
    const struct servers_bus *bus = server->servers->output.bus;

    if (bus != NULL)
        bus->changed(server->role->record);
}

static void go_up(struct server *server)
{
    char quoted[160];

    server_enter(server, SERVER_UP, 0);
    server->attempts = 0;
    server->refused = false;
    log_info(&server->log, "server up banner=%s", log_text(quoted, sizeof quoted, server->banner));
    if (role_is_own(server))
        server_tell_up(server);
    tell_bus(server);
    learn_start(server);
}

void server_lane_up(struct lane *lane)
{
    struct server *server = lane->server;
    uint64_t now = clock_ms();

    if (lane->slow) {
        lane->idle_ms = now;
        server->slow_retry_ms = 0;
        log_debug(&server->log, "lane up lane=slow");
        queue_pump(server);
        return;
    }
    server->up_since_ms = now;
    if (server_sees_boot(server))
        server_enter(server, SERVER_BOOTING, BOOT_WAIT_MS);
    else
        go_up(server);
}

static bool read_seconds(const struct message *message, const char *name, uint64_t *seconds)
{
    struct span text;

    return message_find(message, name, &text) && span_number(text, 0, UINT32_MAX, seconds);
}

void server_booted(struct server *server, const struct message *event)
{
    uint64_t uptime, reload, now = clock_ms();

    server->boot_known = read_seconds(event, "Uptime", &uptime) && read_seconds(event, "LastReload", &reload);
    if (server->boot_known) {
        server->boot_ms = now - uptime * 1000;
        server->reload_ms = now - reload * 1000;
    }
    if (server_is_up(server)) {
        servers_tell_state(server->servers);
        tell_bus(server);
        learn_start(server);                      // a list from before the end of booting lacks modules
    } else if (server->state == SERVER_BOOTING) { // a broken peer may send FullyBooted before the login
        go_up(server);
    }
}

// --- down -------------------------------------------------------------------------------------------------------

void server_fail_exchanges(struct lane *lane, const char *reason)
{
    struct servers *servers = lane->server->servers;
    struct exchange *exchange;
    char text[320];

    snprintf(text, sizeof text, "Server %.80s was lost: %.120s; the action may have been executed",
             lane->server->config->name, reason);
    while ((exchange = exchange_first(&lane->exchanges)) != NULL) {
        if (exchange->ask != NULL)
            answers_fail(servers, exchange, lane->server->config->name, AMP_REASON_LOST, text);
        exchange_destroy(&servers->exchanges, exchange);
    }
}

/** Ends the exchanges that were not sent yet. */
static void fail_queue(struct server *server, const char *reason)
{
    char text[256];

    snprintf(text, sizeof text, "Server %.80s was lost: %.120s", server->config->name, reason);
    queue_fail(server, AMP_REASON_NO_SERVER, text);
}

static uint64_t server_jitter(uint64_t wait_ms)
{
    uint32_t random;

    evutil_secure_rng_get_bytes(&random, sizeof random);
    return wait_ms / 2 + random % (wait_ms / 2 + 1);
}

static void plan_retry(struct server *server, const char *reason, bool refused)
{
    const struct config *config = server->servers->config;
    uint64_t wait;
    char why[200];

    log_text(why, sizeof why, reason);
    if (server->servers->stopping || server->state == SERVER_LEAVING ||
        (server->role != NULL && (server->role->state == ROLE_REMOTE || server->role->state == ROLE_LEAVING)))
        return;
    if (config->retry.attempts > 0 && server->attempts >= config->retry.attempts) {
        server_enter(server, SERVER_GIVEN_UP, 0);
        log_error(&server->log, "server given up attempts=%" PRIu64 " reason=%s", server->attempts, why);
        return;
    }
    if (refused) {
        wait = config->retry.max_interval_ms; // more attempts would only fill Asterisk's log
        if (!server->refused)
            log_error(&server->log, "authentication refused by server reason=%s retry_ms=%" PRIu64, why, wait);
    } else {
        wait = server_jitter(server->wait_ms);
        log_warn(&server->log, "no connection to server reason=%s retry_ms=%" PRIu64, why, wait);
        server->wait_ms =
            server->wait_ms * 2 > config->retry.max_interval_ms ? config->retry.max_interval_ms : server->wait_ms * 2;
    }
    server->refused = refused;
    server_enter(server, SERVER_DOWN, wait > 0 ? wait : 1); // 0 would mean never
}

/** The end of a main lane. */
struct main_loss {
    enum server_state next; // SERVER_DOWN or SERVER_LEAVING
    const char *reason;
    bool refused; // Asterisk refused the login
    bool left;    // the proxy itself logged off
};

/** Tells of the loss of a server that was up. */
static void tell_loss(struct server *server, const struct main_loss *loss)
{
    char why[200];

    log_text(why, sizeof why, loss->reason);
    if (!role_is_own(server)) {
        log_info(&server->log, "connection to server ended reason=%s", why);
        return;
    }
    if (loss->left)
        log_info(&server->log, "server lost reason=%s by=proxy", why); // nothing is wrong
    else
        log_warn(&server->log, "server lost reason=%s", why);
    server_tell_down(server, loss->reason);
}

/** Handles the loss of the main lane, which is closed. */
static void lose_main(struct server *server, const struct main_loss *loss)
{
    const char *reason = loss->reason;
    bool was_up = server_is_up(server);

    if (role_is_own(server))
        metric_set(&server->metrics->up, 0);
    metric_add(&server->metrics->disconnected, was_up);
    metric_add(&server->metrics->refused, loss->refused);
    snprintf(server->down_reason, sizeof server->down_reason, "%s", reason);
    server_enter(server, loss->next, 0);
    learn_stop(server);
    for (int i = 1; i < SERVER_LANES; i++) {
        server_fail_exchanges(&server->lanes[i], reason);
        lane_close(&server->lanes[i]);
    }
    fail_queue(server, reason);
    server->slow_retry_ms = 0;
    if (server->up_since_ms != 0 && clock_ms() - server->up_since_ms >= HEALTHY_MS)
        server->wait_ms = server->servers->config->retry.interval_ms;
    server->up_since_ms = 0;
    if (was_up)
        tell_loss(server, loss);
    tell_bus(server);
    plan_retry(server, reason, loss->refused);
}

/** Sends Logoff on every lane and closes them. */
static void close_lanes(struct server *server, enum server_state next, const char *reason)
{
    for (int i = 0; i < SERVER_LANES; i++) {
        if (server->lanes[i].state != LANE_UP)
            continue;
        lane_leave(&server->lanes[i]);
        lane_flush(&server->lanes[i]); // without waiting: the lane closes below
    }
    server_fail_exchanges(MAIN(server), reason);
    lane_close(MAIN(server));
    lose_main(server, &(struct main_loss){.next = next, .reason = reason, .left = true});
}

void server_leave(struct server *server, const char *reason)
{
    if (server->role != NULL)
        remote_lose(server, reason);
    close_lanes(server, SERVER_LEAVING, reason);
}

void server_begin(struct server *server)
{
    server->wait_ms = server->servers->config->retry.interval_ms;
    server_enter(server, SERVER_DOWN, 1);
}

void server_rest(struct server *server, const char *reason)
{
    close_lanes(server, SERVER_DOWN, reason);
}

void server_lane_lost(struct lane *lane, enum lane_loss loss, const char *detail)
{
    struct server *server = lane->server;
    bool left = lane->state == LANE_LEAVING;
    bool never_opened = lane->state != LANE_UP && !left;
    char text[160], why[200];

    snprintf(text, sizeof text, "%s", lane_loss_text(loss, detail)); // a copy, as it may belong to the lane
    log_text(why, sizeof why, text);
    if (lane->slow && never_opened && MAIN(server)->state == LANE_UP) {
        log_warn(&server->log, "lane not available lane=slow reason=%s", why);
        server->slow_retry_ms = clock_ms() + SLOW_RETRY_MS;
    }
    server_fail_exchanges(lane, text);
    lane_close(lane);
    if (!lane->slow)
        lose_main(server, &(struct main_loss){
                              .next = SERVER_DOWN, .reason = text, .refused = loss == LANE_LOSS_REFUSED, .left = left});
    else
        log_debug(&server->log, "lane closed lane=slow reason=%s", why);
    if (server->queue.count > 0) // the actions that waited for this lane may use another
        server_want_flush(server);
}

// --- time -------------------------------------------------------------------------------------------------------

static void tick_slow(struct lane *lane, uint64_t now)
{
    if (lane->state != LANE_UP)
        return;
    if (lane->unanswered > 0)
        lane->idle_ms = now;
    else if (now - lane->idle_ms >= SLOW_IDLE_MS)
        lane_leave(lane);
}

void server_tick(struct server *server, uint64_t now)
{
    uint64_t up = 0, in_flight = 0;
    bool is_over;

    for (int i = 0; i < SERVER_LANES; i++) {
        up += server->lanes[i].state == LANE_UP;
        in_flight += server->lanes[i].unanswered;
        if (server->lanes[i].state == LANE_CLOSED)
            continue;
        lane_tick(&server->lanes[i], now);
        if (i > 0)
            tick_slow(&server->lanes[i], now);
    }
    queue_tick(server);
    metric_set(&server->metrics->lanes, up);
    metric_set(&server->metrics->in_flight, in_flight);
    metric_set(&server->metrics->waiting, server->queue.count);
    if (server->role != NULL)
        role_tick(server, now);
    is_over = server->deadline_ms != 0 && now >= server->deadline_ms;
    if (is_over && server->state == SERVER_BOOTING)
        go_up(server);
    learn_tick(server, now);
    if (is_over && server->state == SERVER_DOWN && !server->servers->stopping)
        server_connect(server);
}
