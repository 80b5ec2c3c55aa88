// plugins/http/reports.h: GET /metrics, /healthz and /healthz/ready, for listeners that say `reports: true`.
#ifndef HTTP_REPORTS_H
#define HTTP_REPORTS_H

#include "connection.h"

/** Answers a request for a report. @return false: not answered, as it is not for a report, or not allowed on this
 *  listener */
bool reports_serve(struct connection *connection);

#endif
