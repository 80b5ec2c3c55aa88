// contrib/ampctl/top.c: `top`: servers, the sessions with most traffic and the scripts that take most time, again and
// again. Rates are differences between two reports; in the first one they are means since the proxy started.
#include "access.h"
#include "base/clock.h"
#include "base/memory.h"
#include "commands.h"
#include "json.h"
#include "report.h"
#include "request.h"
#include "show.h"
#include "text.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SESSIONS_SHOWN 15 // where the height of the screen is not known
#define SESSIONS_LEAST 5
#define OTHER_LINES 8      // the first line, three headings, three empty lines, the cursor's
#define SESSIONS_ASKED 400 // those that have been sent most; of them those that are being sent most are shown
#define SESSIONS_SLOW 20   // those with the largest backlog, which may not be sent much
#define SCRIPTS_SHOWN 10

/** What the proxy reported at one time. */
struct sample {
    struct message *stats;
    struct table *servers, *sessions, *scripts;
    uint64_t at_ms;
};

struct top {
    const struct ctl_options *options;
    struct event_base *base;
    struct sample now, before; // `before`: empty at first
    double seconds;            // between the two
    bool stop;
};

static void sample_fini(struct sample *sample)
{
    message_unref(sample->stats);
    table_destroy(sample->servers);
    table_destroy(sample->sessions);
    table_destroy(sample->scripts);
    *sample = (struct sample){0};
}

static enum ctl_exit sample_take(struct sample *sample, struct connection *connection, uint64_t timeout_ms,
                                 struct error *err)
{
    enum ctl_exit code = request_proxy(connection, "Stats", NULL, NULL, timeout_ms, &sample->stats, err);

    if (code == CTL_OK)
        code = report_get(connection, REPORT_SERVERS, "", 0, timeout_ms, &sample->servers, err);
    if (code == CTL_OK)
        code = report_get(connection, REPORT_SESSIONS, "traffic", SESSIONS_ASKED, timeout_ms, &sample->sessions, err);
    if (code == CTL_OK)
        code = report_add_sessions(connection, "backlog", SESSIONS_SLOW, timeout_ms, sample->sessions, err);
    if (code == CTL_OK)
        code = report_get(connection, REPORT_SCRIPTS, "", 0, timeout_ms, &sample->scripts, err);
    sample->at_ms = clock_ms();
    return code;
}

static uint64_t stat_of(const struct sample *sample, const char *name)
{
    uint64_t number = 0;
    struct span value;

    if (sample->stats != NULL && message_find(sample->stats, name, &value))
        (void)span_number(value, 0, UINT64_MAX, &number);
    return number;
}

// --- rates ------------------------------------------------------------------------------------------------------

/** Returns by how much a cell has grown since the row of the same name (and kind) in the earlier table. A new row has
 *  grown from 0; one that has shrunk began anew. */
static uint64_t top_growth(const struct table *now, size_t row, const struct table *before, size_t column)
{
    uint64_t value = report_number(now, row, column), earlier = 0;

    for (size_t i = 0; before != NULL && i < table_rows(before); i++) {
        if (strcmp(table_cell(now, row, 0), table_cell(before, i, 0)) == 0 &&
            strcmp(table_cell(now, row, 1), table_cell(before, i, 1)) == 0)
            earlier = report_number(before, i, column);
    }
    return value > earlier ? value - earlier : 0;
}

/** A row of a table, and what it is sorted by. */
struct ranked {
    size_t row;
    uint64_t rank;
    bool is_first; // before all others
};

static int by_rank(const void *left, const void *right)
{
    const struct ranked *one = left, *other = right;

    if (one->is_first != other->is_first)
        return one->is_first ? -1 : 1;
    if (one->rank != other->rank)
        return one->rank < other->rank ? 1 : -1;
    return one->row < other->row ? -1 : one->row > other->row;
}

/** Puts sessions that are slow in front of all others: they are what somebody looks for. */
static void rank_slow(struct ranked *ranked, const struct table *sessions)
{
    for (size_t i = 0; i < table_rows(sessions); i++)
        ranked[i].is_first = strcmp(table_cell(sessions, ranked[i].row, REPORT_SESSION_SLOW), "yes") == 0;
    qsort(ranked, table_rows(sessions), sizeof *ranked, by_rank);
}

/** Sorts the rows by the growth of a column. @return one for each row; the caller frees it */
static struct ranked *top_rank(const struct table *now, const struct table *before, size_t column)
{
    size_t count = table_rows(now);
    struct ranked *ranked = memory_zero(count + 1, sizeof *ranked);

    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){i, top_growth(now, i, before, column), false};
    qsort(ranked, count, sizeof *ranked, by_rank);
    return ranked;
}

static void set_rate(struct table *table, size_t row, size_t column, double rate)
{
    char text[32];

    snprintf(text, sizeof text, "%.1f", rate);
    table_set(table, row, column, span_of(text));
}

static void copy_cells(struct table *to, size_t to_row, const struct table *from, size_t from_row, const int *columns,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (columns[i] >= 0)
            table_set(to, to_row, i, span_of(table_cell(from, from_row, (size_t)columns[i])));
    }
}

static const struct table_look server_looks[11] = {
    [4] = {.optional = true},              // LATENCY MS
    [5] = {.optional = true, .narrow = 2}, // RTT US
    [8] = {.narrow = 1},                   // LANES
    [9] = {.optional = true, .narrow = 3}, // NEXT TRY MS
    [10] = {.optional = true},             // REASON
};
static const struct table_look session_looks[9] = {
    [3] = {.narrow = 1},               // OUTPUT
    [5] = {.show = report_show_bytes}, // BACKLOG
    [7] = {.narrow = 2},               // IN FLIGHT
    [8] = {.narrow = 3},               // LAST ACTION
};
static const struct table_look script_looks[7] = {[6] = {.narrow = 1}}; // QUARANTINED

// --- the three tables -------------------------------------------------------------------------------------------

static struct table *top_servers(const struct top *top)
{
    static const struct table_column columns[] = {{"SERVER", "name", TABLE_TEXT},
                                                  {"STATUS", "status", TABLE_STATE},
                                                  {"EVENTS/S", "events_per_second", TABLE_NUMBER},
                                                  {"ACTIONS/S", "actions_per_second", TABLE_NUMBER},
                                                  {"LATENCY MS", "latency_ms", TABLE_NUMBER},
                                                  {"RTT US", "round_trip_us", TABLE_NUMBER},
                                                  {"IN FLIGHT", "in_flight", TABLE_NUMBER},
                                                  {"WAITING", "waiting", TABLE_NUMBER},
                                                  {"LANES", "lanes", TABLE_NUMBER},
                                                  {"NEXT TRY MS", "next_try_ms", TABLE_NUMBER},
                                                  {"REASON", "reason", TABLE_TEXT}};
    static const int from[] = {0, 1, -1, -1, -1, 9, 10, 11, 12, 13, 14};
    const struct table *now = top->now.servers, *before = top->before.servers;
    struct table *table = table_create(columns, sizeof columns / sizeof columns[0]);

    table_set_looks(table, server_looks);
    for (size_t i = 0; i < table_rows(now); i++) {
        size_t row = table_add_row(table);
        uint64_t answered = top_growth(now, i, before, REPORT_SERVER_ANSWERED);
        copy_cells(table, row, now, i, from, sizeof from / sizeof from[0]);
        set_rate(table, row, 2, (double)top_growth(now, i, before, REPORT_SERVER_EVENTS) / top->seconds);
        set_rate(table, row, 3, (double)answered / top->seconds);
        if (answered > 0)
            set_rate(table, row, 4, (double)top_growth(now, i, before, REPORT_SERVER_TIME) / 1000 / (double)answered);
    }
    return table;
}

/** @param most  rows at most */
static struct table *top_sessions(const struct top *top, size_t most)
{
    static const struct table_column columns[] = {{"SESSION", "session", TABLE_NUMBER},
                                                  {"USER", "user", TABLE_TEXT},
                                                  {"ADDRESS", "address", TABLE_TEXT},
                                                  {"OUTPUT", "output", TABLE_TEXT},
                                                  {"BYTES/S", "bytes_per_second", TABLE_NUMBER},
                                                  {"BACKLOG", "backlog", TABLE_NUMBER},
                                                  {"SLOW", "slow", TABLE_TEXT},
                                                  {"IN FLIGHT", "in_flight", TABLE_NUMBER},
                                                  {"LAST ACTION", "last_action", TABLE_TEXT}};
    static const int from[] = {0, 1, 2, 4, -1, 9, 10, 11, 12};
    const struct table *now = top->now.sessions;
    struct table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    struct ranked *ranked = top_rank(now, top->before.sessions, REPORT_SESSION_SENT);

    table_set_looks(table, session_looks);
    rank_slow(ranked, now);
    for (size_t i = 0; i < table_rows(now) && i < most; i++) {
        size_t row = table_add_row(table);
        copy_cells(table, row, now, ranked[i].row, from, sizeof from / sizeof from[0]);
        report_set_number(table, row, 4, (uint64_t)((double)ranked[i].rank / top->seconds));
    }
    free(ranked);
    return table;
}

/** Is it a proxy action by which `top` itself asks? Its own load would stand above all others. */
static bool is_own_action(const char *name)
{
    static const char *const own[] = {"Stats", "ServerStatus", "SessionStatus", "ScriptStatus"};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(own[i], name) == 0)
            return true;
    }
    return false;
}

static struct table *top_scripts(const struct top *top)
{
    static const struct table_column columns[] = {{"SCRIPT", "name", TABLE_TEXT},
                                                  {"KIND", "kind", TABLE_TEXT},
                                                  {"STATE", "state", TABLE_STATE},
                                                  {"CPU MS/S", "cpu_ms_per_second", TABLE_NUMBER},
                                                  {"ENTERED/S", "entered_per_second", TABLE_NUMBER},
                                                  {"ERRORS", "errors", TABLE_NUMBER},
                                                  {"QUARANTINED", "quarantined", TABLE_NUMBER}};
    static const int from[] = {0, 1, 2, -1, -1, 9, 12};
    const struct table *now = top->now.scripts, *before = top->before.scripts;
    struct table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    struct ranked *ranked = top_rank(now, before, REPORT_SCRIPT_TIME);

    table_set_looks(table, script_looks);
    for (size_t i = 0; i < table_rows(now) && i < SCRIPTS_SHOWN; i++) {
        bool is_filter = strcmp(table_cell(now, ranked[i].row, REPORT_SCRIPT_KIND), "filter") == 0;
        if (!is_filter && (ranked[i].rank == 0 || is_own_action(table_cell(now, ranked[i].row, 0))))
            continue; // proxy actions that nobody uses
        size_t row = table_add_row(table);
        copy_cells(table, row, now, ranked[i].row, from, sizeof from / sizeof from[0]);
        set_rate(table, row, 3, (double)ranked[i].rank / 1000 / top->seconds);
        set_rate(table, row, 4, (double)top_growth(now, ranked[i].row, before, 5) / top->seconds);
    }
    free(ranked);
    return table;
}

// --- one picture ------------------------------------------------------------------------------------------------

static void print_json(const struct top *top, const struct table *servers, const struct table *sessions,
                       const struct table *scripts, double rate)
{
    json_t *object = json_object();

    json_object_set_new(object, "uptime", json_integer((json_int_t)stat_of(&top->now, "Uptime")));
    json_object_set_new(object, "seconds", json_real(top->seconds));
    json_object_set_new(object, "sessions_all", json_integer((json_int_t)stat_of(&top->now, "Sessions")));
    json_object_set_new(object, "sessions_logged_in", json_integer((json_int_t)stat_of(&top->now, "SessionsLoggedIn")));
    json_object_set_new(object, "events_per_second", json_real(rate));
    json_object_set_new(object, "servers", table_to_json(servers));
    json_object_set_new(object, "sessions", table_to_json(sessions));
    json_object_set_new(object, "scripts", table_to_json(scripts));
    json_print(object);
}

static void print_text(const struct top *top, struct table *servers, struct table *sessions, struct table *scripts,
                       double rate)
{
    char uptime[64];

    if (isatty(STDOUT_FILENO) == 1)
        fputs("\x1b[H\x1b[2J", stdout); // the upper left corner; clears the screen
    printf("up %s   sessions %" PRIu64 ", logged in %" PRIu64 "   events sent %.1f/s\n%s\n",
           text_duration(uptime, sizeof uptime, stat_of(&top->now, "Uptime")), stat_of(&top->now, "Sessions"),
           stat_of(&top->now, "SessionsLoggedIn"), rate, top->before.stats == NULL ? "(means since the start)" : "");
    table_print(servers, false, true);
    putchar('\n');
    table_print(sessions, false, true);
    putchar('\n');
    table_print(scripts, false, true);
}

/** Returns how many sessions there is room for below the servers and above the scripts: the picture is one screen. */
static size_t sessions_room(const struct table *servers, const struct table *scripts)
{
    size_t others = table_rows(servers) + table_rows(scripts) + OTHER_LINES;
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
        return SESSIONS_SHOWN; // no terminal
    return size.ws_row > others + SESSIONS_LEAST ? size.ws_row - others : SESSIONS_LEAST;
}

static void top_print(const struct top *top)
{
    struct table *servers = top_servers(top), *scripts = top_scripts(top);
    struct table *sessions = top_sessions(top, sessions_room(servers, scripts));
    double rate = (double)(stat_of(&top->now, "Events") - stat_of(&top->before, "Events")) / top->seconds;

    if (top->options->json)
        print_json(top, servers, sessions, scripts, rate);
    else
        print_text(top, servers, sessions, scripts, rate);
    table_destroy(servers);
    table_destroy(sessions);
    table_destroy(scripts);
}

// --- again and again --------------------------------------------------------------------------------------------

static void on_end(evutil_socket_t number, short what, void *context)
{
    struct top *top = context;
    (void)number, (void)what;

    top->stop = true;
    event_base_loopbreak(top->base);
}

static void wait_ms(const struct top *top, uint64_t ms)
{
    struct timeval delay = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

    event_base_loopexit(top->base, &delay);
    event_base_dispatch(top->base);
}

static enum ctl_exit top_follow(struct top *top, struct connection *connection, struct error *err)
{
    for (;;) {
        enum ctl_exit code = sample_take(&top->now, connection, top->options->timeout_ms, err);
        if (code != CTL_OK)
            return code;
        top->seconds = top->before.stats != NULL ? (double)(top->now.at_ms - top->before.at_ms) / 1000
                                                 : (double)stat_of(&top->now, "Uptime");
        top->seconds = top->seconds < 0.001 ? 1 : top->seconds;
        top_print(top);
        sample_fini(&top->before);
        top->before = top->now;
        top->now = (struct sample){0};
        if (top->options->interval_ms == 0 || show_flush() != SHOW_WRITTEN)
            return CTL_OK; // main() reports what cannot be written
        wait_ms(top, top->options->interval_ms);
        if (top->stop)
            return CTL_OK;
    }
}

enum ctl_exit command_top(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    struct top top = {.options = options, .base = base};
    struct event *interrupt = evsignal_new(base, SIGINT, on_end, &top),
                 *term = evsignal_new(base, SIGTERM, on_end, &top);
    struct access access;
    struct connection *connection = NULL;
    enum ctl_exit code = access_connect(&access, options, base, &connection, err);

    event_add(interrupt, NULL);
    event_add(term, NULL);
    if (code == CTL_OK)
        code = top_follow(&top, connection, err);
    if (top.stop && code == CTL_LOST) { // interrupted while it waited for an answer
        err->text[0] = '\0';
        code = CTL_OK;
    }
    sample_fini(&top.now);
    sample_fini(&top.before);
    event_free(interrupt);
    event_free(term);
    connection_close(connection);
    access_fini(&access);
    return code;
}
