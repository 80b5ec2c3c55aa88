// core/session/client/due.c: see due.h.
#include "session/client/due.h"

#include "session/client/set.h"

#include "base/clock.h"

#include <event2/event.h>

#define IDLE_CHECK_MS 1000 // how often an idle session is looked at while something of it is in progress

void due_set_deadline(struct session *session, uint64_t deadline_ms)
{
    session->deadline_ms = deadline_ms;
    due_watch(session);
}

void due_set_timer(struct session *session, uint64_t timer_ms)
{
    session->timer_ms = timer_ms;
    due_watch(session);
}

uint64_t due_rate_ms(const struct session *session)
{
    double limit = (double)session->sessions->config->limits.actions_per_second;

    if (limit == 0)
        return session->rate.counted_ms; // a reload has removed the limit
    return session->rate.counted_ms + (uint64_t)((1 - session->rate.allowance) * 1000 / limit) + 1;
}

/** Returns when the session may be idle for too long (expire.c). */
static uint64_t due_idle_ms(const struct session *session, uint64_t limit)
{
    uint64_t now, due = session->active_ms + limit;

    if (due > session->due.due_ms || session->due.place == 0)
        return due;
    now = clock_ms();
    return due > now ? due : now + (limit < IDLE_CHECK_MS ? limit : IDLE_CHECK_MS); // something is in progress
}

static uint64_t due_earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t due_first_ms(const struct session *session)
{
    uint64_t idle_limit = session->sessions->config->limits.idle_timeout_ms, due = DEADLINE_NEVER;

    if (session_is_dead(session))
        return due;
    if (session->deadline_ms != 0)
        due = session->deadline_ms;
    if (session->timer_ms != 0)
        due = due_earlier(due, session->timer_ms);
    if (session->wait.why == WAIT_RATE)
        due = due_earlier(due, due_rate_ms(session));
    if (idle_limit != 0 && session->authenticated && session->exported == NULL && !session_is_ending(session))
        due = due_earlier(due, due_idle_ms(session, idle_limit));
    return due;
}

void due_arm(struct sessions *sessions, uint64_t now)
{
    const struct deadline *first = deadlines_first(&sessions->times);
    uint64_t wait;
    struct timeval period;

    if (first == NULL || first->due_ms >= sessions->timer_ms)
        return;
    sessions->timer_ms = first->due_ms;
    wait = first->due_ms > now ? first->due_ms - now : 1; // not 0, so that I/O is handled between two calls
    period = (struct timeval){(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};
    event_add(sessions->timer, &period);
}

void due_watch(struct session *session)
{
    struct sessions *sessions = session->sessions;
    uint64_t due_ms = due_first_ms(session), before = session->due.place > 0 ? session->due.due_ms : DEADLINE_NEVER;

    deadlines_set(&sessions->times, &session->due, due_ms);
    if (due_ms < before && due_ms < sessions->timer_ms)
        due_arm(sessions, clock_ms());
}
