// core/report/report.h: what the program says of itself: its metrics, whether it lives, whether it is ready. Gathered
// when it is asked for, from blocks that their writers fill without knowing of it. Thread: any, but where it is said;
// the workers' in practice.
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/metrics.h"
#include "plugin/registry.h"
#include "report/exposition.h"
#include "session/directory.h"

#include <stdatomic.h>

#define REPORTER_LISTENERS 64 // those after that have no name

/** Where reports come from; all of it is lent and outlives the reporter. */
struct reporter {
    struct metrics *metrics;
    struct directory *directory;
    const struct registry *registry;
    uint64_t created_ms;
    char listeners[REPORTER_LISTENERS][64];
    atomic_size_t listener_count; // grows only: a name stands before it counts
};

struct reporter *reporter_create(struct metrics *metrics, struct directory *directory, const struct registry *registry);
void reporter_destroy(struct reporter *reporter);
/** A listener, as "127.0.0.1:1234"; one that has gone keeps its name, for its sessions. Thread: the hub's.
 *  @return its number; from REPORTER_LISTENERS on it has no name */
uint32_t reporter_add_listener(struct reporter *reporter, const char *address);
/** See astmanproxy/plugin.h: amp_session_report. @param reporter  struct reporter */
enum amp_report report_write(void *reporter, const char *name,
                             void (*write)(void *context, const char *bytes, size_t length), void *context);

/** The parts of the metrics: metrics.c, process.c. */
void report_metrics(const struct reporter *reporter, struct exposition *out);
void report_process(struct exposition *out);

#endif
