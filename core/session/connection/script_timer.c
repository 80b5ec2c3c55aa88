// core/session/connection/script_timer.c: see script_timer.h.
#include "session/connection/script_timer.h"

#include "base/clock.h"
#include "session/connection/reconfigure.h"
#include "session/connection/sessions.h"
#include "session/scripting/host.h"

#include <event2/event.h>

static void on_script_timer(evutil_socket_t fd, short what, void *argument)
{
    struct sessions *sessions = argument;
    (void)fd;
    (void)what;

    sessions->script_due_ms = UINT64_MAX; // the timer has expired and is not set
    script_states_tick(&sessions->scripts);
    sessions_flush(sessions);
    script_timer_rest(sessions);
}

void script_timer_init(struct sessions *sessions)
{
    sessions->script_timer = event_new(sessions->base, -1, 0, on_script_timer, sessions);
    sessions->script_due_ms = UINT64_MAX;
}

void script_timer_fini(struct sessions *sessions)
{
    event_free(sessions->script_timer);
}

/** Loads the scripts again, because they have exceeded scripts.memory twice within a minute. */
static void script_timer_reload(struct sessions *sessions)
{
    struct error err;
    struct scripts *fresh = script_host_prepare(sessions, sessions->config, &err);

    if (fresh == NULL) {
        log_error(NULL, "scripts could not be loaded anew reason=\"%s\"", err.text);
        return;
    }
    log_warn(NULL, "scripts loaded anew: they had used up scripts.memory");
    reconfigure_sessions(sessions, sessions->config, fresh);
}

void script_timer_arm(struct sessions *sessions)
{
    uint64_t now, due, wait;

    if (sessions->scripts.current == NULL)
        return;
    due = script_states_due(&sessions->scripts);
    if (due == sessions->script_due_ms)
        return;
    sessions->script_due_ms = due;
    if (due == UINT64_MAX) {
        event_del(sessions->script_timer);
        return;
    }
    now = clock_ms();
    wait = due > now ? due - now : 1; // not 0, so that I/O is handled between two ticks
    struct timeval delay = {(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};
    event_add(sessions->script_timer, &delay);
}

void script_timer_rest(struct sessions *sessions)
{
    if (script_state_is_exhausted(scripts_state(sessions->scripts.current)))
        script_timer_reload(sessions);
    script_state_step(scripts_state(sessions->scripts.current));
    script_timer_arm(sessions);
}
