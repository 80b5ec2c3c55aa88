// core/run/drain.c: see drain.h. Workers end their sessions one by one, each as soon as it waits for nothing; the hub
// enforces the limits. Half of the time is for answers, a fifth for messages to the last clients, a tenth for clients
// to read these, and the rest for the servers' Goodbye.
#include "run/drain.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "run/inside.h"
#include "run/notify.h"
#include "run/reload.h"
#include "run/takeover.h"
#include "server/servers.h"

#include <event2/event.h>
#include <stdio.h>

#define TICK_MS 20L

static void on_servers_closed(void *context)
{
    struct service *service = context;

    event_base_loopbreak(hub_base(service->hub));
}

static const char *const state_names[] = {"none", "answers", "clients", "servers"};

/** The only writer of the state. */
static void drain_enter(struct drain *drain, enum drain_state next)
{
    log_debug(NULL, "drain from=%s to=%s", state_names[drain->state], state_names[next]);
    drain->state = next;
}

/** Frees the timer with which a new process waits for its servers. */
static void free_await(struct service *service)
{
    if (service->await != NULL)
        event_free(service->await);
    service->await = NULL;
}

static void end_servers(struct service *service, uint64_t now)
{
    struct drain *drain = &service->drain;
    uint64_t left = drain->servers_by_ms > now ? drain->servers_by_ms - now : 1;

    if (drain->drained_workers < hub_worker_count(service->hub))
        log_warn(NULL, "some clients did not read their last message in time");
    drain_enter(drain, DRAIN_SERVERS);
    event_del(drain->tick);
    servers_stop(hub_servers(service->hub), left, on_servers_closed, service);
}

static void on_tick(evutil_socket_t fd, short what, void *argument)
{
    struct service *service = argument;
    struct drain *drain = &service->drain;
    struct servers *servers = hub_servers(service->hub);
    uint64_t now = clock_ms();
    (void)fd;
    (void)what;

    if (!drain->exports_end && hub_is_drained(service->hub)) {
        drain->exports_end = true;
        hub_end_exports(service->hub);
    }
    bool drained = drain->drained_workers == hub_worker_count(service->hub) && hub_is_drained(service->hub);

    if (drained || now >= drain->clients_by_ms) {
        end_servers(service, now);
    } else if (drain->state == DRAIN_ANSWERS && now >= drain->answers_by_ms) {
        log_warn(NULL, "actions in flight are given up count=%zu", servers_in_flight(servers));
        drain_enter(drain, DRAIN_CLIENTS);
        servers_give_up(servers);
    }
}

void drain_begin(struct service *service, const char *why)
{
    struct timeval period = {0, TICK_MS * 1000};
    struct drain *drain = &service->drain;
    uint64_t limit = hub_config(service->hub)->limits.drain_ms, now = clock_ms();

    log_info(NULL, "ending %s limit_ms=%llu", why, (unsigned long long)limit);
    metric_set(&hub_metrics(service->hub)->draining, 1);
    notify_stopping("Ending: answers in flight");
    takeover_abandon(service->takeover);
    reload_abandon(service);
    free_await(service);
    hub_stop_listening(service->hub);
    drain_enter(drain, DRAIN_ANSWERS);
    drain->answers_by_ms = now + limit / 10 * 5;
    drain->clients_by_ms = now + limit / 10 * 8;
    drain->servers_by_ms = now + limit;
    hub_drain(service->hub, now + limit / 10 * 7);
    drain->tick = event_new(hub_base(service->hub), -1, EV_PERSIST, on_tick, service);
    event_add(drain->tick, &period);
}

void drain_on_signal(struct service *service, int number)
{
    char why[32];

    if (service->drain.state == DRAIN_NONE) {
        snprintf(why, sizeof why, "signal=%d", number);
        drain_begin(service, why);
        return;
    }
    if (service->handed_over) {
        service->handed_over = false; // the stop of the service ends all its processes
        log_info(NULL, "ending already signal=%d", number);
        return;
    }
    log_warn(NULL, "ending at once signal=%d", number);
    service->end = SERVICE_KILLED;
    event_base_loopbreak(hub_base(service->hub));
}

void drain_on_worker(struct service *service)
{
    service->drain.drained_workers++;
}
