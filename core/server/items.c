// core/server/items.c: see items.h.
#include "server/items.h"

#include "base/metrics.h"
#include "server/server.h"

/** Would answers.c do nothing with an item but count it and pass it on to the asker? */
static bool is_simple(const struct exchange *exchange)
{
    const struct ask *ask = exchange->ask;

    return exchange->state == EXCHANGE_LISTING && ask->takes_items && ask->share == NULL && exchange->merge == NULL &&
           !exchange->broken_list;
}

void items_note(struct exchange *exchange, const struct message *item)
{
    struct span name = message_name(item);

    // receive.c must see each FullyBooted.
    if (exchange->lane == NULL || !is_simple(exchange) || name.length > PARSER_ITEM_NAME ||
        message_action_id(item).length == 0 || span_is(name, "FullyBooted"))
        return;
    struct listing *listing = &exchange->lane->listing;
    listing->exchange = exchange;
    listing->length = name.length;
    memcpy(listing->name, name.bytes, name.length);
}

bool items_take(struct lane *lane)
{
    struct servers *servers = lane->server->servers;
    struct exchange *exchange = lane->listing.exchange;
    const struct parser_form form = {.name = {lane->listing.name, lane->listing.length},
                                     .id = {exchange->id, exchange->id_length},
                                     .shown = message_action_id(exchange->ask->action)};
    struct parser_items items;

    if (!is_simple(exchange) || !parser_items(lane->parser, &form, &items))
        return false;
    metric_add(&lane->server->metrics->events, items.count);
    exchange->items += items.count;
    servers->output.answer(
        servers->output.context,
        (struct answer_part){.message = items.message, .items = (uint8_t)items.count, .longest = items.longest},
        exchange->ask);
    return true;
}
