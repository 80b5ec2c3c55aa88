// core/server/answers.c: see answers.h. The rules are Asterisk's: a list begins with `EventList: start` and ends with
// an event with `EventList: Complete`; before 13.2 it had neither. Asterisk processes the actions of a connection one
// after another, so the first answer to a later action shows that all earlier answers are complete.
#include "server/answers.h"

#include "base/clock.h"
#include "server/answers_inside.h"
#include "server/items.h"
#include "server/lane.h"
#include "server/late.h"
#include "server/merge.h"
#include "server/server.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LATE_EVENTS_MS 5000 // how long an answered action's own events may take
#define BROKEN_LIST_MS 2000 // how long a list that said Error may be silent before it is over

void answers_give(struct servers *servers, struct exchange *exchange, struct answer_part part)
{
    if (exchange->merge != NULL)
        merge_take(servers, exchange, part);
    else
        servers->output.answer(servers->output.context, part, exchange->ask);
}

/** Passes on the next message of the answer. */
static void give_next(struct servers *servers, struct exchange *exchange, struct message *message, bool final)
{
    answers_give(servers, exchange, (struct answer_part){.message = message, .final = final});
}

/** Passes on a message that comes after the answer was complete. */
static void give_late(struct servers *servers, struct exchange *exchange, struct message *message)
{
    answers_give(servers, exchange, (struct answer_part){.message = message, .kind = ANSWER_PART_LATE});
}

/** Returns how long an Originate may take until its event, OriginateResponse, comes. */
static uint64_t originate_ms(const struct exchange *exchange)
{
    return catalogue_call_ms(exchange->ask->action) + EXCHANGE_CALL_MARGIN_MS;
}

/** Counts the end of an exchange. @param reason  AMP_REASON_NONE: it was answered */
static void count_end(const struct exchange *exchange, enum amp_reason reason)
{
    struct metrics_server *metrics;

    if (exchange->lane == NULL)
        return;
    metrics = exchange->lane->server->metrics;
    if (reason == AMP_REASON_NONE)
        metric_observe(&metrics->latency,
                       exchange->lane->heard_us > exchange->sent_us ? exchange->lane->heard_us - exchange->sent_us : 0);
    else
        metric_add(reason == AMP_REASON_TIMEOUT ? &metrics->timed_out : &metrics->lost, 1);
}

void answers_finish(struct servers *servers, struct exchange *exchange, enum amp_reason reason)
{
    uint64_t stay = servers->config->limits.exchange_timeout_ms;

    count_end(exchange, reason);
    late_begin(exchange);
    if (late_is_over(exchange)) { // its caller frees it: no need to read the clock
        exchange_enter_until(&servers->exchanges, exchange, EXCHANGE_DONE, EXCHANGE_FOREVER);
        return;
    }
    if (exchange->async && stay < originate_ms(exchange))
        stay = originate_ms(exchange);
    exchange_enter(&servers->exchanges, exchange, EXCHANGE_DONE, stay);
}

void answers_let_go(struct servers *servers, struct exchange *exchange)
{
    if (exchange->state == EXCHANGE_DONE && late_is_over(exchange))
        exchange_destroy(&servers->exchanges, exchange);
}

void answers_begin_completion(struct message_builder *builder, const struct ask *ask, const struct action_info *info,
                              const char *how, uint32_t items)
{
    struct span action = message_action(ask->action, NULL);

    message_builder_init(builder);
    if (info != NULL && info->completion != NULL)
        message_addf(builder, "Event", "%s", info->completion);
    else
        message_addf(builder, "Event", "%.*sComplete", (int)action.length, action.bytes);
    message_addf(builder, "EventList", "%s", how);
    message_addf(builder, "ListItems", "%u", items);
}

/** Ends a list whose completion will not come from the server. */
static void answers_complete(struct servers *servers, struct exchange *exchange, const char *server, const char *how,
                             enum amp_reason reason)
{
    struct message_builder builder;

    answers_begin_completion(&builder, exchange->ask, exchange->info, how, exchange->items);
    message_addf(&builder, "Server", "%s", server);
    give_next(servers, exchange, message_build(&builder), true);
    answers_finish(servers, exchange, reason);
}

bool answers_is_text(const struct exchange *exchange)
{
    return exchange->info != NULL && exchange->info->shape == ANSWER_TEXT;
}

struct message *answers_as_text(const struct exchange *exchange, struct message *message)
{
    struct message *text = message_as_text(message, span_of(exchange->lane->server->config->name));

    message_unref(message);
    return text;
}

/** Ends an answer of raw text. */
static void end_text(struct servers *servers, struct exchange *exchange, const char *server)
{
    struct message *last = exchange->text;
    struct message_builder builder;

    exchange->text = NULL;
    if (last == NULL) {
        message_builder_init(&builder);
        message_addf(&builder, "Response", "Success");
        message_addf(&builder, "Message", "The answer was empty");
        message_addf(&builder, "Server", "%s", server);
        last = message_build(&builder);
    }
    give_next(servers, exchange, last, true);
    answers_finish(servers, exchange, AMP_REASON_NONE);
}

void answers_pass(struct servers *servers, struct exchange *exchange)
{
    struct exchange *next;

    if (exchange->lane == NULL)
        return;
    exchange->answered = true;
    for (struct exchange *earlier = exchange_first(&exchange->lane->exchanges); earlier != exchange; earlier = next) {
        next = exchange_next(earlier);
        earlier->passed = true;
        if (earlier->state == EXCHANGE_WAITING && answers_is_text(earlier))
            end_text(servers, earlier, exchange->lane->server->config->name);
        if (earlier->state == EXCHANGE_LISTING && (earlier->implicit || earlier->broken_list))
            answers_complete(servers, earlier, exchange->lane->server->config->name,
                             earlier->broken_list ? "Cancelled" : "Complete", AMP_REASON_NONE);
        if (earlier->state < EXCHANGE_DONE)
            continue; // a late answer is possible: only the time limit ends this exchange
        lane_forget(earlier);
        uint64_t last = clock_ms() + LATE_EVENTS_MS; // Asterisk queues events apart from answers: they may come later
        if (!earlier->async && earlier->deadline_ms > last)
            earlier->deadline_ms = last;
        answers_let_go(servers, earlier);
    }
}

uint64_t answers_left_ms(const struct exchange *exchange)
{
    uint64_t now = clock_ms();

    return exchange->deadline_ms > now ? exchange->deadline_ms - now : 0;
}

/** Does this response begin a list? Sets exchange->implicit if the list has no EventList headers. */
static inline bool opens_list(struct exchange *exchange, const struct message *response)
{
    uint8_t shape = exchange->info != NULL ? exchange->info->shape : (uint8_t)ANSWER_SINGLE;

    if (response->incomplete_list)
        return true;
    exchange->implicit = (shape == ANSWER_EVENT ||
                          (shape == ANSWER_LIST && exchange->lane != NULL && server_is_old(exchange->lane->server))) &&
                         span_is(message_name(response), "Success");
    return exchange->implicit;
}

/** Drops a message that does not belong to the answer, or comes too late. */
static void answers_drop(struct exchange *exchange, struct message *message, const struct server *from)
{
    late_drop(exchange, message, from->metrics, &from->log);
}

/** Handles a response inside a list. After an Error the list may go on (PJSIPShowEndpoint) or have ended
 *  (CoreShowChannelMap). It has ended if the answer to a Ping comes first, or nothing comes for BROKEN_LIST_MS. */
static void take_break(struct servers *servers, struct exchange *exchange, struct message *message, struct server *from)
{
    if (exchange->broken_list || span_is(message_name(message), "Success")) { // the asker has an Error or a Success
        answers_drop(exchange, message, from);
        return;
    }
    exchange->broken_list = true;
    exchange->deadline_ms = clock_ms() + BROKEN_LIST_MS;
    give_next(servers, exchange, message, false);
    if (exchange->lane != NULL)
        lane_ping(exchange->lane);
}

static void take_first(struct servers *servers, struct exchange *exchange, struct message *message)
{
    bool list = opens_list(exchange, message);

    exchange->async = exchange->async && span_is(message_name(message), "Success");
    exchange->listed = exchange->in_list = list;
    if (list) // the time limit still counts from when the action was sent
        exchange_enter(&servers->exchanges, exchange, EXCHANGE_LISTING, answers_left_ms(exchange));
    give_next(servers, exchange, message, !list);
    if (list)
        return;
    answers_finish(servers, exchange, AMP_REASON_NONE);
    answers_let_go(servers, exchange);
}

void answers_response(struct servers *servers, struct exchange *exchange, struct message *message, struct server *from)
{
    answers_pass(servers, exchange);
    switch ((enum exchange_state)exchange->state) {
    case EXCHANGE_UNSENT: // cannot happen: nobody has seen the ActionID yet, and it is not guessable
    case EXCHANGE_WAITING:
        take_first(servers, exchange, message);
        return;
    case EXCHANGE_LISTING:
        take_break(servers, exchange, message, from);
        return;
    case EXCHANGE_DONE:
        if (late_takes(exchange, message))
            give_late(servers, exchange, message);
        else
            answers_drop(exchange, message, from);
        answers_let_go(servers, exchange);
        return;
    case EXCHANGE_GIVEN_UP:
        exchange->in_list = exchange->in_list || opens_list(exchange, message);
        message_unref(message);
        return;
    }
}

void answers_text(struct servers *servers, struct exchange *exchange, struct message *message)
{
    answers_pass(servers, exchange);
    exchange->answered = false; // more text may follow
    if (exchange->state != EXCHANGE_WAITING) {
        message_unref(message);
        return;
    }
    if (exchange->text != NULL)
        give_next(servers, exchange, exchange->text, false);
    exchange->text = answers_as_text(exchange, message);
}

/** Is the event the last of the exchange's list? */
static bool ends_list(const struct exchange *exchange, const struct message *event)
{
    struct span list, name = message_name(event);
    bool tells_by_name = exchange->implicit || message_action_id(event).length == 0;

    if (message_peek(event, "EventList", &list) && (span_is(list, "Complete") || span_is(list, "Cancelled")))
        return true;
    if (exchange->info != NULL && exchange->info->completion != NULL && span_is(name, exchange->info->completion))
        return true;
    if (!tells_by_name)
        return false;
    if (exchange->info != NULL && exchange->info->shape == ANSWER_EVENT)
        return span_is(name, exchange->info->name);
    return catalogue_ends_list(name);
}

/** Passes on an event that the action raised and that other sessions may see, too (UserEvent …). */
static void give_event(struct servers *servers, struct exchange *exchange, struct message *message, struct server *from)
{
    server_give_event(from, message, exchange->ask, false);
    late_note_raised(exchange);
    answers_let_go(servers, exchange);
}

/** Takes an item of the list, or its end. */
static void take_item(struct servers *servers, struct exchange *exchange, struct message *message)
{
    bool last = ends_list(exchange, message);

    exchange->items += !last;
    exchange->in_list = !last;
    if (exchange->broken_list)
        exchange->deadline_ms = clock_ms() + BROKEN_LIST_MS;
    if (!last)
        items_note(exchange, message);
    give_next(servers, exchange, message, last);
    if (!last)
        return;
    answers_finish(servers, exchange, AMP_REASON_NONE);
    answers_let_go(servers, exchange);
}

/** Handles an OriginateResponse: an asynchronous Originate is followed by exactly one. */
static void take_originated(struct servers *servers, struct exchange *exchange, struct message *message,
                            struct server *from)
{
    if (exchange->originated) {
        answers_drop(exchange, message, from);
        return;
    }
    exchange->originated = true;
    give_late(servers, exchange, message);
    if (exchange->state >= EXCHANGE_DONE)
        exchange_destroy(&servers->exchanges, exchange);
}

void answers_event(struct servers *servers, struct exchange *exchange, struct message *message, struct server *from)
{
    struct span name = message_name(message);
    bool is_broadcast = message->has_privilege;

    if (exchange->state == EXCHANGE_GIVEN_UP && !is_broadcast) {
        exchange->in_list = exchange->in_list && !ends_list(exchange, message);
        message_unref(message);
    } else if (span_is(name, "OriginateResponse")) {
        take_originated(servers, exchange, message, from);
    } else if (exchange->state == EXCHANGE_LISTING && !span_is(name, "UserEvent")) {
        take_item(servers, exchange, message);
    } else if (is_broadcast) {
        give_event(servers, exchange, message, from);
    } else if (exchange->state == EXCHANGE_WAITING) {
        give_next(servers, exchange, message, false);
    } else if (late_takes(exchange, message)) {
        give_late(servers, exchange, message);
        answers_let_go(servers, exchange);
    } else {
        answers_drop(exchange, message, from);
    }
}

void answers_fail(struct servers *servers, struct exchange *exchange, const char *server, enum amp_reason reason,
                  const char *text)
{
    struct message_builder builder;

    if (exchange->state >= EXCHANGE_DONE)
        return;
    if (exchange->state == EXCHANGE_LISTING) {
        answers_complete(servers, exchange, server, "Cancelled", reason);
    } else {
        if (exchange->text != NULL)
            give_next(servers, exchange, exchange->text, false);
        exchange->text = NULL;
        message_builder_init(&builder);
        message_addf(&builder, "Response", "Error");
        message_addf(&builder, "Message", "%s", text);
        message_addf(&builder, "Server", "%s", server);
        answers_give(
            servers, exchange,
            (struct answer_part){.message = message_build(&builder), .final = true, .reason = (uint8_t)reason});
        answers_finish(servers, exchange, reason);
    }
    exchange_enter(&servers->exchanges, exchange, EXCHANGE_GIVEN_UP, servers->config->limits.exchange_timeout_ms);
}

void answers_cut(struct servers *servers, struct exchange *exchange, const char *server)
{
    answers_complete(servers, exchange, server, "Cancelled", AMP_REASON_NONE);
    answers_let_go(servers, exchange);
}

void answers_refuse(struct servers *servers, struct ask *ask, enum amp_reason reason, const char *format, ...)
{
    struct message_builder builder;
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    message_builder_init(&builder);
    message_addf(&builder, "Response", "Error");
    message_addf(&builder, "Message", "%s", text);
    servers->output.answer(
        servers->output.context,
        (struct answer_part){.message = message_build(&builder), .final = true, .reason = (uint8_t)reason}, ask);
}
