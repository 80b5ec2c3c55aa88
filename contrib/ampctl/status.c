// contrib/ampctl/status.c: `status`, `servers`, `sessions`, `filters`.
#include "access.h"
#include "base/clock.h"
#include "commands.h"
#include "json.h"
#include "lists.h"
#include "report.h"
#include "request.h"
#include "steer.h"
#include "text.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMATS 32

/** Gets a report. Of servers and sessions, an older proxy, or one that does not give it to this user, is asked for the
 *  list that the report takes the place of. */
static enum ctl_exit status_report(struct connection *connection, enum report_kind kind, const char *sort,
                                   uint64_t timeout_ms, struct table **table, struct error *err)
{
    enum ctl_exit code = report_get(connection, kind, sort, 0, timeout_ms, table, err);

    if (code != CTL_REFUSED || kind == REPORT_SCRIPTS)
        return code;
    err->text[0] = '\0';
    return lists_get(connection, timeout_ms, kind == REPORT_SERVERS ? table : NULL,
                     kind == REPORT_SESSIONS ? table : NULL, err);
}

/** Shows a report. @param sort  see report_get() */
static enum ctl_exit status_show(struct event_base *base, const struct ctl_options *options, enum report_kind kind,
                                 const char *sort, struct error *err)
{
    struct access access;
    struct connection *connection = NULL;
    struct table *table = NULL;
    enum ctl_exit code = access_connect(&access, options, base, &connection, err);

    if (code == CTL_OK)
        code = status_report(connection, kind, sort, options->timeout_ms, &table, err);
    if (code == CTL_OK)
        report_print(table, options->json);
    table_destroy(table);
    connection_close(connection);
    access_fini(&access);
    return code;
}

enum ctl_exit command_servers(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    return status_show(base, options, REPORT_SERVERS, "", err);
}

enum ctl_exit command_sessions(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    return status_show(base, options, REPORT_SESSIONS, "newest", err);
}

enum ctl_exit command_filters(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    if (options->argument_count == 2 && strcmp(options->arguments[0], "release") == 0)
        return steer_proxy(base, options, "ReleaseFilter", "Filter", err);
    if (options->argument_count > 0) {
        error_set(err, "filters: expected nothing, or release and a filter's name; found \"%s\"",
                  options->arguments[0]);
        return CTL_USAGE;
    }
    return status_show(base, options, REPORT_SCRIPTS, "filter", err);
}

// --- status -----------------------------------------------------------------------------------------------------

/** Sessions of one output format. */
struct format_count {
    const char *name; // lent by the table of sessions
    uint64_t count;
};

/** What the proxy has reported. */
struct status {
    struct message *stats;
    struct table *servers, *sessions;
    bool has_rate;
    double rate;                          // events a second
    struct format_count formats[FORMATS]; // ends with an empty one
};

static uint64_t number_of(const struct message *stats, const char *name)
{
    uint64_t number = 0;
    struct span value;

    if (message_find(stats, name, &value))
        (void)span_number(value, 0, UINT64_MAX, &number);
    return number;
}

/** Gets the events per second: counts them for a while, or divides the total by the uptime. */
static enum ctl_exit status_measure(struct status *status, struct connection *connection, struct event_base *base,
                                    const struct ctl_options *options, struct error *err)
{
    struct timeval wait = {(time_t)(options->interval_ms / 1000), 0};
    uint64_t before_ms = clock_ms(), uptime = number_of(status->stats, "Uptime");
    struct message *later;
    enum ctl_exit code;
    struct span value;

    if (!message_find(status->stats, "Events", &value))
        return CTL_OK; // an older proxy does not report it
    status->has_rate = true;
    if (options->interval_ms == 0) {
        status->rate = uptime == 0 ? 0 : (double)number_of(status->stats, "Events") / (double)uptime;
        return CTL_OK;
    }
    event_base_loopexit(base, &wait);
    event_base_dispatch(base);
    code = request_proxy(connection, "Stats", NULL, NULL, options->timeout_ms, &later, err);
    if (code != CTL_OK)
        return code;
    status->rate = (double)(number_of(later, "Events") - number_of(status->stats, "Events")) * 1000 /
                   (double)(clock_ms() - before_ms);
    message_unref(status->stats);
    status->stats = later;
    return CTL_OK;
}

static void count_formats(struct status *status)
{
    for (size_t row = 0; row < table_rows(status->sessions); row++) {
        const char *name = table_cell(status->sessions, row, SESSION_OUTPUT);
        size_t i = 0;
        while (i < FORMATS - 1 && status->formats[i].count > 0 && strcmp(status->formats[i].name, name) != 0)
            i++;
        if (status->formats[i].count == 0)
            status->formats[i].name = name;
        if (i < FORMATS - 1)
            status->formats[i].count++;
    }
}

static uint64_t count_up(const struct table *servers)
{
    uint64_t up = 0;

    for (size_t row = 0; row < table_rows(servers); row++)
        up += strcmp(table_cell(servers, row, SERVER_STATUS), "up") == 0;
    return up;
}

static void print_json(const struct status *status)
{
    json_t *object = json_object(), *formats = json_object();
    struct span version;
    uint64_t up = count_up(status->servers);

    message_find(status->stats, "Version", &version);
    json_object_set_new(object, "version", json_of_text(version));
    json_object_set_new(object, "uptime", json_integer((json_int_t)number_of(status->stats, "Uptime")));
    json_object_set_new(object, "servers_up", json_integer((json_int_t)up));
    json_object_set_new(object, "servers_down", json_integer((json_int_t)(table_rows(status->servers) - up)));
    json_object_set_new(object, "sessions", json_integer((json_int_t)number_of(status->stats, "Sessions")));
    json_object_set_new(object, "sessions_logged_in",
                        json_integer((json_int_t)number_of(status->stats, "SessionsLoggedIn")));
    for (size_t i = 0; status->formats[i].count > 0; i++)
        json_object_set_new(formats, status->formats[i].name, json_integer((json_int_t)status->formats[i].count));
    json_object_set_new(object, "sessions_by_format", formats);
    json_object_set_new(object, "events", json_integer((json_int_t)number_of(status->stats, "Events")));
    json_object_set_new(object, "log_lines_lost", json_integer((json_int_t)number_of(status->stats, "LogLinesLost")));
    json_object_set_new(object, "events_per_second", status->has_rate ? json_real(status->rate) : json_null());
    json_print(object);
}

static void status_add(struct table *table, const char *name, const char *value)
{
    size_t row = table_add_row(table);

    table_set(table, row, 0, span_of(name));
    table_set(table, row, 1, span_of(value));
}

static void add_servers(struct table *table, const struct table *servers)
{
    char *text = NULL;
    size_t size, down = 0;
    FILE *out = open_memstream(&text, &size);

    fprintf(out, "%llu up", (unsigned long long)count_up(servers));
    for (size_t row = 0; row < table_rows(servers); row++) {
        if (strcmp(table_cell(servers, row, SERVER_STATUS), "up") != 0)
            fprintf(out, "%s%s", down++ == 0 ? ", down: " : " ", table_cell(servers, row, SERVER_NAME));
    }
    fclose(out);
    status_add(table, "servers", text);
    free(text);
}

static void add_sessions(struct table *table, const struct status *status)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    fprintf(out, "%llu, logged in: %llu", (unsigned long long)number_of(status->stats, "Sessions"),
            (unsigned long long)number_of(status->stats, "SessionsLoggedIn"));
    fclose(out);
    status_add(table, "sessions", text);
    free(text);
    out = open_memstream(&text, &size);
    for (size_t i = 0; status->formats[i].count > 0; i++)
        fprintf(out, "%s%s %llu", i == 0 ? "" : ", ", status->formats[i].name,
                (unsigned long long)status->formats[i].count);
    fclose(out);
    status_add(table, "formats", text);
    free(text);
}

static void print_text(const struct status *status)
{
    static const struct table_column columns[] = {{"", "name", TABLE_TEXT}, {"", "value", TABLE_TEXT}};
    struct table *table = table_create(columns, 2);
    char text[64];
    struct span version;

    message_find(status->stats, "Version", &version);
    snprintf(text, sizeof text, "%.*s", (int)version.length, version.length > 0 ? version.bytes : "");
    status_add(table, "version", version.length > 0 ? text : "?");
    status_add(table, "uptime", text_duration(text, sizeof text, number_of(status->stats, "Uptime")));
    add_servers(table, status->servers);
    add_sessions(table, status);
    snprintf(text, sizeof text, "%llu", (unsigned long long)number_of(status->stats, "Events"));
    status_add(table, "events", text);
    snprintf(text, sizeof text, "%.1f", status->rate);
    status_add(table, "events/s", status->has_rate ? text : "?");
    if (number_of(status->stats, "LogLinesLost") > 0) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)number_of(status->stats, "LogLinesLost"));
        status_add(table, "log lines lost", text);
    }
    table_print(table, false, false);
    table_destroy(table);
}

enum ctl_exit command_status(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    struct access access;
    struct status status = {0};
    struct connection *connection = NULL;
    enum ctl_exit code = access_connect(&access, options, base, &connection, err);

    if (code == CTL_OK)
        code = request_proxy(connection, "Stats", NULL, NULL, options->timeout_ms, &status.stats, err);
    if (code == CTL_OK)
        code = status_measure(&status, connection, base, options, err);
    if (code == CTL_OK)
        code = lists_get(connection, options->timeout_ms, &status.servers, &status.sessions, err);
    if (code == CTL_OK) {
        count_formats(&status);
        if (options->json)
            print_json(&status);
        else
            print_text(&status);
    }
    message_unref(status.stats);
    table_destroy(status.servers);
    table_destroy(status.sessions);
    connection_close(connection);
    access_fini(&access);
    return code;
}
