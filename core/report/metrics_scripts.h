// core/report/metrics_scripts.h: the metrics of scripts: filters, proxy actions, and what they count.  Thread: any.
#ifndef REPORT_METRICS_SCRIPTS_H
#define REPORT_METRICS_SCRIPTS_H

#include "base/metrics.h"
#include "report/exposition.h"

/** Writes the families of scripts. @param scripts  the first block, with the lock held; NULL: none */
void metrics_write_scripts(struct exposition *out, const struct metrics_script *scripts);

/** In how many workers, and for how many users, a filter stands still after too many errors.
 *  @param scripts  the first block  @param script  one of the list
 *  @return 0 also if it is not the first block of a filter */
uint64_t metrics_quarantined(const struct metrics_script *scripts, const struct metrics_script *script);

#endif
