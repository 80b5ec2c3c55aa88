// core/run/takeover_await.c: see takeover.h: when the program begins to accept connections.  Thread: the hub's.
#include "run/takeover.h"

#include "base/clock.h"
#include "base/log.h"
#include "run/inside.h"
#include "run/notify.h"
#include "run/process.h"
#include "server/servers.h"

#include <event2/event.h>
#include <stdio.h>

#define LIMIT_MS 20000
#define TICK_MS 20L

static void await_serve(struct service *service)
{
    struct error err;

    hub_start_listening(service->hub);
    if (takeover_is_new_process(service->takeover) &&
        !process_write_pid(hub_config(service->hub)->process.pid_file, &err))
        log_warn(NULL, "%s", err.text);
    notify_ready("Serving");
    takeover_ready(service->takeover);
}

/** Returns how many servers to wait for: not those that the new configuration does not have. */
static size_t servers_wanted(const struct service *service)
{
    size_t servers = takeover_servers(service->takeover);

    return servers < hub_config(service->hub)->server_count ? servers : hub_config(service->hub)->server_count;
}

static void on_await(evutil_socket_t fd, short what, void *argument)
{
    struct service *service = argument;
    char reason[160];
    (void)fd;
    (void)what;

    if (servers_up(hub_servers(service->hub)) >= servers_wanted(service)) {
        event_del(service->await);
        await_serve(service);
    } else if (clock_ms() >= service->await_until_ms) {
        snprintf(reason, sizeof reason, "logged in to %zu servers within %d s, expected %zu",
                 servers_up(hub_servers(service->hub)), LIMIT_MS / 1000, servers_wanted(service));
        log_error(NULL, "hand-over not taken reason=\"%s\"", reason);
        takeover_fail(service->takeover, reason);
        service->end = SERVICE_FAILED;
        event_base_loopbreak(hub_base(service->hub));
    }
}

void takeover_await(struct service *service)
{
    struct timeval period = {0, TICK_MS * 1000};

    if (!takeover_is_new_process(service->takeover)) {
        await_serve(service);
        return;
    }
    service->await_until_ms = clock_ms() + LIMIT_MS;
    service->await = event_new(hub_base(service->hub), -1, EV_PERSIST, on_await, service);
    event_add(service->await, &period);
}
