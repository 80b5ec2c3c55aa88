// core/report/report.h: reports on the program: metrics, liveness, readiness. They are gathered on request from
// counters, without involving the threads that write these. Thread: any, unless stated otherwise; in practice the
// workers'.
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/metrics.h"
#include "plugin/registry.h"
#include "report/exposition.h"
#include "session/directory.h"

#include <stdatomic.h>

#define REPORTER_LISTENERS 64 // further listeners have no name

/** The sources of reports; all are lent and outlive the reporter. */
struct reporter {
    struct metrics *metrics;
    struct directory *directory;
    const struct registry *registry;
    struct pbx *pbx; // figures of the servers; empty unless a listener has `pbx_metrics`
    uint64_t created_ms;
    char listeners[REPORTER_LISTENERS][64];
    atomic_size_t listener_count; // only grows; a name is written before it is counted
};

/** Makes a reporter of these sources. */
struct reporter *reporter_create(struct metrics *metrics, struct directory *directory, const struct registry *registry);
/** Frees the reporter. It may be NULL. */
void reporter_destroy(struct reporter *reporter);
/** The figures of the servers, into which the hub passes events. Lent. */
struct pbx *reporter_pbx(const struct reporter *reporter);
/** Adds a listener, such as "127.0.0.1:1234"; a removed one keeps its name, for its sessions. Thread: the hub's.
 *  @return its number; from REPORTER_LISTENERS on, listeners have no name */
uint32_t reporter_add_listener(struct reporter *reporter, const char *address);
/** See astmanproxy/plugin.h: amp_session_report.
 *  @param reporter  struct reporter
 *  @param with_pbx  metrics include the figures of the servers */
enum amp_report report_write(void *reporter, const char *name, bool with_pbx,
                             void (*write)(void *context, const char *bytes, size_t length), void *context);

/** Write the metrics of the program (metrics.c), and the system's figures for the process (process.c). */
void report_metrics(const struct reporter *reporter, struct exposition *out);
void report_process(struct exposition *out);
/** Writes the counts of the audit log, if there is one (process.c). */
void report_audit(struct exposition *out);

#endif
