// core/report/metrics_exports.h: the metrics of exports (`exports:`).  Thread: any.
#ifndef REPORT_METRICS_EXPORTS_H
#define REPORT_METRICS_EXPORTS_H

#include "base/metrics.h"
#include "report/exposition.h"

/** Writes the families of exports. @param exports  the first block, with the lock held; NULL: none */
void metrics_write_exports(struct exposition *out, const struct metrics_export *exports);

#endif
