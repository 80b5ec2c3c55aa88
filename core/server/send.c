// core/server/send.c: sends an action to its server: at once, or through the queue. Thread: the hub's.
#include "server/server.h"

#include "ami/catalogue.h"
#include "base/clock.h"
#include "server/merge.h"

/** An Originate that waits for its call has a limit of its own (`Timeout:`). */
uint64_t server_limit_ms(const struct servers *servers, const struct exchange *exchange)
{
    uint64_t limit = servers->config->limits.exchange_timeout_ms, own = 0;

    if (exchange->ask->slow && catalogue_waits_for_people(exchange->ask->action))
        own = catalogue_call_ms(exchange->ask->action);
    return own != 0 && own + EXCHANGE_CALL_MARGIN_MS > limit ? own + EXCHANGE_CALL_MARGIN_MS : limit;
}

/** Returns the time for an action that is written now. The clock is read once for all actions that leave together. */
static uint64_t written_us(struct servers *servers)
{
    if (servers->written_us == 0)
        servers->written_us = clock_us();
    return servers->written_us;
}

void server_write(struct lane *lane, struct exchange *exchange)
{
    exchange->sent_us = written_us(lane->server->servers);
    metric_add(&lane->server->metrics->actions, 1);
    lane_send(lane, exchange, exchange->ask->action, server_limit_ms(lane->server->servers, exchange));
}

void server_send(struct server *server, struct ask *ask, struct merge *merge)
{
    struct exchange *exchange;
    struct lane *lane = MAIN(server);

    if (!role_is_own(server) && !(ask->of_bus && role_may_execute(server))) {
        remote_send(server, ask, merge);
        return;
    }
    exchange = exchange_create(&server->servers->exchanges, ask, PURPOSE_ASK);
    exchange->merge = merge == NULL ? NULL : merge_ref(merge);
    if (!ask->slow && server->queue.for_main == 0 && lane->state == LANE_UP && !lane_is_blocked(lane)) {
        server_write(lane, exchange);
        return;
    }
    queue_add(server, exchange);
    if (server->servers->stopping)
        queue_fail(server, AMP_REASON_NO_SERVER, "The proxy is going down");
    else
        queue_pump(server);
}
