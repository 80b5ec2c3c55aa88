// core/server/receive.c: see receive.h.
#include "server/receive.h"

#include "base/clock.h"
#include "base/memory.h"
#include "server/answers.h"
#include "server/items.h"
#include "server/lane_inside.h"
#include "server/late.h"
#include "server/server.h"

#include <stdio.h>

#define PORTION 32 // messages that are delivered together: few enough to stay in the processor's nearest cache

// --- what a message is ------------------------------------------------------------------------------------------

/** Returns the oldest exchange of the lane without a response, also if it was given up, because Asterisk answers in
 *  turn. */
static struct exchange *oldest_unanswered(const struct lane *lane)
{
    struct exchange *exchange = exchange_first(&lane->exchanges);

    while (exchange != NULL && exchange->answered)
        exchange = exchange_next(exchange);
    return exchange;
}

static void receive_drop(struct lane *lane, struct message *message, enum metrics_drop why)
{
    static const char *const reasons[] = {
        [METRICS_DROP_UNASKED] = "answers no action in flight",
        [METRICS_DROP_OWN] = "an event for an action of the proxy", // Asterisk sends none, but a broken peer may
        [METRICS_DROP_SHAPELESS] = "neither response nor event",
    };
    char quoted[120];

    metric_add(&lane->server->metrics->dropped[why], 1);
    log_debug(&lane->server->log, "message dropped reason=\"%s\" first=%s", reasons[why],
              log_quote(quoted, sizeof quoted, message_name(message)));
    message_unref(message);
}

/** Drops a message with an ActionID of the proxy whose exchange is not kept any more. */
static void drop_late(struct lane *lane, struct message *message)
{
    late_drop_gone(&lane->server->servers->exchanges, message, lane->server->metrics, &lane->server->log);
}

static void take_response(struct lane *lane, struct message *message)
{
    struct servers *servers = lane->server->servers;
    struct span id = message_action_id(message);
    struct exchange *exchange = id.length == 0 ? oldest_unanswered(lane) : exchange_find(&servers->exchanges, id);

    if (exchange == NULL && exchange_is_ours(id)) {
        drop_late(lane, message);
    } else if (exchange == NULL) {
        receive_drop(lane, message, METRICS_DROP_UNASKED);
    } else if (exchange->purpose != PURPOSE_ASK) {
        answers_pass(servers, exchange);
        lane_own_answer(lane, exchange, message);
        message_unref(message);
    } else {
        answers_response(servers, exchange, message, lane->server);
    }
}

/** Returns the exchange whose list is being received on the lane: the last one that Asterisk has answered, if the end
 *  of its list has not come. NULL: none. */
static struct exchange *current_list(const struct lane *lane)
{
    struct exchange *current = NULL;

    for (struct exchange *exchange = exchange_first(&lane->exchanges); exchange != NULL;
         exchange = exchange_next(exchange)) {
        if (exchange->answered)
            current = exchange;
    }
    return current != NULL && current->in_list && !current->passed ? current : NULL;
}

/** Handles an event without ActionID. Each event for all sessions has a Privilege (Asterisk main/manager.c:
 *  __manager_event_sessions_va). Without one it is an item of a list (IAXpeers in channels/chan_iax2.c), if a list is
 *  being received on this lane. */
static void take_plain_event(struct lane *lane, struct message *message)
{
    struct servers *servers = lane->server->servers;
    struct exchange *list = NULL;

    if (!message->has_privilege)
        list = current_list(lane);
    if (list != NULL)
        answers_event(servers, list, message, lane->server);
    else
        server_give_event(lane->server, message, NULL, false);
}

static void take_event(struct lane *lane, struct message *message)
{
    struct servers *servers = lane->server->servers;
    struct span id = message_action_id(message), list;
    struct exchange *exchange;

    if (!lane->slow && span_is(message_name(message), "FullyBooted"))
        server_booted(lane->server, message);
    if (!lane->slow)
        learn_from_event(lane->server, message);
    if (id.length == 0) {
        take_plain_event(lane, message);
        return;
    }
    exchange = exchange_find(&servers->exchanges, id);
    if (exchange != NULL && exchange->purpose != PURPOSE_ASK) {
        receive_drop(lane, message, METRICS_DROP_OWN);
    } else if (exchange != NULL) {
        answers_event(servers, exchange, message, lane->server);
    } else if (!exchange_is_ours(id)) {
        server_give_event(lane->server, message, NULL, true);
    } else if (!message->has_privilege || message_peek(message, "EventList", &list) ||
               span_is(message_name(message), "OriginateResponse")) {
        drop_late(lane, message);
    } else {
        server_give_stray(lane->server, message);
    }
}

static void take_message(struct lane *lane, struct message *message)
{
    struct exchange *exchange;

    switch ((enum message_kind)message->kind) {
    case MESSAGE_RESPONSE:
        metric_add(&lane->server->metrics->responses, 1);
        take_response(lane, message);
        return;
    case MESSAGE_EVENT:
        metric_add(&lane->server->metrics->events, 1);
        take_event(lane, message);
        return;
    case MESSAGE_ACTION:
    case MESSAGE_OTHER:
        exchange = oldest_unanswered(lane);
        if (exchange != NULL && answers_is_text(exchange))
            answers_text(lane->server->servers, exchange, message);
        else
            receive_drop(lane, message, METRICS_DROP_SHAPELESS);
        return;
    }
}

void receive_message(struct lane *lane, struct message *message)
{
    struct server *server = lane->server;

    take_message(lane, message);
    if (server->queue.count > 0) // the lane may be free now
        server_want_flush(server);
}

// --- from bytes to messages -------------------------------------------------------------------------------------

/** Closes the lane if its peer has exceeded a limit. Its exchanges are answered by an Error. @return true: closed */
static bool receive_check_limits(struct lane *lane)
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

bool receive_messages(struct lane *lane)
{
    const struct servers_output *output = &lane->server->servers->output;
    struct message *message;
    struct span line;
    uint32_t count = 0;

    if (lane->state == LANE_BANNER && parser_line(lane->parser, &line))
        lane_greet(lane, line);
    if (lane->state == LANE_BANNER)
        return !receive_check_limits(lane);
    if (lane_is_open(lane))
        parser_set_limits(lane->parser, LANE_LINE_BYTES, lane->server->servers->config->limits.server_message_bytes);
    while (lane->parser != NULL) {
        if (lane->listing.exchange != NULL && items_take(lane)) {
            note_message(lane);
            continue;
        }
        message = parser_next(lane->parser);
        if (message == NULL)
            break;
        note_message(lane);
        receive_message(lane, message);
        if (++count % PORTION == 0 && output->portion != NULL)
            output->portion(output->context);
    }
    return lane->parser != NULL && !receive_check_limits(lane);
}

void receive_bytes(struct lane *lane)
{
    size_t room;
    char *bytes = parser_reserve(lane->parser, RECEIVE_BYTES, &room);
    ssize_t count = transport_read(&lane->transport, bytes, room < RECEIVE_BYTES ? room : RECEIVE_BYTES);

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
    receive_messages(lane);
}
