// core/server/answers_told.c: parts of answers that another node has received from the server, and found out what they
// are; see answers.h.
#include "server/answers_inside.h"

#include "server/late.h"
#include "server/server.h"

void answers_raised(struct servers *servers, struct exchange *exchange, struct message *message)
{
    servers->output.event(servers->output.context, message, exchange->ask, false);
    late_note_raised(exchange);
    answers_let_go(servers, exchange);
}

/** Notes what a part in turn shows of an answer. */
static void note_part(struct servers *servers, struct exchange *exchange, const struct answer_part *part)
{
    bool is_response = part->message->kind == MESSAGE_RESPONSE;

    if (part->final) {
        exchange->async = exchange->async && is_response && span_is(message_name(part->message), "Success");
    } else if (exchange->state == EXCHANGE_LISTING) {
        exchange->items += !is_response;
        exchange->broken_list = exchange->broken_list || is_response;
    } else if (is_response && !answers_is_text(exchange)) {
        exchange->listed = true;
        exchange_enter(&servers->exchanges, exchange, EXCHANGE_LISTING, answers_left_ms(exchange));
    }
}

void answers_part(struct servers *servers, struct exchange *exchange, struct answer_part part, bool over)
{
    bool is_late = part.kind == ANSWER_PART_LATE;

    if (exchange->state == EXCHANGE_GIVEN_UP || (!is_late && exchange->state == EXCHANGE_DONE)) {
        message_unref(part.message);
        return;
    }
    if (part.message->kind == MESSAGE_OTHER && answers_is_text(exchange) && exchange->lane != NULL)
        part.message = answers_as_text(exchange, part.message);
    if (is_late)
        exchange->originated = exchange->originated || span_is(message_name(part.message), "OriginateResponse");
    else
        note_part(servers, exchange, &part);
    answers_give(servers, exchange, part);
    if (!is_late && part.final)
        answers_finish(servers, exchange, (enum amp_reason)part.reason);
    if (over && exchange->state == EXCHANGE_DONE)
        exchange_destroy(&servers->exchanges, exchange);
    else
        answers_let_go(servers, exchange);
}
