// contrib/ampctl/cluster.c: `cluster`: the nodes, and who owns which server, as the asked node sees it. The names of
// the headers are those of lua/proxyactions/ListCluster.lua.
#include "access.h"
#include "base/clock.h"
#include "commands.h"
#include "json.h"
#include "request.h"
#include "table.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COLUMNS_MOST 11
#define NODE_SINCE 5 // its column

/** A kind of rows: the columns, and the header of each. */
struct listing {
    const char *event, *word; // `word`: begins each row in a pipe
    struct table_column columns[COLUMNS_MOST];
    const char *headers[COLUMNS_MOST];
    size_t count;
};

static const struct listing nodes = {
    "ClusterNode",
    "node",
    {{"NODE", "node", TABLE_TEXT},
     {"STATE", "state", TABLE_STATE},
     {"HERE", "here", TABLE_TEXT},
     {"VERSION", "version", TABLE_TEXT},
     {"HEARD MS AGO", "last_heartbeat_ms", TABLE_NUMBER},
     {"FOR", "since", TABLE_NUMBER},
     {"SESSIONS", "sessions", TABLE_NUMBER},
     {"OWNED", "owned", TABLE_NUMBER}},
    {"Node", "State", "Here", "Version", "LastHeartbeat", "Since", "Sessions", "Owned"},
    8};
static const struct listing servers = {
    "ClusterServer",
    "server",
    {{"SERVER", "server", TABLE_TEXT},
     {"STATUS", "status", TABLE_STATE},
     {"OWNER", "owner", TABLE_TEXT},
     {"STANDBY", "standby", TABLE_TEXT},
     {"EPOCH", "epoch", TABLE_NUMBER},
     {"SOURCE", "source", TABLE_TEXT},
     {"FOLLOWED", "followed", TABLE_TEXT},
     {"LAG", "lag", TABLE_NUMBER},
     {"GAPS", "gaps", TABLE_NUMBER},
     {"REPAIRED", "repaired", TABLE_NUMBER},
     {"LOST", "lost", TABLE_NUMBER}},
    {"Server", "State", "Owner", "Standby", "Epoch", "Source", "Followed", "Lag", "Gaps", "Repaired", "Lost"},
    11};

/** Sets a cell to all values of a header, with blanks between. */
static void set_cell(struct table *table, size_t row, size_t column, const struct message *event, const char *header)
{
    struct span name, value;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    for (uint32_t i = 0; i < event->header_count; i++) {
        message_header(event, i, &name, &value);
        if (span_is(name, header))
            fprintf(out, "%s%.*s", ftell(out) > 0 ? " " : "", (int)value.length, value.bytes);
    }
    fclose(out);
    table_set(table, row, column, (struct span){text, size});
    free(text);
}

static void add_row(struct table *table, const struct listing *listing, const struct message *event)
{
    size_t row = table_add_row(table);

    for (size_t i = 0; i < listing->count; i++)
        set_cell(table, row, i, event, listing->headers[i]);
}

/** Reads the items of the list until its end. @return CTL_OK, else `err` is set */
static enum ctl_exit read_items(struct connection *connection, const char *id, uint64_t timeout_ms,
                                struct table *node_rows, struct table *server_rows, struct error *err)
{
    struct message *message;

    while ((message = request_answer(connection, id, timeout_ms, err)) != NULL) {
        struct span event = {NULL, 0}, list = {NULL, 0};
        message_find(message, "Event", &event);
        message_find(message, "EventList", &list);
        bool is_end = list.length > 0, is_whole = span_is(list, "Complete");
        if (span_is(event, nodes.event))
            add_row(node_rows, &nodes, message);
        else if (span_is(event, servers.event))
            add_row(server_rows, &servers, message);
        message_unref(message);
        if (is_whole)
            return CTL_OK;
        if (is_end) {
            error_set(err, "the proxy has cut the list short; its log says why");
            return CTL_REFUSED;
        }
    }
    return CTL_LOST;
}

/** For people: since when becomes for how long. */
static void show_durations(struct table *node_rows)
{
    int64_t now;
    int32_t microseconds;
    uint64_t since;
    char text[48];

    clock_wall(&now, &microseconds);
    for (size_t row = 0; row < table_rows(node_rows); row++) {
        if (span_number(span_of(table_cell(node_rows, row, NODE_SINCE)), 0, (uint64_t)now, &since))
            table_set(node_rows, row, NODE_SINCE, span_of(text_duration(text, sizeof text, (uint64_t)now - since)));
    }
}

static void cluster_show(struct table *node_rows, struct table *server_rows, bool json)
{
    if (json) {
        json_t *both = json_object();
        json_object_set_new(both, "nodes", table_to_json(node_rows));
        json_object_set_new(both, "servers", table_to_json(server_rows));
        json_print(both);
    } else if (isatty(STDOUT_FILENO) == 1) {
        show_durations(node_rows);
        table_print(node_rows, false, true);
        putchar('\n');
        table_print(server_rows, false, true);
    } else {
        table_print_rows(node_rows, nodes.word);
        table_print_rows(server_rows, servers.word);
    }
}

enum ctl_exit command_cluster(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    struct access access;
    struct connection *connection = NULL;
    struct table *node_rows = table_create(nodes.columns, nodes.count);
    struct table *server_rows = table_create(servers.columns, servers.count);
    struct message_builder builder;
    char id[REQUEST_ID];
    enum ctl_exit code = access_connect(&access, options, base, &connection, err);

    if (code == CTL_OK) {
        request_id(id);
        request_begin(&builder, "ProxyAction", "ListCluster", id);
        code = request_ask(connection, &builder, id, options->timeout_ms, NULL, err);
    }
    if (code == CTL_OK)
        code = read_items(connection, id, options->timeout_ms, node_rows, server_rows, err);
    if (code == CTL_OK)
        cluster_show(node_rows, server_rows, options->json);
    table_destroy(node_rows);
    table_destroy(server_rows);
    connection_close(connection);
    access_fini(&access);
    return code;
}
