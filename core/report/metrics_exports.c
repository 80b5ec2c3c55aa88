// core/report/metrics_exports.c: see metrics_exports.h.
#include "report/metrics_exports.h"

#include "base/clock.h"

#define PREFIX "astmanproxy_export_"

/** One family. */
struct exports_row {
    const char *name;
    enum exposition_type type;
    const char *help;
    size_t offset;
};

#define E(field) offsetof(struct metrics_export, field)

static const struct exports_row exports_rows[] = {
    {PREFIX "messages_posted", EXPOSITION_COUNTER, "Messages of exports that were delivered.", E(posted)},
    {PREFIX "messages_refused", EXPOSITION_COUNTER, "Messages of exports that the receiver refused for good.",
     E(refused)},
    {PREFIX "messages_lost", EXPOSITION_COUNTER,
     "Messages of exports that were dropped: the queue was full, they were too old, or the export ended.", E(lost)},
    {PREFIX "posts_failed", EXPOSITION_COUNTER, "Posts of exports that failed and are repeated.", E(failed)},
    {PREFIX "messages_queued", EXPOSITION_GAUGE, "Messages of exports that wait to be delivered.", E(queued)},
    {PREFIX "queued_bytes", EXPOSITION_GAUGE, "Memory of the messages that wait.", E(queued_bytes)},
};

static uint64_t exports_value(const struct metrics_export *exporter, size_t offset)
{
    return metric_get((const struct metric *)(const void *)((const char *)exporter + offset));
}

/** Returns for how long the export's oldest message has waited, in seconds. */
static double exports_age(const struct metrics_export *exporter)
{
    uint64_t oldest = metric_get(&exporter->oldest_ms), now = clock_ms();

    return oldest == 0 || oldest > now ? 0 : (double)(now - oldest) / 1000;
}

void metrics_write_exports(struct exposition *out, const struct metrics_export *exports)
{
    for (size_t i = 0; i < sizeof exports_rows / sizeof exports_rows[0]; i++) {
        const struct exports_row *row = &exports_rows[i];
        exposition_begin(out, row->name, row->type, row->help);
        for (const struct metrics_export *exporter = exports; exporter != NULL; exporter = exporter->next)
            exposition_count(out, "", (const struct exposition_label[]){{"export", exporter->name}, {NULL, NULL}},
                             exports_value(exporter, row->offset));
    }
    exposition_begin(out, PREFIX "oldest_seconds", EXPOSITION_GAUGE,
                     "For how long the oldest message that waits has waited.");
    for (const struct metrics_export *exporter = exports; exporter != NULL; exporter = exporter->next)
        exposition_value(out, "", (const struct exposition_label[]){{"export", exporter->name}, {NULL, NULL}},
                         exports_age(exporter));
}
