// core/exports/send.c: messages go on their way, by HTTP (post.c) or to the bus; and what becomes of them.
#include "exports/inside.h"

#include "base/clock.h"
#include "exports/verdict.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>

#define MOST_BYTES ((size_t)1024 * 1024) // of several messages that are sent together
#define MOST_PUBLISHED 500               // messages that are given to the bus at once

const char *export_subject(const struct export_config *config)
{
    return strncmp(config->to, "nats:", 5) == 0 ? config->to + 5 : NULL;
}

void export_send(struct exporter *exporter)
{
    bool is_for_bus = export_subject(exporter->config) != NULL;

    export_queue_begin(&exporter->queue, is_for_bus ? MOST_PUBLISHED : exporter->config->batch, MOST_BYTES);
    exporter->posting = true;
    if (is_for_bus)
        exporter->owner.publish(exporter->owner.context, ++exporter->serial,
                                export_copy(exporter, exporter->queue.under_way));
    else
        export_post(exporter);
}

static void export_note_success(struct exporter *exporter)
{
    struct log_context log = export_log(exporter);

    if (exporter->failures > 0 || exporter->losing > 0)
        log_info(&log, "export goes on failures=%" PRIu32 " lost=%" PRIu64 " queued=%zu", exporter->failures,
                 exporter->losing, exporter->queue.count);
    exporter->failures = 0;
    exporter->losing = 0;
}

/** Waits before what is left is sent again. */
static void export_note_failure(struct exporter *exporter, const struct export_outcome *outcome)
{
    const struct export_config *config = exporter->config;
    struct log_context log = export_log(exporter);
    char quoted[320];

    exporter->failures++;
    uint64_t wait = export_wait(exporter->failures, config->retry_interval_ms, config->retry_max_interval_ms,
                                outcome->retry_after_ms, (uint32_t)clock_us());
    log_warn(&log, "export failed reason=%s attempt=%" PRIu32 " again_in_ms=%" PRIu64 " queued=%zu",
             log_text(quoted, sizeof quoted, outcome->failure), exporter->failures, wait, exporter->queue.count);
    metric_add(&exporter->metrics->failed, 1);
    exporter->waits = true;
    event_add(exporter->timer, &(struct timeval){(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)});
}

void export_settle(struct exporter *exporter, const struct export_outcome *outcome)
{
    exporter->posting = false;
    metric_add(&exporter->metrics->posted, outcome->over - outcome->refused);
    metric_add(&exporter->metrics->refused, outcome->refused);
    export_queue_end(&exporter->queue, outcome->over);
    if (outcome->failure == NULL)
        export_note_success(exporter);
    else
        export_note_failure(exporter, outcome);
    export_work(exporter);
}

bool export_published(struct exporter *exporter, const struct export_published *published)
{
    size_t under_way = exporter->queue.under_way;
    struct log_context log = export_log(exporter);
    struct export_outcome outcome = {.over = (size_t)published->taken, .refused = (size_t)published->refused};

    if (!exporter->posting || exporter->serial != published->serial)
        return false;
    if (published->refused > 0)
        log_warn(&log, "export refused reason=\"too long for the bus\" messages=%" PRIu64, published->refused);
    if (outcome.over < under_way)
        outcome.failure = published->is_down ? "no connection to the bus" : "the bus has no room";
    export_settle(exporter, &outcome);
    return true;
}
