// core/server/servers.c: the set of servers: to which one an ask goes, and the orderly end.
#include "server/servers.h"

#include "ami/catalogue.h"
#include "ami/privileges.h"
#include "base/clock.h"
#include "base/memory.h"
#include "net/resolver.h"
#include "server/answers.h"
#include "server/merge.h"
#include "server/server.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

static void on_flush(evutil_socket_t fd, short what, void *argument);

struct servers *servers_create(struct event_base *base, struct config *config, const struct servers_output *output,
                               struct error *err)
{
    struct servers *servers = memory_zero(1, sizeof *servers);
    struct timeval period = {0, SERVERS_TICK_MS * 1000};

    servers->base = base;
    servers->config = config_ref(config);
    servers->output = *output;
    servers->resolver = resolver_create(base, NULL);
    exchanges_init(&servers->exchanges);
    servers->count = config->server_count;
    servers->list = memory_zero(servers->count + 1, sizeof(struct server *));
    servers->tick = event_new(base, -1, EV_PERSIST, servers_on_tick, servers);
    servers->due = event_new(base, -1, 0, servers_on_tick, servers);
    servers->flush = event_new(base, -1, 0, on_flush, servers);
    event_add(servers->tick, &period);
    for (size_t i = 0; i < servers->count; i++) // the first tick connects, so that no callback comes from here
        servers->list[i] = server_create(servers, config, &config->servers[i], false);
    if (servers->resolver == NULL)
        error_set(err, "cannot start the resolver: %s", strerror(errno));
    if (servers->resolver == NULL || !servers_reload_tls(servers, err)) {
        servers_destroy(servers);
        return NULL;
    }
    return servers;
}

void servers_destroy(struct servers *servers)
{
    struct exchange *exchange;

    servers->stopping = true;
    for (size_t i = 0; i < servers->count; i++)
        server_destroy(servers->list[i]);
    while ((exchange = LIST_FIRST(&servers->exchanges.all, struct exchange, entry)) != NULL)
        exchange_destroy(&servers->exchanges, exchange);
    exchanges_fini(&servers->exchanges);
    event_free(servers->tick);
    event_free(servers->due);
    event_free(servers->flush);
    resolver_destroy(servers->resolver);
    config_unref(servers->config);
    free(servers->list);
    free(servers);
}

void servers_flush(struct servers *servers)
{
    struct list_node *node;

    while ((node = list_take_first(&servers->to_flush)) != NULL) {
        struct server *server = LIST_OBJECT(node, struct server, to_flush);
        queue_pump(server);
        list_remove(&servers->to_flush, node); // the pump has asked for what is done here
        for (int lane = 0; lane < SERVER_LANES; lane++)
            lane_flush(&server->lanes[lane]);
    }
    servers->written_us = 0;
}

static void on_flush(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    servers_flush(argument);
}

void server_want_flush(struct server *server)
{
    struct servers *servers = server->servers;

    if (servers->to_flush.first == NULL)
        event_active(servers->flush, EV_TIMEOUT, 0);
    if (!list_has(&servers->to_flush, &server->to_flush))
        list_add_last(&servers->to_flush, &server->to_flush);
}

/** Returns what clients may see of a server, and the classes that its actions need. */
static struct server_summary servers_summarise(const struct server *server)
{
    const struct server_config *config = server->config;

    return (struct server_summary){.name = config->name,
                                   .host = config->host,
                                   .address = server->address[0] != '\0' ? server->address : config->host,
                                   .user = config->username,
                                   .events = config->events,
                                   .port = config->port,
                                   .node = server->role != NULL ? server->role->node : NULL,
                                   .up = server_serves(server),
                                   .drained = server->drained,
                                   .privileges = server->privileges};
}

void servers_tell_state(struct servers *servers)
{
    struct servers_state *state = memory_zero(1, sizeof *state + servers->count * sizeof state->servers[0]);

    for (size_t i = 0; i < servers->count; i++) {
        const struct server *server = servers->list[i];
        state->servers[i] = servers_summarise(server);
        if (state->banner[0] == '\0')
            memcpy(state->banner, server->banner, sizeof state->banner);
        if (!server_serves(server) || state->any_up)
            continue;
        state->any_up = state->booted = true;
        state->boot_known = server->boot_known;
        state->boot_ms = server->boot_ms;
        state->reload_ms = server->reload_ms;
    }
    state->count = (uint32_t)servers->count;
    servers->output.state(servers->output.context, state);
    free(state);
}

// --- routing ----------------------------------------------------------------------------------------------------

struct server *servers_find(struct servers *servers, const char *name)
{
    for (size_t i = 0; i < servers->count; i++) {
        if (strcasecmp(servers->list[i]->config->name, name) == 0)
            return servers->list[i];
    }
    return NULL;
}

/** Has the asker the classes that this server requires for the action? The worker has checked that, too, but perhaps by
 *  an older list or for another server. */
static bool may_send(const struct server *server, const struct ask *ask)
{
    return privileges_allow(server->privileges, message_action(ask->action, NULL), ask->write);
}

static void servers_refuse(struct servers *servers, struct ask *ask)
{
    answers_refuse(servers, ask, AMP_REASON_DENIED, "Permission denied");
}

static void send_to(struct servers *servers, struct server *server, struct ask *ask)
{
    if (may_send(server, ask))
        server_send(server, ask, NULL);
    else
        servers_refuse(servers, ask);
}

/** Does the server take the ask? One that is drained takes what the hub itself asks: it is about events, which go on.
 */
static bool takes_ask(const struct server *server, const struct ask *ask)
{
    return server_serves(server) && (!server->drained || ask->of_hub || ask->of_pbx || ask->of_handover);
}

/** Refuses what no server takes. */
static void refuse_for_all(struct servers *servers, struct ask *ask)
{
    answers_refuse(servers, ask, AMP_REASON_NO_SERVER, "%s",
                   servers_up(servers) > 0 ? "Every server that is up is drained" : "No server is up");
}

static void ask_all(struct servers *servers, struct ask *ask)
{
    struct merge *merge;
    uint32_t up = 0;

    for (size_t i = 0; i < servers->count; i++) {
        if (takes_ask(servers->list[i], ask) && !may_send(servers->list[i], ask)) {
            servers_refuse(servers, ask);
            return;
        }
        up += takes_ask(servers->list[i], ask);
    }
    if (up == 0) {
        refuse_for_all(servers, ask);
        return;
    }
    merge = merge_create(ask, up);
    for (size_t i = 0; i < servers->count; i++) {
        if (takes_ask(servers->list[i], ask))
            server_send(servers->list[i], ask, merge);
    }
    merge_unref(merge);
}

/** Would the action change the shared connection itself, for example log it off? Such an action is refused to every
 *  asker, scripts included. */
static bool is_of_connection(const struct message *action)
{
    const struct action_info *info = action->info;

    return info != NULL && info->effect == EFFECT_SESSION;
}

void servers_ask(struct servers *servers, struct ask *ask)
{
    enum writer_result verdict = ask->checked ? WRITER_OK : writer_check(ask->action);
    struct server *server = NULL;

    if (verdict != WRITER_OK) {
        answers_refuse(servers, ask, AMP_REASON_INVALID, "%s", writer_text(verdict));
        return;
    }
    if (is_of_connection(ask->action)) {
        servers_refuse(servers, ask);
        return;
    }
    if (ask_withdrawal(ask) == ASK_DENIED && ask->share == NULL) {
        answers_refuse(servers, ask, AMP_REASON_DENIED, "%s", QUEUE_DENIED);
        return;
    }
    if (ask->all_servers) {
        ask_all(servers, ask);
        return;
    }
    if (ask->server != NULL) {
        server = servers_find(servers, ask->server);
        if (server == NULL)
            answers_refuse(servers, ask, AMP_REASON_NO_SERVER, "Unknown server: %s", ask->server);
        else if (!server_serves(server))
            answers_refuse(servers, ask, AMP_REASON_NO_SERVER, "Server %s is down", server->config->name);
        else if (!takes_ask(server, ask))
            answers_refuse(servers, ask, AMP_REASON_NO_SERVER, "Server %s is drained", server->config->name);
        else
            send_to(servers, server, ask);
        return;
    }
    for (size_t i = 0; i < servers->count && server == NULL; i++) {
        if (server_takes(servers->list[i]))
            server = servers->list[i];
    }
    if (server == NULL)
        refuse_for_all(servers, ask);
    else
        send_to(servers, server, ask);
}

void servers_withdraw(struct servers *servers, struct span reply, bool denied)
{
    struct list_node *node;
    struct list_walk walk;

    list_begin(&walk, &servers->exchanges.all);
    while ((node = list_step(&walk)) != NULL) {
        struct ask *ask = LIST_OBJECT(node, struct exchange, entry)->ask;
        if (ask == NULL || ask->reply == NULL || !span_equals(span_of(ask->reply), reply))
            continue;
        if (denied)
            ask_deny(ask);
        else
            ask_withdraw(ask);
    }
}

const char *servers_usual(const struct servers *servers)
{
    for (size_t i = 0; i < servers->count; i++) {
        if (server_takes(servers->list[i]))
            return servers->list[i]->config->name;
    }
    return "";
}

size_t servers_up(const struct servers *servers)
{
    size_t up = 0;

    for (size_t i = 0; i < servers->count; i++)
        up += server_serves(servers->list[i]);
    return up;
}

size_t servers_in_flight(const struct servers *servers)
{
    return servers->exchanges.unanswered;
}

/** Is the answer complete, but for the OriginateResponse, which tells how the call has ended? */
static bool awaits_call(const struct exchange *exchange)
{
    return exchange->state == EXCHANGE_DONE && exchange->async && !exchange->originated;
}

bool servers_await_calls(const struct servers *servers)
{
    for (struct list_node *node = servers->exchanges.all.first; node != NULL; node = node->next) {
        const struct exchange *exchange = LIST_OBJECT(node, struct exchange, entry);
        if (awaits_call(exchange) && exchange->ask != NULL && exchange->ask->of_bus)
            return true;
    }
    return false;
}

bool server_awaits_calls(const struct server *server)
{
    for (struct list_node *node = server->servers->exchanges.all.first; node != NULL; node = node->next) {
        const struct exchange *exchange = LIST_OBJECT(node, struct exchange, entry);
        if (awaits_call(exchange) && exchange->sent_to == server->number)
            return true;
    }
    return false;
}

// --- the end ----------------------------------------------------------------------------------------------------

void servers_give_up(struct servers *servers)
{
    struct list_node *node;
    struct list_walk walk;

    for (size_t i = 0; i < servers->count; i++)
        queue_fail(servers->list[i], AMP_REASON_NO_SERVER, "The proxy is going down");
    list_begin(&walk, &servers->exchanges.all);
    while ((node = list_step(&walk)) != NULL) {
        struct exchange *exchange = LIST_OBJECT(node, struct exchange, entry);
        const char *server = exchange->lane != NULL ? exchange->lane->server->config->name : "";
        char text[160];
        if (exchange->purpose != PURPOSE_ASK || exchange->state >= EXCHANGE_DONE)
            continue;
        snprintf(text, sizeof text,
                 "The proxy is going down, and server %.80s has not answered: the action may have been executed",
                 server);
        answers_fail(servers, exchange, server, AMP_REASON_LOST, text);
        exchange->deadline_ms = EXCHANGE_FOREVER; // messages that still come are dropped
    }
}

void servers_stop(struct servers *servers, uint64_t limit_ms, void (*done)(void *context), void *context)
{
    servers->stopping = true;
    servers->stop_by_ms = clock_ms() + limit_ms;
    servers->stopped = done;
    servers->stopped_context = context;
    for (size_t i = 0; i < servers->count; i++) {
        queue_fail(servers->list[i], AMP_REASON_NO_SERVER, "The proxy is going down");
        for (int lane = 0; lane < SERVER_LANES; lane++) {
            if (servers->list[i]->lanes[lane].state != LANE_CLOSED)
                lane_leave(&servers->list[i]->lanes[lane]);
        }
    }
}
