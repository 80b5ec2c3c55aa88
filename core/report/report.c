// core/report/report.c: see report.h: the reports by name, and what alive and ready mean.
#include "report/report.h"

#include "base/clock.h"
#include "base/memory.h"
#include "pbx/pbx.h"
#include "report/metrics_pbx.h"
#include "report/metrics_scripts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STILL_MS 5000 // a loop that has not turned for so long hangs; each beats once a second

struct reporter *reporter_create(struct metrics *metrics, struct directory *directory, const struct registry *registry)
{
    struct reporter *reporter = memory_zero(1, sizeof *reporter);

    reporter->metrics = metrics;
    reporter->directory = directory;
    reporter->registry = registry;
    reporter->created_ms = clock_ms();
    reporter->pbx = pbx_create();
    return reporter;
}

void reporter_destroy(struct reporter *reporter)
{
    if (reporter != NULL)
        pbx_destroy(reporter->pbx);
    free(reporter);
}

struct pbx *reporter_pbx(const struct reporter *reporter)
{
    return reporter->pbx;
}

uint32_t reporter_add_listener(struct reporter *reporter, const char *address)
{
    size_t count = atomic_load_explicit(&reporter->listener_count, memory_order_relaxed);

    for (size_t i = 0; i < count; i++) { // it may have been here before
        if (strcmp(reporter->listeners[i], address) == 0)
            return (uint32_t)i;
    }
    if (count == REPORTER_LISTENERS)
        return REPORTER_LISTENERS;
    snprintf(reporter->listeners[count], sizeof reporter->listeners[count], "%s", address);
    atomic_store_explicit(&reporter->listener_count, count + 1, memory_order_release);
    return (uint32_t)count;
}

/** The lines of a verdict. */
struct verdict {
    char text[1024];
    size_t length;
    bool is_good;
};

/** Adds a line that leaves the verdict as it is. */
static void verdict_note(struct verdict *verdict, const char *what, uint64_t number, const char *rest)
{
    size_t room = sizeof verdict->text - verdict->length;
    int length = snprintf(verdict->text + verdict->length, room, "%s%" PRIu64 "%s\n", what, number, rest);

    verdict->length += (size_t)length < room ? (size_t)length : 0; // what does not fit is left out
}

static void verdict_complain(struct verdict *verdict, const char *what, uint64_t number, const char *rest)
{
    verdict_note(verdict, what, number, rest);
    verdict->is_good = false;
}

/** Adds a line for each filter that stands still. That is no reason to send clients elsewhere, as every proxy with
 * these scripts may have it, but what the filter would judge is withheld (scripts.on_error). */
static void judge_filters(struct verdict *verdict, const struct metrics_script *scripts)
{
    for (const struct metrics_script *script = scripts; script != NULL; script = script->next) {
        uint64_t sum = metrics_quarantined(scripts, script);
        char text[METRICS_NAME + 64];
        if (sum == 0)
            continue;
        snprintf(text, sizeof text, "the filter %s stands still until a reload: users and workers: ", script->name);
        verdict_note(verdict, text, sum, "");
    }
}

/** Does the loop hang? One that has not reported yet is given the same time, counted from the start. */
static bool is_still(const struct reporter *reporter, const struct metric *beat_ms, uint64_t now)
{
    uint64_t beat = metric_get(beat_ms);

    if (beat == 0)
        beat = reporter->created_ms;
    return now > beat && now - beat >= STILL_MS;
}

static void judge_loops(const struct reporter *reporter, struct verdict *verdict)
{
    uint64_t now = clock_ms();

    if (is_still(reporter, &metrics_hub(reporter->metrics)->beat_ms, now))
        verdict_complain(verdict, "the hub has not turned for ", STILL_MS / 1000, " s");
    for (uint32_t i = 0; i < metrics_workers(reporter->metrics); i++) {
        if (is_still(reporter, &metrics_worker(reporter->metrics, i)->beat_ms, now))
            verdict_complain(verdict, "worker ", i, " has not turned for 5 s");
    }
}

struct servers_seen {
    uint64_t known, up;
    struct verdict *verdict;
};

static void count_servers(void *visitor, const struct metrics_lists *lists)
{
    struct servers_seen *seen = visitor;

    for (const struct metrics_server *server = lists->servers; server != NULL; server = server->next) {
        seen->known++;
        seen->up += metric_get(&server->up);
    }
    judge_filters(seen->verdict, lists->scripts);
}

static void judge_readiness(const struct reporter *reporter, struct verdict *verdict)
{
    struct servers_seen seen = {.verdict = verdict};

    metrics_gather(reporter->metrics, count_servers, &seen);
    if (seen.known > 0 && seen.up == 0)
        verdict_complain(verdict, "no server is up, of ", seen.known, "");
    if (metric_get(&metrics_hub(reporter->metrics)->draining) != 0)
        verdict_complain(verdict, "ending: no new sessions; servers that are up: ", seen.up, "");
}

enum amp_report report_write(void *reporter, const char *name, bool with_pbx,
                             void (*write)(void *context, const char *bytes, size_t length), void *context)
{
    struct exposition out = {.open_metrics = strcmp(name, "openmetrics") == 0};
    struct verdict verdict = {.is_good = true};
    bool is_ready = strcmp(name, "ready") == 0;

    if (out.open_metrics || strcmp(name, "metrics") == 0) {
        report_metrics(reporter, &out);
        if (with_pbx)
            metrics_write_pbx(&out, ((const struct reporter *)reporter)->pbx);
        report_process(&out);
        exposition_end(&out);
        write(context, out.bytes, out.length);
        exposition_fini(&out);
        return AMP_REPORT_GOOD;
    }
    if (!is_ready && strcmp(name, "alive") != 0)
        return AMP_REPORT_NONE;
    judge_loops(reporter, &verdict);
    if (is_ready)
        judge_readiness(reporter, &verdict);
    if (verdict.is_good)
        write(context, is_ready ? "ready\n" : "alive\n", 6);
    write(context, verdict.text, verdict.length);
    return verdict.is_good ? AMP_REPORT_GOOD : AMP_REPORT_BAD;
}
