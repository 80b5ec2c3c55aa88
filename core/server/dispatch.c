// core/server/dispatch.c: decides what a message of a lane is: an answer, a part of one, or an event for all sessions.
#include "server/server.h"

#include "base/memory.h"
#include "server/answers.h"
#include "server/late.h"

/** Returns the oldest exchange of the lane without a response, also if it was given up, because Asterisk answers in
 *  turn. */
static struct exchange *oldest_unanswered(const struct lane *lane)
{
    struct exchange *exchange = exchange_first(&lane->exchanges);

    while (exchange != NULL && exchange->answered)
        exchange = exchange_next(exchange);
    return exchange;
}

static void dispatch_drop(struct lane *lane, struct message *message, enum metrics_drop why)
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
        dispatch_drop(lane, message, METRICS_DROP_UNASKED);
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
        servers->output.event(servers->output.context, message, NULL, false);
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
        dispatch_drop(lane, message, METRICS_DROP_OWN);
    } else if (exchange != NULL) {
        answers_event(servers, exchange, message, lane->server);
    } else if (!exchange_is_ours(id)) {
        servers->output.event(servers->output.context, message, NULL, true);
    } else if (!message->has_privilege || message_peek(message, "EventList", &list) ||
               span_is(message_name(message), "OriginateResponse")) {
        drop_late(lane, message);
    } else {
        struct message *plain = message_with_action_id(message, NULL);
        message_unref(message);
        servers->output.event(servers->output.context, plain, NULL, false);
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
            dispatch_drop(lane, message, METRICS_DROP_SHAPELESS);
        return;
    }
}

void server_message(struct lane *lane, struct message *message)
{
    struct server *server = lane->server;

    take_message(lane, message);
    if (server->queue.count > 0) // the lane may be free now
        server_want_flush(server);
}
