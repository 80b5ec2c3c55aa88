// core/report/metrics_bus.h: the metrics of a cluster's bus. Thread: any.
#ifndef REPORT_METRICS_BUS_H
#define REPORT_METRICS_BUS_H

#include "base/metrics.h"
#include "report/exposition.h"

/** Writes them; nothing if there is no bus. */
void report_bus(const struct metrics_bus *bus, struct exposition *out);

#endif
