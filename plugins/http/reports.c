// plugins/http/reports.c: see reports.h.
#include "reports.h"

#include "response.h"

#include <string.h>

static const struct report_path {
    const char *path, *query; // query NULL: any
    const char *report;
} report_paths[] = {
    {"/metrics", NULL, "metrics"},     {"/healthz", "ready", "ready"},   {"/healthz", NULL, "alive"},
    {"/healthz/ready", NULL, "ready"}, {"/healthz/live", NULL, "alive"},
};

static void take_report(void *context, const char *bytes, size_t length)
{
    buffer_add(context, bytes, length);
}

static bool is_exactly(const char *bytes, size_t length, const char *text)
{
    return length == strlen(text) && memcmp(bytes, text, length) == 0;
}

/** Returns the name of the requested report; NULL: the request is not for a report. */
static const char *find_report(const struct request *request)
{
    for (size_t i = 0; i < sizeof report_paths / sizeof report_paths[0]; i++) {
        if (is_exactly(request->path, request->path_length, report_paths[i].path) &&
            (report_paths[i].query == NULL || is_exactly(request->query, request->query_length, report_paths[i].query)))
            return report_paths[i].report;
    }
    return NULL;
}

/** Does the client accept OpenMetrics? Otherwise it gets the older text format. */
static bool wants_open_metrics(const struct request *request)
{
    static const char type[] = "application/openmetrics-text";
    struct amp_bytes accept;
    if (!request_find(request, "Accept", &accept) || accept.length < sizeof type - 1)
        return false;
    return memmem(accept.bytes, accept.length, type, sizeof type - 1) != NULL;
}

bool reports_serve(struct connection *connection)
{
    const struct request *request = connection->request;
    const char *report = find_report(request);
    struct response response = {.status = 200, .type = "text/plain; charset=utf-8"};
    struct buffer body = {0};
    if (report == NULL)
        return false;
    if (strcmp(report, "metrics") == 0) {
        bool is_open = wants_open_metrics(request);
        report = is_open ? "openmetrics" : report;
        response.type = is_open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                : "text/plain; version=0.0.4; charset=utf-8";
    }
    enum amp_report said = amp_session_report(connection->session, report, take_report, &body);
    if (said == AMP_REPORT_NONE)
        return false;
    if (request->method != REQUEST_GET && request->method != REQUEST_HEAD) {
        response_error(connection, 405, "Reports are read by GET", "Allow: GET, HEAD\r\n");
    } else {
        response.status = said == AMP_REPORT_BAD ? 503 : 200;
        response.extra = response_extra(connection, response.status);
        response.length = body.length;
        response_send(connection, &response, buffer_bytes(&body));
    }
    buffer_wipe(&body);
    return true;
}
