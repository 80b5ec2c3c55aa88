// core/server/tick.c: time limits: of exchanges, of the servers and of their lanes. All are looked at every
// SERVERS_TICK_MS, and between these looks at the moment when one of them ends.  Thread: the hub's.
#include "base/clock.h"
#include "server/answers.h"
#include "server/server.h"

#include <event2/event.h>
#include <stdio.h>

static void servers_expire(struct servers *servers, struct exchange *exchange)
{
    const char *server = exchange->lane != NULL ? exchange->lane->server->config->name : "";
    char text[160];

    if (exchange->purpose != PURPOSE_ASK) {
        if (exchange->lane == NULL)
            exchange_destroy(&servers->exchanges, exchange);
        return; // the lane's time limits end it
    }
    if (exchange->line != NULL) {
        queue_expire(exchange);
        return;
    }
    if (exchange->state == EXCHANGE_GIVEN_UP && exchange->lane != NULL && !exchange->answered)
        return; // its answer may still come in turn, and must not be taken for that of another exchange
    if (exchange->state >= EXCHANGE_DONE) {
        exchange_destroy(&servers->exchanges, exchange);
        return;
    }
    if (exchange->state == EXCHANGE_LISTING && exchange->broken_list) {
        answers_cut(servers, exchange, server);
        return;
    }
    snprintf(text, sizeof text, "No answer from server %.80s in time: the action may have been executed", server);
    answers_fail(servers, exchange, server, AMP_REASON_TIMEOUT, text);
}

/** Ends the exchanges whose time is over. */
static void servers_sweep(struct servers *servers, uint64_t now)
{
    struct list_node *node;
    struct list_walk walk;

    list_begin(&walk, &servers->exchanges.all);
    while ((node = list_step(&walk)) != NULL) {
        struct exchange *exchange = LIST_OBJECT(node, struct exchange, entry);
        if (now >= exchange->deadline_ms)
            servers_expire(servers, exchange);
    }
}

static bool are_closed(const struct servers *servers)
{
    for (size_t i = 0; i < servers->count; i++) {
        if (!server_is_closed(servers->list[i]))
            return false;
    }
    return true;
}

/** Makes `due` earlier if a time limit ends before it. @param deadline_ms  of it; 0: there is none. One that is over
 *  and had no effect waits for the next regular look */
static void tick_consider(uint64_t *due, uint64_t now, uint64_t deadline_ms)
{
    if (deadline_ms > now && deadline_ms < *due)
        *due = deadline_ms;
}

uint64_t servers_due(const struct servers *servers, uint64_t now)
{
    uint64_t due = now + SERVERS_TICK_MS;

    for (size_t i = 0; i < servers->count; i++) {
        const struct server *server = servers->list[i];
        tick_consider(&due, now, server->deadline_ms);
        for (int lane = 0; lane < SERVER_LANES; lane++) {
            if (server->lanes[lane].state != LANE_CLOSED)
                tick_consider(&due, now, lane_due(&server->lanes[lane]));
        }
    }
    for (struct list_node *node = servers->exchanges.all.first; node != NULL; node = node->next) {
        const struct exchange *exchange = LIST_OBJECT(node, struct exchange, entry);
        if (exchange->state <= EXCHANGE_LISTING) // nobody waits for the end of the others, and there may be many
            tick_consider(&due, now, exchange->deadline_ms);
    }
    return due;
}

/** Has the next look at the moment when a time limit ends, if that is before the next regular one. */
static void look_in_time(struct servers *servers)
{
    uint64_t now = clock_ms(), due = servers_due(servers, now);
    struct timeval wait = {0, (long)(due - now) * 1000};

    if (due < now + SERVERS_TICK_MS)
        event_add(servers->due, &wait);
}

void servers_on_tick(evutil_socket_t fd, short what, void *argument)
{
    struct servers *servers = argument;
    uint64_t now = clock_ms();
    (void)fd;
    (void)what;

    for (size_t i = 0; i < servers->count; i++)
        server_tick(servers->list[i], now);
    servers_sweep(servers, now);
    if (servers->stopping && servers->stopped != NULL && (now >= servers->stop_by_ms || are_closed(servers))) {
        void (*stopped)(void *) = servers->stopped;
        servers->stopped = NULL;
        stopped(servers->stopped_context);
        return; // it may end the servers
    }
    look_in_time(servers);
}
