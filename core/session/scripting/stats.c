// core/session/scripting/stats.c: see stats.h.
#include "session/scripting/stats.h"

#include "base/clock.h"
#include "base/log.h"
#include "session/client/set.h"

#include <stdlib.h>

/** Returns the sum of one counter over all workers. */
static uint64_t stats_total(const struct sessions *sessions, size_t offset)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < metrics_workers(sessions->link.metrics); i++) {
        const char *block = (const char *)metrics_worker(sessions->link.metrics, i);
        sum += metric_get((const struct metric *)(const void *)(block + offset));
    }
    return sum;
}

struct listed_totals {
    uint64_t events, in_flight, script_errors;
};

static void add_listed(void *visitor, const struct metrics_lists *lists)
{
    struct listed_totals *totals = visitor;

    for (const struct metrics_script *script = lists->scripts; script != NULL; script = script->next)
        totals->script_errors += metric_get(&script->failures);
    for (const struct metrics_server *server = lists->servers; server != NULL; server = server->next) {
        totals->events += metric_get(&server->events);
        totals->in_flight += metric_get(&server->in_flight);
    }
}

static uint64_t sum_of(const struct sessions *sessions, size_t offset, size_t first, size_t last)
{
    uint64_t sum = 0;

    for (size_t i = first; i <= last; i++)
        sum += stats_total(sessions, offset + i * sizeof(struct metric));
    return sum;
}

/** Visits the counters of /metrics that are single numbers. */
static void each_total(const struct sessions *sessions, void (*visit)(void *visitor, const char *name, uint64_t value),
                       void *visitor)
{
    static const struct {
        const char *name;
        size_t offset, first, last;
    } totals[] = {
        {"EventsSent", offsetof(struct metrics_worker, events), 0, METRICS_FORMATS - 1},
        {"ActionsAnswered", offsetof(struct metrics_worker, actions), AMP_REASON_NONE, AMP_REASON_NONE},
        {"ActionsRefused", offsetof(struct metrics_worker, actions), AMP_REASON_INVALID, AMP_REASON_NO_SERVER},
        {"ActionsLost", offsetof(struct metrics_worker, actions), AMP_REASON_LOST, AMP_REASON_LOST},
        {"ActionsTimedOut", offsetof(struct metrics_worker, actions), AMP_REASON_TIMEOUT, AMP_REASON_TIMEOUT},
        {"LoginsFailed", offsetof(struct metrics_worker, logins_failed), 0, 0},
        {"SlowClients", offsetof(struct metrics_worker, slow_disconnected), 0, 1},
        {"EventsSkipped", offsetof(struct metrics_worker, events_skipped), 0, 0},
        {"BacklogBytes", offsetof(struct metrics_worker, backlog_bytes), 0, 0},
    };
    struct listed_totals listed = {0};

    metrics_gather(sessions->link.metrics, add_listed, &listed);
    visit(visitor, "EventsReceived", listed.events);
    visit(visitor, "ActionsInFlight", listed.in_flight);
    visit(visitor, "ScriptErrors", listed.script_errors);
    visit(visitor, "LogLinesLost", log_lost());
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++)
        visit(visitor, totals[i].name, sum_of(sessions, totals[i].offset, totals[i].first, totals[i].last));
}

/** The numbers of sessions. */
struct stats_sessions {
    uint32_t all, logged_in;
};

static void stats_count_session(void *visitor, const struct directory_entry *entry)
{
    struct stats_sessions *counts = visitor;

    counts->all++;
    counts->logged_in += entry->authenticated;
}

static void stats_counted(void *visitor)
{
    (void)visitor;
}

void stats_each(void *context, void (*visit)(void *visitor, const char *name, uint64_t value), void *visitor)
{
    struct sessions *sessions = context;
    struct stats_sessions counts = {0};
    uint32_t up = 0;

    directory_each(sessions->link.directory, stats_count_session, stats_counted, &counts);
    for (uint32_t i = 0; i < sessions->state->count; i++)
        up += sessions->state->servers[i].up;
    visit(visitor, "Uptime", (clock_ms() - sessions->started_ms) / 1000);
    visit(visitor, "Events", sessions->events);
    visit(visitor, "Sessions", counts.all);
    visit(visitor, "SessionsLoggedIn", counts.logged_in);
    visit(visitor, "Servers", sessions->state->count);
    visit(visitor, "ServersUp", up);
    each_total(sessions, visit, visitor);
    visit(visitor, "ScriptMemory", script_state_memory(scripts_state(sessions->scripts.current)));
}
