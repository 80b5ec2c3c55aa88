// core/server/late.c: see late.h. Asterisk answers each action once, except those in the table below.
#include "server/late.h"

#include <inttypes.h>
#include <stdlib.h>

#define EVENTS_MOST 10000 // events after the answer if it may be a list without EventList headers

// Actions with more than one response, with an event after it, or with a broadcast event that carries their ActionID:
// those of the catalogue that are `late`.
// Sources: res/res_xmpp.c manager_jabber_send; main/manager.c manager_moduleload (sends an Error for a missing argument
// and goes on, at most twice) and action_userevent; channels/chan_dahdi.c action_pridebugset; channels/chan_sip.c
// manager_sipqualifypeer; main/data.c manager_data_get (1.8 to 13).
static const struct late_row {
    const char *action;
    uint16_t responses, events;
    bool raises; // a broadcast event
} rows[] = {{"DataGet", 0, 1, false},     {"JabberSend", 1, 0, false},    {"ModuleLoad", 2, 0, false},
            {"PRIDebugSet", 1, 0, false}, {"SIPqualifypeer", 0, 0, true}, {"UserEvent", 0, 0, true}};

void late_begin(struct exchange *exchange)
{
    bool may_list = exchange->info == NULL || exchange->info->shape == ANSWER_LIST;

    exchange->late_responses = 0;
    exchange->late_events = may_list && !exchange->listed ? EVENTS_MOST : 0;
    exchange->late_raised = exchange->info == NULL; // any action may raise events
    for (size_t i = 0; exchange->info != NULL && exchange->info->late && i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(exchange->info->name, rows[i].action) == 0) {
            exchange->late_responses = rows[i].responses;
            exchange->late_events = rows[i].events;
            exchange->late_raised = rows[i].raises && !exchange->raised;
        }
    }
}

bool late_is_over(const struct exchange *exchange)
{
    bool is_called = exchange->async && !exchange->originated;

    return !is_called && exchange->late_responses == 0 && exchange->late_events == 0 && !exchange->late_raised;
}

void late_note_raised(struct exchange *exchange)
{
    exchange->raised = true;
    exchange->late_raised = exchange->late_raised && exchange->info == NULL;
}

bool late_takes(struct exchange *exchange, const struct message *message)
{
    bool is_response = message->kind == MESSAGE_RESPONSE;
    uint16_t *left = is_response ? &exchange->late_responses : &exchange->late_events;

    if (*left == 0)
        return false;
    --*left;
    if (!is_response && catalogue_ends_list(message_name(message)))
        exchange->late_events = 0;
    return true;
}

static void late_tell(const struct message *message, uint64_t session, const struct log_context *log)
{
    char quoted[120];

    log_info(log, "message dropped reason=\"the action was answered before\" first=%s session=%" PRIu64,
             log_quote(quoted, sizeof quoted, message_name(message)), session);
}

void late_drop(struct exchange *exchange, struct message *message, struct metrics_server *metrics,
               const struct log_context *log)
{
    metric_add(&metrics->dropped[METRICS_DROP_LATE], 1);
    if (!exchange->late_told)
        late_tell(message, exchange->ask != NULL ? exchange->ask->session_id : 0, log);
    exchange->late_told = true;
    message_unref(message);
}

void late_drop_gone(struct exchanges *exchanges, struct message *message, struct metrics_server *metrics,
                    const struct log_context *log)
{
    struct span id = message_action_id(message);
    uint32_t told = exchange_hash(id);

    metric_add(&metrics->dropped[METRICS_DROP_LATE], 1);
    if (told != exchanges->late_told)
        late_tell(message, strtoull(id.bytes + strlen("amp"), NULL, 10), log); // its digits end in a '-'
    exchanges->late_told = told;
    message_unref(message);
}
