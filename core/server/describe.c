// core/server/describe.c: what an operator wants to know of each server, and what they may change.
#include "server/servers.h"

#include "base/clock.h"
#include "base/memory.h"
#include "server/server.h"

#include <inttypes.h>
#include <stdlib.h>

bool servers_drain(struct servers *servers, struct span name, bool drained, struct error *err)
{
    char *text = memory_text_of(name.bytes, name.length), quoted[120];
    struct server *server = servers_find(servers, text);

    free(text);
    if (server == NULL)
        return error_set(err, "There is no server %.*s", (int)(name.length < 200 ? name.length : 200), name.bytes);
    if (server->drained == drained)
        return error_set(err, drained ? "Server %s is drained already" : "Server %s is not drained",
                         log_text(quoted, sizeof quoted, server->config->name));
    server->drained = drained;
    log_info(&server->log, drained ? "server drained: it gets no new actions" : "server takes actions again");
    servers_tell_state(servers);
    return true;
}

/** Returns the state as a word. */
static const char *describe_state(const struct server *server)
{
    static const char *const words[] = {"down", "connecting", "booting", "up", "given up", "leaving"};

    if (server_serves(server))
        return server->drained ? "drained" : "up";
    return role_is_own(server) ? words[server->state] : "down";
}

/** Adds the time at which the state began, in seconds since 1970. */
static void describe_since(struct message_builder *builder, const struct server *server, uint64_t now_ms)
{
    int64_t seconds;
    int32_t microseconds;

    clock_wall(&seconds, &microseconds);
    if (role_is_own(server))
        message_addf(builder, "Since", "%" PRId64, seconds - (int64_t)((now_ms - server->since_ms) / 1000));
}

static uint64_t describe_sum(const struct metric_histogram *histogram)
{
    uint64_t count = 0;

    for (size_t i = 0; i < METRICS_BUCKETS; i++)
        count += metric_get(&histogram->buckets[i]);
    return count;
}

/** Adds what the lanes do. */
static void describe_lanes(struct message_builder *builder, const struct server *server)
{
    const struct metrics_server *metrics = server->metrics;
    uint64_t in_flight = 0;
    unsigned lanes = 0;

    for (int i = 0; i < SERVER_LANES; i++) {
        lanes += server->lanes[i].state == LANE_UP;
        in_flight += server->lanes[i].unanswered;
    }
    if (server->lanes[0].round_trip_us != 0)
        message_addf(builder, "RoundTrip", "%" PRIu64, server->lanes[0].round_trip_us);
    message_addf(builder, "InFlight", "%" PRIu64, in_flight);
    message_addf(builder, "Waiting", "%zu", (size_t)server->queue.count);
    message_addf(builder, "Lanes", "%u", lanes);
    message_addf(builder, "LanesMost", "%" PRIu32, server->config->lanes);
    message_addf(builder, "EventsSeen", "%" PRIu64, metric_get(&metrics->events));
    message_addf(builder, "ActionsAnswered", "%" PRIu64, describe_sum(&metrics->latency));
    message_addf(builder, "AnswerTime", "%" PRIu64, metric_get(&metrics->latency.sum_us));
}

static struct message *describe_server(const struct server *server, uint64_t now_ms)
{
    const struct server_config *config = server->config;
    const char *state = describe_state(server);
    bool is_waiting = server->state == SERVER_DOWN && server->deadline_ms != 0 && role_is_own(server);
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "ServerStatus");
    message_addf(&builder, "Server", "%s", config->name);
    message_addf(&builder, "State", "%s", state);
    message_addf(&builder, "Drained", "%s", server->drained ? "yes" : "no");
    if (!server_serves(server) && server->down_reason[0] != '\0')
        message_add(&builder, span_of("Reason"), span_of(server->down_reason));
    describe_since(&builder, server, now_ms);
    if (is_waiting)
        message_addf(&builder, "NextTry", "%" PRIu64, server->deadline_ms > now_ms ? server->deadline_ms - now_ms : 0);
    if (!server_serves(server))
        message_addf(&builder, "Attempts", "%" PRIu64, server->attempts);
    describe_lanes(&builder, server);
    message_addf(&builder, "Address", "%s", server->address[0] != '\0' ? server->address : config->host);
    message_addf(&builder, "Host", "%s", config->host);
    message_addf(&builder, "Port", "%u", config->port);
    message_addf(&builder, "User", "%s", config->username);
    message_addf(&builder, "Events", "%s", config->events != NULL ? config->events : "");
    if (server->role != NULL)
        message_addf(&builder, "Node", "%s", server->role->node[0] != '\0' ? server->role->node : "-");
    return message_build(&builder);
}

void servers_describe(struct servers *servers, void (*add)(void *context, struct message *message), void *context)
{
    uint64_t now_ms = clock_ms();

    for (size_t i = 0; i < servers->count; i++)
        add(context, describe_server(servers->list[i], now_ms));
}
