// contrib/ampctl/lists.c: see lists.h. The names of the headers are those of lua/proxyactions/ListSessions.lua and
// ListServers.lua, which keep what the old program's clients rely on: servers come in two lists of the same order, one
// with names and states, one with hosts and ports.
#include "lists.h"

#include "request.h"

#include <inttypes.h>
#include <stdio.h>

#define GROUP_COLUMNS 6

static const struct table_column server_columns[] = {
    {"NAME", "name", TABLE_TEXT},     {"STATUS", "status", TABLE_STATE}, {"ADDRESS", "address", TABLE_TEXT},
    {"HOST", "host", TABLE_TEXT},     {"PORT", "port", TABLE_NUMBER},    {"USER", "user", TABLE_TEXT},
    {"EVENTS", "events", TABLE_TEXT}, {"NODE", "node", TABLE_TEXT}, // the last one in a cluster only
};
static const struct table_column session_columns[] = {
    {"SESSION", "session", TABLE_NUMBER}, {"USER", "user", TABLE_TEXT},     {"ADDRESS", "address", TABLE_TEXT},
    {"INPUT", "input", TABLE_TEXT},       {"OUTPUT", "output", TABLE_TEXT}, {"CONNECTION", "connection", TABLE_TEXT},
};

/** The name of the header that begins a row, then those of its cells. */
struct group {
    const char *headers[GROUP_COLUMNS];
    size_t columns[GROUP_COLUMNS];
};
static const struct group server_group = {{"ProxyServerSession", "ProxyServerName", "ProxyServerStatus"},
                                          {SERVER_ADDRESS, SERVER_NAME, SERVER_STATUS}};
static const struct group session_group = {
    {"ProxyClientSession", "ProxyClientInputHandler", "ProxyClientOutputHandler", "ProxyClientUser", "ProxyClientId",
     "ProxyClientConnection"},
    {SESSION_ADDRESS, SESSION_INPUT, SESSION_OUTPUT, SESSION_USER, SESSION_NUMBER, SESSION_CONNECTION}};

static void take_header(struct table *table, const struct group *group, struct span name, struct span value)
{
    for (size_t i = 0; i < GROUP_COLUMNS && group->headers[i] != NULL; i++) {
        if (!span_is(name, group->headers[i]))
            continue;
        if (i == 0)
            table_add_row(table);
        if (table_rows(table) > 0)
            table_set(table, table_rows(table) - 1, group->columns[i], value);
    }
}

static void read_groups(struct table *table, const struct message *answer, const struct group *group)
{
    struct span name, value;

    for (uint32_t i = 0; i < answer->header_count; i++) {
        message_header(answer, i, &name, &value);
        take_header(table, group, name, value);
    }
}

/** A line of ListServers: "ProxyListServer I: ADDRESS H: HOST U: USER P: PORT E: EVENTS ", in a cluster with "Node:
 * NODE ". */
struct server_line {
    struct span address, host, user, port, events, node; // `node`: empty: no cluster
};

/** Takes the text before `mark` (` KEY: `), and skips the mark. */
static bool lists_cut(struct span *rest, const char *mark, struct span *value)
{
    const char *found = memmem(rest->bytes, rest->length, mark, strlen(mark));

    if (found == NULL)
        return false;
    *value = (struct span){rest->bytes, (size_t)(found - rest->bytes)};
    size_t used = value->length + strlen(mark);
    *rest = (struct span){rest->bytes + used, rest->length - used};
    return true;
}

/** Cuts the blanks at the end off. */
static struct span without_blanks(struct span text)
{
    while (text.length > 0 && text.bytes[text.length - 1] == ' ')
        text.length--;
    return text;
}

static bool read_server_line(struct span text, struct server_line *line)
{
    struct span nothing;

    if (!lists_cut(&text, "ProxyListServer I: ", &nothing) || !lists_cut(&text, " H: ", &line->address) ||
        !lists_cut(&text, " U: ", &line->host) || !lists_cut(&text, " P: ", &line->user) ||
        !lists_cut(&text, " E: ", &line->port))
        return false;
    line->node = (struct span){NULL, 0};
    if (lists_cut(&text, "Node: ", &line->events)) {
        line->node = without_blanks(text);
        text = line->events;
    }
    if (lists_cut(&text, " S: ", &nothing)) // users without admin rights do not get the addresses of servers
        text = nothing;
    line->events = without_blanks(text);
    return true;
}

/** Returns the whole line of a header: "ProxyListServer I: …" was read as a name and a value. */
static struct span whole_line(const struct message *message, uint32_t index)
{
    const struct header *header = &message_headers(message)[index];
    struct span wire = message_wire(message);

    return (struct span){wire.bytes + header->start, header->value + header->value_length - header->start};
}

/** Do the lines tell nodes of a cluster? */
static bool have_nodes(const struct message *answer)
{
    struct server_line line;

    for (uint32_t i = 0; i < answer->header_count; i++)
        if (read_server_line(whole_line(answer, i), &line) && line.node.length > 0)
            return true;
    return false;
}

/** Adds host, port and user to the rows whose server is at the same place in both lists. */
static void join_lines(struct table *servers, const struct message *answer)
{
    size_t row = 0;

    for (uint32_t i = 0; i < answer->header_count && row < table_rows(servers); i++) {
        struct server_line line;
        if (!read_server_line(whole_line(answer, i), &line))
            continue;
        if (span_equals(line.address, span_of(table_cell(servers, row, SERVER_ADDRESS)))) {
            table_set(servers, row, SERVER_HOST, line.host);
            table_set(servers, row, SERVER_PORT, line.port);
            table_set(servers, row, SERVER_USER, line.user);
            table_set(servers, row, SERVER_EVENTS, line.events);
            if (line.node.length > 0)
                table_set(servers, row, SERVER_NODE, line.node);
        } // otherwise the list has changed between the two answers
        row++;
    }
}

/** Adds the sessions that are older than those of `answer`, which are asked for part by part. */
static enum ctl_exit lists_add_older(struct connection *connection, uint64_t timeout_ms, struct message *answer,
                                     struct table *sessions, struct error *err)
{
    enum ctl_exit code = CTL_OK;
    uint64_t number = UINT64_MAX; // falls from part to part, so that the loop ends
    struct span next;

    message_ref(answer);
    while (code == CTL_OK && message_find(answer, "NextBefore", &next) && span_number(next, 1, number - 1, &number)) {
        char before[24];
        snprintf(before, sizeof before, "%" PRIu64, number);
        message_unref(answer);
        answer = NULL;
        code = request_proxy(connection, "ListSessions", "Before", before, timeout_ms, &answer, err);
        if (code == CTL_OK)
            read_groups(sessions, answer, &session_group);
    }
    message_unref(answer);
    return code;
}

enum ctl_exit lists_get(struct connection *connection, uint64_t timeout_ms, struct table **servers,
                        struct table **sessions, struct error *err)
{
    struct message *answer, *lines = NULL;
    enum ctl_exit code = request_proxy(connection, "ListSessions", NULL, NULL, timeout_ms, &answer, err);

    if (code != CTL_OK)
        return code;
    if (servers != NULL)
        code = request_proxy(connection, "ListServers", NULL, NULL, timeout_ms, &lines, err);
    if (code == CTL_OK && servers != NULL) {
        *servers = table_create(server_columns, have_nodes(lines) ? SERVER_NODE + 1 : SERVER_NODE);
        read_groups(*servers, answer, &server_group);
        join_lines(*servers, lines);
    }
    if (code == CTL_OK && sessions != NULL) {
        *sessions = table_create(session_columns, sizeof session_columns / sizeof session_columns[0]);
        read_groups(*sessions, answer, &session_group);
        code = lists_add_older(connection, timeout_ms, answer, *sessions, err);
    }
    message_unref(lines);
    message_unref(answer);
    return code;
}
