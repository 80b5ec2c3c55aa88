// core/run/takeover_await.c: see takeover.h: when the program begins to accept connections.  Thread: the hub's.
#include "run/takeover.h"

#include "base/clock.h"
#include "base/log.h"
#include "hub/handover.h"
#include "run/inside.h"
#include "run/notify.h"
#include "run/process.h"
#include "server/servers.h"

#include <event2/event.h>
#include <stdio.h>
#include <unistd.h>

#define LIMIT_MS 20000
#define TICK_MS 20L
#define PAST_LIMIT_MS 8000 // for the earlier process to hand its kept feeds on

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

static void give_up(struct service *service)
{
    char reason[160];

    snprintf(reason, sizeof reason, "logged in to %zu servers within %d s, expected %zu",
             servers_up(hub_servers(service->hub)), LIMIT_MS / 1000, servers_wanted(service));
    log_error(NULL, "hand-over not taken reason=\"%s\"", reason);
    takeover_fail(service->takeover, reason);
    service->end = SERVICE_FAILED;
    event_base_loopbreak(hub_base(service->hub));
}

/** Takes the kept feeds of the earlier process, if it has handed them on. */
static void take_past(struct service *service, int fd)
{
    char quoted[200];
    struct error err = {"the earlier process has none"};

    if (fd != -1 && hub_take_past(service->hub, fd, &err))
        log_info(NULL, "kept feeds taken over");
    else
        log_warn(NULL, "kept feeds not taken over, clients that come back are told so reason=%s",
                 log_quote(quoted, sizeof quoted, span_of(err.text)));
    if (fd != -1)
        close(fd);
}

static void on_await(evutil_socket_t number, short what, void *argument)
{
    struct service *service = argument;
    bool late = clock_ms() >= service->await_until_ms;
    int fd = -1;
    (void)number;
    (void)what;

    if (!service->asked_for_past) {
        if (servers_up(hub_servers(service->hub)) < servers_wanted(service)) {
            if (late)
                give_up(service);
            return;
        }
        if (service->wants_past && !hub_knows_channels(service->hub) && !late)
            return; // whose events they are cannot be judged yet
        if (service->wants_past) {
            takeover_ask(service->takeover);
            service->asked_for_past = true;
            service->await_until_ms = clock_ms() + PAST_LIMIT_MS;
            return;
        }
    } else if (takeover_take(service->takeover, &fd) || late) {
        take_past(service, fd);
    } else {
        return;
    }
    hub_release(service->hub);
    event_del(service->await);
    await_serve(service);
}

void takeover_await(struct service *service)
{
    struct timeval period = {0, TICK_MS * 1000};

    if (!takeover_is_new_process(service->takeover)) {
        await_serve(service);
        return;
    }
    service->wants_past = takeover_has_past(service->takeover) && hub_config(service->hub)->resume.keep_ms > 0;
    if (service->wants_past)
        hub_hold(service->hub);
    service->await_until_ms = clock_ms() + LIMIT_MS;
    service->await = event_new(hub_base(service->hub), -1, EV_PERSIST, on_await, service);
    event_add(service->await, &period);
}
