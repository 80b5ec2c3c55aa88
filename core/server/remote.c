// core/server/remote.c: a server that another node owns; see role.h.
#include "server/role.h"

#include "ami/privileges.h"
#include "base/clock.h"
#include "server/answers.h"
#include "server/merge.h"
#include "server/server.h"

#include <stdio.h>

#define REMOTE_MARGIN_MS 2000 // for the way to the owner and back, beyond the time limits there

// --- actions ----------------------------------------------------------------------------------------------------

void remote_send(struct server *server, struct ask *ask, struct merge *merge)
{
    struct servers *servers = server->servers;
    struct role *role = server->role;
    struct exchange *exchange = exchange_create(&servers->exchanges, ask, PURPOSE_ASK);
    struct remote_action action = {.number = exchange_number(exchange),
                                   .write = ask->write,
                                   .slow = ask->slow,
                                   .alone = ask->alone,
                                   .passes = ask->of_bus ? ask->passes + 1U : 0};

    exchange->merge = merge == NULL ? NULL : merge_ref(merge);
    exchange->sent_us = clock_us();
    exchange->answered = true; // nothing that comes on this lane is an answer just because it comes next
    lane_link(&role->afar, exchange);
    exchange_enter(&servers->exchanges, exchange, EXCHANGE_WAITING,
                   server_limit_ms(servers, exchange) + servers->config->limits.queue_timeout_ms + REMOTE_MARGIN_MS);
    metric_add(&server->metrics->actions, 1);
    role->out.length = 0;
    writer_wire(&role->out, ask->action, (struct span){exchange->id, exchange->id_length});
    action.wire = (struct span){role->out.bytes, role->out.length};
    metric_add(&server->metrics->sent_bytes, role->out.length);
    exchange->owner = servers->output.bus->act(role->record, &action);
    if (exchange->owner == 0)
        remote_refuse(servers, action.number);
}

/** Returns the exchange of that number that is with an owner; NULL: there is none. */
static struct exchange *find_afar(const struct servers *servers, uint64_t number)
{
    struct exchange *exchange = exchange_find_number(&servers->exchanges, number);

    return exchange != NULL && exchange->purpose == PURPOSE_ASK && exchange->lane != NULL &&
                   exchange->lane->server->role != NULL && exchange->lane == &exchange->lane->server->role->afar
               ? exchange
               : NULL;
}

void remote_take_answer(struct servers *servers, uint64_t number, struct answer_part part, bool over)
{
    struct exchange *exchange = find_afar(servers, number);

    if (exchange == NULL) {
        message_unref(part.message);
        return;
    }
    exchange->lane->heard_us = clock_us();
    metric_add(&exchange->lane->server->metrics->responses, part.message->kind == MESSAGE_RESPONSE);
    answers_part(servers, exchange, part, over);
}

void remote_refuse(struct servers *servers, uint64_t number)
{
    struct exchange *exchange = find_afar(servers, number);
    char text[200];

    if (exchange == NULL)
        return;
    snprintf(text, sizeof text, "No node serves %.80s: the action was not sent", exchange->lane->server->config->name);
    answers_fail(servers, exchange, exchange->lane->server->config->name, AMP_REASON_NO_SERVER, text);
    exchange_destroy(&servers->exchanges, exchange);
}

size_t remote_list_old(const struct server *server, uint32_t process, uint64_t age_ms, uint64_t *numbers, size_t most)
{
    uint64_t before_us = clock_us() - age_ms * 1000;
    size_t count = 0;

    for (const struct exchange *exchange = exchange_first(&server->role->afar.exchanges);
         exchange != NULL && count < most; exchange = exchange_next(exchange)) {
        if (exchange->owner == process && exchange->state <= EXCHANGE_LISTING && exchange->sent_us < before_us)
            numbers[count++] = exchange_number(exchange);
    }
    return count;
}

void remote_doubt(struct servers *servers, uint64_t number, uint32_t process)
{
    struct exchange *exchange = find_afar(servers, number);
    char text[200];

    if (exchange == NULL || exchange->owner != process || exchange->state > EXCHANGE_LISTING)
        return;
    if (!exchange->doubted) {
        exchange->doubted = true;
        return;
    }
    snprintf(text, sizeof text, "The answer of %.80s was lost on the bus: the action may have been executed",
             exchange->lane->server->config->name);
    answers_fail(servers, exchange, exchange->lane->server->config->name, AMP_REASON_LOST, text);
    exchange_destroy(&servers->exchanges, exchange);
}

void remote_tick(struct server *server)
{
    const struct servers_bus *bus = server->servers->output.bus;
    struct exchange *exchange = exchange_first(&server->role->afar.exchanges);

    for (; exchange != NULL; exchange = exchange_next(exchange)) {
        if (exchange->withdrawn || exchange->state > EXCHANGE_LISTING || exchange->ask->share != NULL ||
            ask_withdrawal(exchange->ask) == ASK_WANTED)
            continue;
        exchange->withdrawn = true;
        bus->withdraw(server->role->record, exchange_number(exchange), exchange->owner,
                      ask_withdrawal(exchange->ask) == ASK_DENIED);
    }
    metric_set(&server->metrics->in_flight, server->role->afar.unanswered);
}

// --- the server -------------------------------------------------------------------------------------------------

void remote_fail(struct server *server, bool (*is_gone)(void *context, uint32_t process), void *context,
                 const char *reason)
{
    struct servers *servers = server->servers;
    struct exchange *next;
    char text[320];

    snprintf(text, sizeof text, "Server %.80s was lost: %.120s; the action may have been executed",
             server->config->name, reason);
    for (struct exchange *exchange = exchange_first(&server->role->afar.exchanges); exchange != NULL; exchange = next) {
        next = exchange_next(exchange);
        if (!is_gone(context, exchange->owner))
            continue;
        answers_fail(servers, exchange, server->config->name, AMP_REASON_LOST, text);
        exchange_destroy(&servers->exchanges, exchange);
    }
}

void remote_lose(struct server *server, const char *reason)
{
    struct role *role = server->role;
    bool was_up = role->up;

    role->up = false;
    if (was_up && !role_is_own(server))
        metric_set(&server->metrics->up, 0);
    server_fail_exchanges(&role->afar, reason);
    if (was_up && !role_is_own(server))
        server_tell_down(server, reason);
}

static void take_actions(struct server *server, const struct message *answer)
{
    struct privileges *fresh = privileges_parse(answer);

    if (fresh == NULL)
        return;
    privileges_unref(server->privileges);
    server->privileges = fresh;
}

void remote_take_facts(struct server *server, const struct remote_facts *facts)
{
    struct role *role = server->role;
    bool comes = facts->up && !role->up;

    snprintf(role->node, sizeof role->node, "%s", facts->node);
    if (!facts->up) {
        remote_lose(server, facts->reason != NULL ? facts->reason : "unknown");
        servers_tell_state(server->servers);
        return;
    }
    snprintf(server->banner, sizeof server->banner, "%s", facts->banner);
    snprintf(server->address, sizeof server->address, "%s", facts->address);
    server->boot_known = facts->boot_known;
    server->boot_ms = facts->boot_ms;
    server->reload_ms = facts->reload_ms;
    if (facts->actions != NULL)
        take_actions(server, facts->actions);
    role->up = true;
    if (comes)
        server_tell_up(server);
    else
        servers_tell_state(server->servers);
}

void remote_hold_event(struct server *server, struct message *message, bool keep)
{
    if (server->role->seam_use == SEAM_YIELD)
        seam_hold(&server->role->seam, message, keep, clock_ms());
    message_unref(message);
}

void remote_take_event(struct server *server, struct message *message)
{
    struct servers *servers = server->servers;
    struct span id = message_action_id(message);
    struct exchange *exchange = id.length == 0 ? NULL : exchange_find(&servers->exchanges, id);

    struct role *role = server->role;

    message->from_afar = true; // may be set, as nobody else has a reference yet
    metric_add(&server->metrics->events, 1);
    metric_add(&server->metrics->received_bytes, message->byte_count);
    offer_add(&role->offer, message, server->servers->output.bus->ring, clock_ms());
    role->unheard = 0; // the owner serves
    if (!seam_side_is_empty(&role->after) && seam_side_skips(&role->after, message, clock_ms())) {
        message_unref(message); // clients have got it
        return;
    }
    if (role->seam_use == SEAM_STANDBY)
        seam_give(&role->seam, message, clock_ms());
    if (exchange != NULL && exchange->purpose == PURPOSE_ASK)
        answers_raised(servers, exchange, message);
    else
        server_pass_event(server, message);
}
