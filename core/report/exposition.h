// core/report/exposition.h: writes metrics for Prometheus: its text format 0.0.4, or OpenMetrics 1.0.0
// (prometheus.io/docs/instrumenting/exposition_formats, openmetrics.io). Thread: the writer's own.
#ifndef REPORT_EXPOSITION_H
#define REPORT_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exposition_type { EXPOSITION_COUNTER, EXPOSITION_GAUGE, EXPOSITION_HISTOGRAM };

/** A growing text. Empty: all zero except `open_metrics`. */
struct exposition {
    char *bytes; // with NUL behind them; NULL: nothing was written yet
    size_t length, capacity;
    bool open_metrics;
    const char *name; // of the family that is being written
    enum exposition_type type;
};

/** A label; a list of labels ends with one without key. */
struct exposition_label {
    const char *key, *value; // the value is escaped; bytes that are not UTF-8 become U+FFFD
};

/** Frees the text. It is empty afterwards. */
void exposition_fini(struct exposition *out);
/** Begins a family; all its samples follow. @param name  without `_total`, which is added for counters  @param help one
 *  sentence, without line ends */
void exposition_begin(struct exposition *out, const char *name, enum exposition_type type, const char *help);
/** Writes one sample. @param suffix  of a histogram's ("_bucket" …), else ""  @param labels  NULL: none */
void exposition_count(struct exposition *out, const char *suffix, const struct exposition_label *labels,
                      uint64_t value);
/** Writes one sample whose value need not be an integer, with six decimals. */
void exposition_value(struct exposition *out, const char *suffix, const struct exposition_label *labels, double value);
/** Ends the text after the last family. */
void exposition_end(struct exposition *out);

#endif
