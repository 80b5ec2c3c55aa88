// core/report/metrics_scripts.c: see metrics_scripts.h.
#include "report/metrics_scripts.h"

#include <string.h>

#define PREFIX "astmanproxy_"
#define ONE(key, value) ((const struct exposition_label[]){{key, value}, {NULL, NULL}})
#define TWO(key, value, key2, value2) ((const struct exposition_label[]){{key, value}, {key2, value2}, {NULL, NULL}})

/** Is this the first block of its script? Then the sum over all workers is written here. */
static bool is_first(const struct metrics_script *scripts, const struct metrics_script *script)
{
    for (; scripts != script; scripts = scripts->next) {
        if (scripts->kind == script->kind && strcmp(scripts->name, script->name) == 0)
            return false;
    }
    return true;
}

uint64_t metrics_quarantined(const struct metrics_script *scripts, const struct metrics_script *script)
{
    uint64_t sum = 0;

    if (script->kind != METRICS_FILTER || !is_first(scripts, script))
        return 0;
    for (const struct metrics_script *other = script; other != NULL; other = other->next)
        sum += other->kind == METRICS_FILTER && strcmp(other->name, script->name) == 0 ? metric_get(&other->quarantined)
                                                                                       : 0;
    return sum;
}

enum script_figure { FIGURE_CALLS, FIGURE_FAILURES, FIGURE_SECONDS };

static double figure_of(const struct metrics_script *script, enum script_figure figure)
{
    switch (figure) {
    case FIGURE_CALLS:
        return (double)metric_get(&script->calls);
    case FIGURE_FAILURES:
        return (double)metric_get(&script->failures);
    case FIGURE_SECONDS:
        return (double)metric_get(&script->time_us) / 1e6;
    }
    return 0;
}

static void write_script_figure(struct exposition *out, const struct metrics_script *scripts, enum script_figure figure)
{
    for (const struct metrics_script *script = scripts; script != NULL; script = script->next) {
        double sum = 0;
        if (script->kind == METRICS_COUNTER || !is_first(scripts, script))
            continue;
        for (const struct metrics_script *other = script; other != NULL; other = other->next)
            sum += other->kind == script->kind && strcmp(other->name, script->name) == 0 ? figure_of(other, figure) : 0;
        const struct exposition_label *labels =
            TWO("script", script->name, "kind", script->kind == METRICS_FILTER ? "filter" : "proxy_action");
        if (figure == FIGURE_SECONDS)
            exposition_value(out, "", labels, sum);
        else
            exposition_count(out, "", labels, (uint64_t)sum);
    }
}

void metrics_write_scripts(struct exposition *out, const struct metrics_script *scripts)
{
    exposition_begin(out, PREFIX "script_calls", EXPOSITION_COUNTER,
                     "Calls into Lua; of proxy actions also each time that one goes on after it waited.");
    write_script_figure(out, scripts, FIGURE_CALLS);
    exposition_begin(out, PREFIX "script_errors", EXPOSITION_COUNTER, "Calls that failed.");
    write_script_figure(out, scripts, FIGURE_FAILURES);
    exposition_begin(out, PREFIX "script_seconds", EXPOSITION_COUNTER,
                     "Time in Lua; of filters estimated from every sixteenth call.");
    write_script_figure(out, scripts, FIGURE_SECONDS);
    exposition_begin(
        out, PREFIX "filters_quarantined", EXPOSITION_GAUGE,
        "Filters that stand still until a reload or a release, as they failed too often; workers and users "
        "count.");
    for (const struct metrics_script *script = scripts; script != NULL; script = script->next) {
        if (script->kind == METRICS_FILTER && is_first(scripts, script))
            exposition_count(out, "", ONE("script", script->name), metrics_quarantined(scripts, script));
    }
    exposition_begin(out, PREFIX "script_counts", EXPOSITION_COUNTER, "What scripts count (amp.count).");
    for (const struct metrics_script *script = scripts; script != NULL; script = script->next) {
        uint64_t sum = 0;
        if (script->kind != METRICS_COUNTER || !is_first(scripts, script))
            continue;
        for (const struct metrics_script *other = script; other != NULL; other = other->next)
            sum += other->kind == METRICS_COUNTER && strcmp(other->name, script->name) == 0 ? metric_get(&other->calls)
                                                                                            : 0;
        exposition_count(out, "", ONE("name", script->name), sum);
    }
}
