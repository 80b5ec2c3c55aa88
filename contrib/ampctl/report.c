// contrib/ampctl/report.c: see report.h.
#include "report.h"

#include "base/clock.h"
#include "request.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// --- how people see cells ---------------------------------------------------------------------------------------

static uint64_t number_of(const char *cell)
{
    uint64_t number = 0;

    (void)span_number(span_of(cell), 0, UINT64_MAX, &number);
    return number;
}

/** From seconds since 1970 to how long ago. */
static const char *show_since(char *buffer, size_t size, const char *cell)
{
    int64_t now;
    int32_t microseconds;
    uint64_t since = number_of(cell);

    clock_wall(&now, &microseconds);
    return text_duration(buffer, size, (uint64_t)now > since ? (uint64_t)now - since : 0);
}

static const char *show_seconds(char *buffer, size_t size, const char *cell)
{
    return text_duration(buffer, size, number_of(cell));
}

/** From microseconds to milliseconds. */
static const char *show_milliseconds(char *buffer, size_t size, const char *cell)
{
    snprintf(buffer, size, "%.1f ms", (double)number_of(cell) / 1000);
    return buffer;
}

/** From milliseconds to seconds. */
static const char *show_wait(char *buffer, size_t size, const char *cell)
{
    snprintf(buffer, size, "in %.1f s", (double)number_of(cell) / 1000);
    return buffer;
}

const char *report_show_bytes(char *buffer, size_t size, const char *cell)
{
    return text_bytes(buffer, size, number_of(cell));
}

/** Bytes a second. */
static const char *show_rate(char *buffer, size_t size, const char *cell)
{
    char text[32];

    snprintf(buffer, size, "%s/s", text_bytes(text, sizeof text, number_of(cell)));
    return buffer;
}

// --- the reports ------------------------------------------------------------------------------------------------

// clang-format off
static const struct table_column server_columns[] = {
    {"NAME", "name", TABLE_TEXT}, {"STATUS", "status", TABLE_STATE}, {"ADDRESS", "address", TABLE_TEXT},
    {"HOST", "host", TABLE_TEXT}, {"PORT", "port", TABLE_NUMBER}, {"USER", "user", TABLE_TEXT},
    {"EVENTS", "events", TABLE_TEXT}, {"NODE", "node", TABLE_TEXT}, {"FOR", "since", TABLE_NUMBER},
    {"RTT", "round_trip_us", TABLE_NUMBER}, {"IN FLIGHT", "in_flight", TABLE_NUMBER},
    {"WAITING", "waiting", TABLE_NUMBER}, {"LANES", "lanes", TABLE_NUMBER},
    {"NEXT TRY", "next_try_ms", TABLE_NUMBER}, {"REASON", "reason", TABLE_TEXT},
    {"SEEN", "events_seen", TABLE_NUMBER}, {"ANSWERED", "actions_answered", TABLE_NUMBER},
    {"TIME", "answer_time_us", TABLE_NUMBER},
};
static const char *const server_headers[] = {
    "Server", "State", "Address", "Host", "Port", "User", "Events", "Node", "Since", "RoundTrip", "InFlight",
    "Waiting", "Lanes", "NextTry", "Reason", "EventsSeen", "ActionsAnswered", "AnswerTime",
};
static const struct table_look server_looks[18] = {
    [2] = {.narrow = 1}, // ADDRESS
    [3] = {.narrow = 6}, // HOST
    [4] = {.narrow = 5}, // PORT
    [5] = {.narrow = 2}, // USER
    [6] = {.narrow = 3}, // EVENTS
    [7] = {.optional = true}, // NODE
    [8] = {.show = show_since, .optional = true}, // FOR
    [9] = {.show = show_milliseconds, .optional = true, .narrow = 7}, // RTT
    [10] = {.optional = true, .narrow = 9}, // IN FLIGHT
    [11] = {.optional = true, .narrow = 8}, // WAITING
    [12] = {.optional = true, .narrow = 4}, // LANES
    [13] = {.show = show_wait, .optional = true}, // NEXT TRY
    [14] = {.optional = true}, // REASON
    [15] = {.hidden = true}, // SEEN
    [16] = {.hidden = true}, // ANSWERED
    [17] = {.hidden = true}, // TIME
};

static const struct table_column session_columns[] = {
    {"SESSION", "session", TABLE_NUMBER}, {"USER", "user", TABLE_TEXT}, {"ADDRESS", "address", TABLE_TEXT},
    {"INPUT", "input", TABLE_TEXT}, {"OUTPUT", "output", TABLE_TEXT}, {"CONNECTION", "connection", TABLE_TEXT},
    {"AGE", "age", TABLE_NUMBER}, {"RATE", "bytes_per_second", TABLE_NUMBER}, {"SENT", "sent", TABLE_NUMBER},
    {"BACKLOG", "backlog", TABLE_NUMBER}, {"SLOW", "slow", TABLE_TEXT}, {"IN FLIGHT", "in_flight", TABLE_NUMBER},
    {"LAST ACTION", "last_action", TABLE_TEXT}, {"AGO", "last_action_age", TABLE_NUMBER},
};
static const char *const session_headers[] = {
    "Session", "User", "Address", "Input", "Output", "Connection", "Age", "", "Sent", "Backlog", "Slow", "InFlight",
    "LastAction", "LastActionAge",
};
static const struct table_look session_looks[14] = {
    [3] = {.narrow = 1}, // INPUT
    [4] = {.narrow = 3}, // OUTPUT
    [5] = {.optional = true, .narrow = 6}, // CONNECTION
    [6] = {.show = show_seconds, .optional = true, .narrow = 4}, // AGE
    [7] = {.show = show_rate, .optional = true, .narrow = 5}, // RATE
    [8] = {.show = report_show_bytes, .optional = true, .narrow = 2}, // SENT
    [9] = {.show = report_show_bytes, .optional = true}, // BACKLOG
    [10] = {.optional = true}, // SLOW
    [11] = {.optional = true}, // IN FLIGHT
    [12] = {.optional = true, .narrow = 8}, // LAST ACTION
    [13] = {.show = show_seconds, .optional = true, .narrow = 7}, // AGO
};

static const struct table_column script_columns[] = {
    {"NAME", "name", TABLE_TEXT}, {"KIND", "kind", TABLE_TEXT}, {"STATE", "state", TABLE_STATE},
    {"TIME", "time_us", TABLE_NUMBER}, {"SEEN", "seen", TABLE_NUMBER}, {"ENTERED", "entered", TABLE_NUMBER},
    {"PASSED", "passed", TABLE_NUMBER}, {"DROPPED", "dropped", TABLE_NUMBER}, {"CHANGED", "changed", TABLE_NUMBER},
    {"ERRORS", "errors", TABLE_NUMBER}, {"USES", "uses", TABLE_NUMBER}, {"OBSERVING", "observing", TABLE_NUMBER},
    {"QUARANTINED", "quarantined", TABLE_NUMBER},
};
static const char *const script_headers[] = {
    "Script", "Kind", "State", "Time", "Seen", "Entered", "Passed", "Dropped", "Changed", "Failed", "Uses",
    "Observing", "Quarantined",
};
static const struct table_look script_looks[13] = {
    [1] = {.narrow = 1}, // KIND
    [3] = {.show = show_milliseconds, .narrow = 6}, // TIME
    [4] = {.narrow = 5}, // SEEN
    [6] = {.narrow = 7}, // PASSED
    [8] = {.narrow = 4}, // CHANGED
    [10] = {.narrow = 3}, // USES
    [11] = {.narrow = 2}, // OBSERVING
    [12] = {.narrow = 8}, // QUARANTINED
};

// clang-format on

static const struct report {
    const char *action;
    const struct table_column *columns;
    const char *const *headers; // of each column; "": none
    const struct table_look *looks;
    size_t count;
} reports[] = {
    [REPORT_SERVERS] = {"ServerStatus", server_columns, server_headers, server_looks,
                        sizeof server_columns / sizeof *server_columns},
    [REPORT_SESSIONS] = {"SessionStatus", session_columns, session_headers, session_looks,
                         sizeof session_columns / sizeof *session_columns},
    [REPORT_SCRIPTS] = {"ScriptStatus", script_columns, script_headers, script_looks,
                        sizeof script_columns / sizeof *script_columns},
};

/** A report that is being received. */
struct receiving {
    const struct report *report;
    enum report_kind kind;
    struct table *table;
    bool adds; // only sessions that are not in the table
};

/** Cuts the port off: "192.0.2.7:5038", "[2001:db8::1]:5038". */
static struct span without_port(struct span address)
{
    const char *colon = memrchr(address.bytes, ':', address.length);

    if (colon != NULL)
        address.length = (size_t)(colon - address.bytes);
    if (address.length >= 2 && address.bytes[0] == '[')
        address = (struct span){address.bytes + 1, address.length - 2};
    return address;
}

/** The status is a word that programs know: up, drained or down. Other states explain why it is down. */
static void set_status(struct table *table, size_t row, const struct message *event)
{
    struct span state;

    message_find(event, "State", &state);
    if (span_is(state, "up") || span_is(state, "drained"))
        return;
    table_set(table, row, REPORT_SERVER_STATUS, span_of("down"));
    if (table_cell(table, row, REPORT_SERVER_EVENTS - 1)[0] == '\0' && !span_is(state, "down"))
        table_set(table, row, REPORT_SERVER_EVENTS - 1, state);
}

/** Is the session in the table already? */
static bool has_session(const struct table *table, const struct message *event)
{
    struct span number = {"", 0};

    message_find(event, "Session", &number);
    for (size_t row = 0; row < table_rows(table); row++) {
        if (span_equals(number, span_of(table_cell(table, row, REPORT_SESSION_NUMBER))))
            return true;
    }
    return false;
}

static void on_event(void *context, const struct message *event)
{
    const struct receiving *receiving = context;
    struct span value;

    if (receiving->adds && has_session(receiving->table, event))
        return;
    size_t row = table_add_row(receiving->table);

    for (size_t i = 0; i < receiving->report->count; i++) {
        if (receiving->report->headers[i][0] != '\0' && message_find(event, receiving->report->headers[i], &value))
            table_set(receiving->table, row, i, value);
    }
    if (receiving->kind == REPORT_SERVERS)
        set_status(receiving->table, row, event);
    if (receiving->kind != REPORT_SESSIONS)
        return;
    if (message_find(event, "Address", &value))
        table_set(receiving->table, row, 2, without_port(value));
    if (message_find(event, "Connection", &value) && span_is(value, "open"))
        table_set(receiving->table, row, 5, span_of(""));
    uint64_t age = report_number(receiving->table, row, REPORT_SESSION_AGE);
    report_set_number(receiving->table, row, REPORT_SESSION_RATE,
                      report_number(receiving->table, row, REPORT_SESSION_SENT) / (age == 0 ? 1 : age));
}

/** Asks for one part. @param before  number of the oldest session that is known; empty: none. Set to that of the next
 *  part; empty: this was the last */
static enum ctl_exit report_part(struct connection *connection, struct receiving *receiving, const char *sort,
                                 unsigned most, uint64_t timeout_ms, char before[24], struct error *err)
{
    struct message_builder builder;
    struct message *last = NULL;
    struct span next;
    char id[REQUEST_ID];
    enum ctl_exit code;

    request_id(id);
    request_begin(&builder, "ProxyAction", receiving->report->action, id);
    if (receiving->kind == REPORT_SCRIPTS && sort[0] != '\0')
        message_addf(&builder, "Kind", "%s", sort);
    if (receiving->kind == REPORT_SESSIONS) {
        message_addf(&builder, "Sort", "%s", sort);
        message_addf(&builder, "Most", "%u", most == 0 ? 400 : most);
        if (before[0] != '\0')
            message_addf(&builder, "Before", "%s", before);
    }
    code = request_list(connection, &builder, id, timeout_ms, on_event, receiving, &last, err);
    before[0] = '\0';
    if (code == CTL_OK && most == 0 && message_find(last, "NextBefore", &next) && next.length < 24)
        snprintf(before, 24, "%.*s", (int)next.length, next.bytes);
    message_unref(last);
    return code;
}

enum ctl_exit report_get(struct connection *connection, enum report_kind kind, const char *sort, unsigned most,
                         uint64_t timeout_ms, struct table **table, struct error *err)
{
    const struct report *report = &reports[kind];
    struct receiving receiving = {report, kind, table_create(report->columns, report->count), false};
    char before[24] = "";
    size_t rows;
    enum ctl_exit code;

    table_set_looks(receiving.table, report->looks);
    do { // a part without rows would be asked for again and again
        rows = table_rows(receiving.table);
        code = report_part(connection, &receiving, sort, most, timeout_ms, before, err);
    } while (code == CTL_OK && before[0] != '\0' && table_rows(receiving.table) > rows);
    if (code == CTL_OK)
        *table = receiving.table;
    else
        table_destroy(receiving.table);
    return code;
}

enum ctl_exit report_add_sessions(struct connection *connection, const char *sort, unsigned most, uint64_t timeout_ms,
                                  struct table *sessions, struct error *err)
{
    struct receiving receiving = {&reports[REPORT_SESSIONS], REPORT_SESSIONS, sessions, true};
    char before[24] = "";

    return report_part(connection, &receiving, sort, most, timeout_ms, before, err);
}

void report_print(struct table *table, bool json)
{
    table_print(table, json, true);
    if (!json && isatty(STDOUT_FILENO) == 1)
        table_print_left_out(table);
}

uint64_t report_number(const struct table *table, size_t row, size_t column)
{
    return number_of(table_cell(table, row, column));
}

void report_set_number(struct table *table, size_t row, size_t column, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, number);
    table_set(table, row, column, span_of(text));
}
