// core/server/send.c: which lane an action takes. Thread: the hub's.
#include "server/server.h"

#include "base/clock.h"
#include "server/merge.h"

#include <stdio.h>
#include <stdlib.h>

/** Does the session wait on that lane for a blocking action? */
static bool waits_on(const struct lane *lane, uint64_t session_id)
{
    for (const struct exchange *exchange = lane->first; exchange != NULL; exchange = exchange->lane_next) {
        if (exchange->ask != NULL && exchange->ask->slow && exchange->state <= EXCHANGE_LISTING &&
            exchange->ask->session_id == session_id)
            return true;
    }
    return false;
}

/** Does Asterisk still work on what was given up on that lane? */
static bool is_stuck(const struct lane *lane)
{
    for (const struct exchange *exchange = lane->first; exchange != NULL; exchange = exchange->lane_next) {
        if (exchange->state == EXCHANGE_GIVEN_UP && !exchange->answered)
            return true;
    }
    return false;
}

/** How long an action would have to wait on that lane, to compare. */
static uint32_t load_of(const struct lane *lane)
{
    return lane->unanswered + (is_stuck(lane) ? UINT32_MAX / 2 : 0);
}

/** A lane for a blocking action: the one on which this session already waits, an idle one, a new one, or the one with
 *  the least to do. One that says goodbye does not count: there are spare places. */
static struct lane *choose_slow(struct server *server, const struct ask *ask)
{
    struct lane *closed = NULL, *least = NULL;
    uint32_t open = 1;

    if (waits_on(MAIN(server), ask->session_id)) // a slow lane could not be opened: its actions went there
        return MAIN(server);
    for (int i = 1; i < SERVER_LANES; i++) {
        struct lane *lane = &server->lanes[i];
        if (lane->state == LANE_CLOSED)
            closed = closed == NULL ? lane : closed;
        if (lane->state == LANE_CLOSED || lane->state == LANE_LEAVING)
            continue;
        if (waits_on(lane, ask->session_id))
            return lane;
        open++;
        if (least == NULL || load_of(lane) < load_of(least))
            least = lane;
    }
    if (least != NULL && load_of(least) == 0)
        return least;
    if (open < server->config->lanes && closed != NULL) {
        lane_open(closed);
        if (closed->state != LANE_CLOSED)
            return closed;
    }
    return least != NULL ? least : MAIN(server);
}

void server_send(struct server *server, struct ask *ask, struct merge *merge)
{
    struct servers *servers = server->servers;
    struct lane *lane = ask->slow ? choose_slow(server, ask) : MAIN(server);
    struct exchange *exchange = exchange_create(&servers->exchanges, ask, PURPOSE_ASK);
    uint64_t limit = servers->config->limits.exchange_timeout_ms;
    struct span timeout;

    exchange->merge = merge == NULL ? NULL : merge_ref(merge);
    if (ask->slow && message_find(ask->action, "Timeout", &timeout)) { // a synchronous Originate says how long it takes
        char number[16];
        snprintf(number, sizeof number, "%.*s", (int)timeout.length, timeout.bytes);
        uint64_t own = strtoul(number, NULL, 10) + 10000;
        limit = own > limit ? own : limit;
    }
    exchange->deadline_ms = clock_ms() + limit;
    exchange->sent_us = clock_us();
    metric_add(&server->metrics->actions, 1);
    lane_send(lane, exchange, ask->action);
}
