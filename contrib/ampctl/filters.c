// contrib/ampctl/filters.c: `filters`: the filters, and the end of a filter's quarantine.
#include "access.h"
#include "commands.h"
#include "report.h"
#include "steer.h"

#include <string.h>

enum ctl_exit command_filters(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    struct access access;
    struct connection *connection = NULL;
    struct table *scripts = NULL;
    enum ctl_exit code;

    if (options->argument_count == 2 && strcmp(options->arguments[0], "release") == 0)
        return steer_proxy(base, options, "ReleaseFilter", "Filter", err);
    if (options->argument_count > 0) {
        error_set(err, "filters: expected nothing, or release and a filter's name; found \"%s\"",
                  options->arguments[0]);
        return CTL_USAGE;
    }
    code = access_connect(&access, options, base, &connection, err);
    if (code == CTL_OK)
        code = report_get(connection, REPORT_SCRIPTS, "filter", 0, options->timeout_ms, &scripts, err);
    if (code == CTL_OK)
        report_print(scripts, options->json);
    table_destroy(scripts);
    connection_close(connection);
    access_fini(&access);
    return code;
}
