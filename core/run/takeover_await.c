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

/** Takes the kept feeds of the earlier process, if it hands them on. @return false: it may still do so */
static bool take_past(struct service *service, bool late)
{
    char quoted[200];
    struct error err;
    int fd = -1;
    bool answered = takeover_take(service->takeover, &fd);

    if (!answered && !late)
        return false;
    error_set(&err, answered ? "the earlier process has none" : "the earlier process did not answer in time");
    if (fd != -1 && hub_take_past(service->hub, fd, &err))
        log_info(NULL, "kept feeds taken over");
    else
        log_warn(NULL, "kept feeds not taken over, clients that come back are told so reason=%s",
                 log_quote(quoted, sizeof quoted, span_of(err.text)));
    if (fd != -1)
        close(fd);
    return true;
}

/** Asks for the kept feeds when it is known which channels are up, because whose events they are cannot be judged
 *  before that. */
static void ask_for_past(struct service *service, bool late)
{
    if (!hub_knows_channels(service->hub) && !late)
        return;
    takeover_ask(service->takeover);
    service->asked_for_past = true;
    service->await_until_ms = clock_ms() + PAST_LIMIT_MS;
}

static void on_await(evutil_socket_t number, short what, void *argument)
{
    struct service *service = argument;
    bool late = clock_ms() >= service->await_until_ms;
    (void)number;
    (void)what;

    if (service->asked_for_past) {
        if (!take_past(service, late))
            return;
    } else if (servers_up(hub_servers(service->hub)) < servers_wanted(service)) {
        if (late)
            give_up(service);
        return;
    } else if (service->wants_past) {
        ask_for_past(service, late);
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
    service->wants_past = takeover_has_past(service->takeover) && config_hands_on(hub_config(service->hub));
    if (service->wants_past)
        hub_hold(service->hub);
    service->await_until_ms = clock_ms() + LIMIT_MS;
    service->await = event_new(hub_base(service->hub), -1, EV_PERSIST, on_await, service);
    event_add(service->await, &period);
}
