// core/report/metrics_pbx.h: the metrics of what goes on in the servers (`pbx_metrics`).  Thread: any.
#ifndef REPORT_METRICS_PBX_H
#define REPORT_METRICS_PBX_H

#include "report/exposition.h"

struct pbx;

/** Writes the families of channels, calls, queues and members. */
void metrics_write_pbx(struct exposition *out, struct pbx *pbx);

#endif
