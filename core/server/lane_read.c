// core/server/lane_read.c: bytes of a lane become messages, within their limits.
#include "server/lane_inside.h"

#include "base/clock.h"
#include "server/server.h"

#include <stdio.h>

#define READ_BYTES ((size_t)128 * 1024)
#define READS_PER_TURN 2

/** Closes the lane if its peer has exceeded a limit. Its exchanges are answered by an Error. @return true: closed */
static bool check_limits(struct lane *lane)
{
    struct server *server = lane->server;
    const char *fault = parser_fault(lane->parser);
    char reason[128], why[160];

    if (fault == NULL && (lane_is_open(lane) || lane->early_bytes <= LANE_EARLY_BYTES))
        return false;
    if (fault != NULL)
        snprintf(reason, sizeof reason, "it sent %s", fault);
    else
        snprintf(reason, sizeof reason, "it sent more than %zu bytes before the login", LANE_EARLY_BYTES);
    metric_add(&server->metrics->dropped[METRICS_DROP_TOO_LONG], 1);
    log_warn(&server->log, "message dropped lane=%s reason=%s", lane->slow ? "slow" : "main",
             log_text(why, sizeof why, reason));
    server_lane_lost(lane, LANE_LOSS_LIMIT, reason);
    return true;
}

/** Notes that a complete message has come, which shows that the peer is alive. */
static void note_message(struct lane *lane)
{
    lane->whole_ms = lane->heard_ms;
    lane->pinged_ms = lane->text_ms = 0;
    lane->seen_bytes = 0;
}

bool lane_take_messages(struct lane *lane)
{
    struct message *message;
    struct span line;

    if (lane->state == LANE_BANNER && parser_line(lane->parser, &line))
        lane_greet(lane, line);
    if (lane->state == LANE_BANNER)
        return !check_limits(lane);
    if (lane_is_open(lane))
        parser_set_limits(lane->parser, LANE_LINE_BYTES, lane->server->servers->config->limits.server_message_bytes);
    while (lane->parser != NULL && (message = parser_next(lane->parser)) != NULL) {
        note_message(lane);
        server_message(lane, message);
    }
    return lane->parser != NULL && !check_limits(lane);
}

void lane_read(struct lane *lane)
{
    for (int i = 0; i < READS_PER_TURN; i++) {
        size_t room;
        char *bytes = parser_reserve(lane->parser, READ_BYTES, &room);
        ssize_t count = transport_read(&lane->transport, bytes, room);
        if (count == TRANSPORT_AGAIN)
            return;
        if (count == TRANSPORT_END) {
            server_lane_lost(lane, LANE_LOSS_TRANSPORT, transport_reason(&lane->transport));
            return;
        }
        lane->heard_us = clock_us();
        lane->heard_ms = lane->heard_us / 1000;
        metric_add(&lane->server->metrics->received_bytes, (uint64_t)count);
        parser_commit(lane->parser, (size_t)count);
        lane->early_bytes += lane_is_open(lane) ? 0 : (size_t)count;
        if (!lane_take_messages(lane) || (size_t)count < room)
            return;
    }
}
