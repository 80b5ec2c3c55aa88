// core/run/succeed.c: see succeed.h.
#include "run/succeed.h"

#include "base/clock.h"
#include "hub/inside.h"
#include "run/notify.h"
#include "run/process.h"
#include "run/takeover.h"

#include <event2/event.h>
#include <stdio.h>

#define LIMIT_MS 20000
#define TICK_MS 20L

static void serve(struct hub *hub)
{
    struct error err;

    hub_start_listening(hub);
    if (handover_is_successor(hub->handover) && !process_write_pid(hub->config->process.pid_file, &err))
        log_warn(NULL, "%s", err.text);
    notify_ready("Serving");
    handover_ready(hub->handover);
}

/** Servers that the new configuration does not have are not waited for. */
static size_t wanted(const struct hub *hub)
{
    size_t servers = handover_servers(hub->handover);

    return servers < hub->config->server_count ? servers : hub->config->server_count;
}

static void on_await(evutil_socket_t fd, short what, void *argument)
{
    struct hub *hub = argument;
    char reason[160];
    (void)fd;
    (void)what;

    if (servers_up(hub->servers) >= wanted(hub)) {
        event_del(hub->await);
        serve(hub);
    } else if (clock_ms() >= hub->await_until_ms) {
        snprintf(reason, sizeof reason, "logged in to %zu servers within %d s, expected %zu", servers_up(hub->servers),
                 LIMIT_MS / 1000, wanted(hub));
        log_error(NULL, "hand-over not taken reason=\"%s\"", reason);
        handover_fail(hub->handover, reason);
        hub->failed = true;
        event_base_loopbreak(hub->base);
    }
}

void succeed_begin(struct hub *hub)
{
    struct timeval period = {0, TICK_MS * 1000};

    if (!handover_is_successor(hub->handover)) {
        serve(hub);
        return;
    }
    hub->await_until_ms = clock_ms() + LIMIT_MS;
    hub->await = event_new(hub->base, -1, EV_PERSIST, on_await, hub);
    event_add(hub->await, &period);
}
