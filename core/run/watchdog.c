// core/run/watchdog.c: see watchdog.h.
#include "run/watchdog.h"

#include "base/memory.h"
#include "hub/inside.h"
#include "run/notify.h"

#include <event2/event.h>
#include <stdlib.h>

struct pulse {
    struct hub *hub;
    struct event *timer;
};

static void on_time(evutil_socket_t fd, short what, void *argument)
{
    const struct pulse *pulse = argument;
    bool all = true;
    (void)fd;
    (void)what;

    for (uint32_t i = 0; i < pulse->hub->worker_count; i++) {
        if (worker_turns(pulse->hub->outboxes[i].worker))
            continue;
        log_error(NULL, "a worker does not turn, so the watchdog is not told that we live worker=%u", i);
        all = false;
    }
    if (all)
        notify_alive();
}

struct pulse *pulse_create(struct hub *hub)
{
    uint64_t period_us = notify_watchdog_us() / 2;
    struct timeval period = {(time_t)(period_us / 1000000), (suseconds_t)(period_us % 1000000)};
    struct pulse *pulse;

    if (period_us == 0)
        return NULL;
    pulse = memory_zero(1, sizeof *pulse);
    pulse->hub = hub;
    pulse->timer = event_new(hub->base, -1, EV_PERSIST, on_time, pulse);
    event_add(pulse->timer, &period);
    on_time(-1, 0, pulse);
    return pulse;
}

void pulse_destroy(struct pulse *pulse)
{
    if (pulse == NULL)
        return;
    event_free(pulse->timer);
    free(pulse);
}
