// core/run/drain.c: see drain.h. Workers end their sessions one by one, each as soon as it waits for nothing; the hub
// sees to the limits. Half of the time is for answers, a fifth for the last clients to be told, a tenth for these to
// read it, and the rest for servers to say Goodbye.
#include "run/drain.h"

#include "base/clock.h"
#include "base/memory.h"
#include "hub/inside.h"
#include "letters/letters.h"
#include "run/notify.h"
#include "run/takeover.h"

#include <event2/event.h>
#include <stdio.h>

#define TICK_MS 20L

static void on_servers_closed(void *context)
{
    struct hub *hub = context;

    event_base_loopbreak(hub->base);
}

static void tell_workers(struct hub *hub, uint64_t close_by_ms)
{
    hub_send_batches(hub); // what came before stays before
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct draining *draining = memory_zero(1, sizeof *draining);
        draining->letter.kind = WORKER_DRAIN;
        draining->close_by_ms = close_by_ms;
        worker_send(hub->outboxes[i].worker, &draining->letter);
    }
}

/** A successor that ends before it serves waits for nothing any more. */
static void free_await(struct hub *hub)
{
    if (hub->await != NULL)
        event_free(hub->await);
    hub->await = NULL;
}

void drain_begin(struct hub *hub, const char *why)
{
    struct timeval period = {0, TICK_MS * 1000};
    uint64_t limit = hub->config->limits.drain_ms, now = clock_ms();

    log_info(NULL, "ending %s limit_ms=%llu", why, (unsigned long long)limit);
    metric_set(&hub->metrics->draining, 1);
    notify_stopping("Ending: answers in flight");
    handover_abandon(hub->handover);
    free_await(hub);
    hub_stop_listening(hub);
    hub->ending = ENDING_ANSWERS;
    hub->answers_by_ms = now + limit / 10 * 5;
    hub->clients_by_ms = now + limit / 10 * 8;
    hub->servers_by_ms = now + limit;
    tell_workers(hub, now + limit / 10 * 7);
    event_add(hub->tick, &period);
}

void drain_on_signal(struct hub *hub, int number)
{
    char why[32];

    if (hub->ending == RUNNING) {
        snprintf(why, sizeof why, "signal=%d", number);
        drain_begin(hub, why);
        return;
    }
    if (hub->handed_over) {
        hub->handed_over = false; // whoever ends the service ends all its processes
        log_info(NULL, "ending already signal=%d", number);
        return;
    }
    log_warn(NULL, "ending at once signal=%d", number);
    hub->killed = true;
    event_base_loopbreak(hub->base);
}

void drain_on_drained(struct hub *hub)
{
    hub->drained++;
}

static void end_servers(struct hub *hub, uint64_t now)
{
    uint64_t left = hub->servers_by_ms > now ? hub->servers_by_ms - now : 1;

    if (hub->drained < hub->worker_count)
        log_warn(NULL, "some clients did not read their last message in time");
    hub->ending = ENDING_SERVERS;
    event_del(hub->tick);
    servers_stop(hub->servers, left, on_servers_closed, hub);
}

void drain_on_tick(int fd, short what, void *argument)
{
    struct hub *hub = argument;
    uint64_t now = clock_ms();
    (void)fd;
    (void)what;

    if (hub->drained == hub->worker_count || now >= hub->clients_by_ms) {
        end_servers(hub, now);
    } else if (hub->ending == ENDING_ANSWERS && now >= hub->answers_by_ms) {
        log_warn(NULL, "actions in flight are given up count=%zu", servers_in_flight(hub->servers));
        hub->ending = ENDING_CLIENTS;
        servers_give_up(hub->servers);
    }
}
