// core/run/watchdog.c: see watchdog.h.
#include "run/watchdog.h"

#include "base/memory.h"
#include "hub/hub.h"
#include "run/notify.h"
#include "worker/worker.h"

#include <event2/event.h>
#include <stdlib.h>

struct watchdog {
    struct hub *hub;
    struct event *timer;
    bool *stuck; // of each worker: was its loop stuck at the last check?
};

static void on_time(evutil_socket_t fd, short what, void *argument)
{
    struct watchdog *watchdog = argument;
    bool all = true;
    (void)fd;
    (void)what;

    for (size_t i = 0; i < hub_worker_count(watchdog->hub); i++) {
        bool turns = worker_turns(hub_worker(watchdog->hub, i)), was_stuck = watchdog->stuck[i];
        watchdog->stuck[i] = !turns;
        if (turns)
            continue;
        log_error(NULL, "a worker does not turn, so the watchdog is not told that we live worker=%zu", i);
        if (!was_stuck) // once: the stack at that time shows where it is stuck
            worker_tell_stack(hub_worker(watchdog->hub, i));
        all = false;
    }
    if (all)
        notify_alive();
}

struct watchdog *watchdog_create(struct hub *hub)
{
    uint64_t period_us = notify_watchdog_us() / 2;
    struct timeval period = {(time_t)(period_us / 1000000), (suseconds_t)(period_us % 1000000)};
    struct watchdog *watchdog;

    if (period_us == 0)
        return NULL;
    watchdog = memory_zero(1, sizeof *watchdog);
    watchdog->hub = hub;
    watchdog->stuck = memory_zero(hub_worker_count(hub), sizeof *watchdog->stuck);
    watchdog->timer = event_new(hub_base(hub), -1, EV_PERSIST, on_time, watchdog);
    event_add(watchdog->timer, &period);
    on_time(-1, 0, watchdog);
    return watchdog;
}

void watchdog_destroy(struct watchdog *watchdog)
{
    if (watchdog == NULL)
        return;
    event_free(watchdog->timer);
    free(watchdog->stuck);
    free(watchdog);
}
