// core/hub/outbox.c: what comes from the servers goes to the workers: one batch for each worker and turn of the loop.
// A single worker, which runs on the hub's loop, gets it in portions meanwhile.
#include "hub/inside.h"

#include "base/memory.h"
#include "hub/cluster.h"
#include "hub/figures.h"
#include "hub/handover.h"
#include "letters/letters.h"

#include <event2/event.h>
#include <stdlib.h>

/** Returns the worker's batch, which is sent at the end of the loop's turn: all messages of one read are one letter. */
static struct batch *batch_for(struct hub *hub, uint32_t worker)
{
    if (hub->outboxes[worker].batch == NULL)
        hub->outboxes[worker].batch = batch_create();
    if (!hub->flush_pending) {
        hub->flush_pending = true;
        event_active(hub->flush, EV_TIMEOUT, 0);
    }
    return hub->outboxes[worker].batch;
}

void hub_send_batches(struct hub *hub)
{
    hub->flush_pending = false;
    if (hub->handover.state == HANDOVER_HOLDS)
        return;
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct batch *batch = hub->outboxes[i].batch;
        if (batch == NULL)
            continue;
        hub->outboxes[i].batch = NULL;
        batch->letter.kind = WORKER_BATCH;
        worker_send(hub->outboxes[i].worker, &batch->letter);
    }
}

void hub_on_portion(void *context)
{
    struct hub *hub = context;

    if (hub->worker_count != 1)
        return; // others begin at the end of the turn, woken once
    hub_send_batches(hub);
    worker_take_batches(hub->outboxes[0].worker);
}

/** Adds the entry to a worker's batch, with references of its own. */
static void add_entry(struct hub *hub, uint32_t worker, const struct entry *entry)
{
    message_ref(entry->part.message);
    if (entry->ask != NULL)
        ask_ref(entry->ask);
    batch_add(batch_for(hub, worker), entry);
}

/** Does the same, but passes on the caller's reference of the message. */
static void add_last_entry(struct hub *hub, uint32_t worker, const struct entry *entry)
{
    if (entry->ask != NULL)
        ask_ref(entry->ask);
    batch_add(batch_for(hub, worker), entry);
}

/** Asks a server that has come up for its channels, if a user's entry depends on them. */
static void ask_for_channels(struct hub *hub, const struct message *up)
{
    struct message_builder builder;
    struct message *action;
    struct ask *ask;
    struct span server;
    char *name;

    if (!config_follows_calls(hub->config) || !message_find(up, "Server", &server))
        return;
    message_builder_init(&builder);
    message_addf(&builder, "Action", "Status");
    action = message_build(&builder);
    name = memory_text_of(server.bytes, server.length);
    ask = ask_create(action, name);
    ask->of_hub = ask->server_named = true;
    ask->worker = UINT32_MAX;
    hub->channel_lists++;
    servers_ask(hub->servers, ask);
    ask_unref(ask);
    message_unref(action);
    free(name);
}

#define LETTER(letter) (UINT32_C(1) << (31 & (letter))) // the same bit for both cases

/** May the event concern the hub itself? Mostly false if it does not. */
static bool may_be_news(const struct message *event)
{
    struct span name = message_name(event);
    const uint32_t first = LETTER('r') | LETTER('l') | LETTER('u') | LETTER('f') | LETTER('s'); // those of on_news()

    return name.length > 0 && (first & LETTER((unsigned char)name.bytes[0])) != 0;
}

/** Handles an event that concerns the hub itself. */
static void on_news(struct hub *hub, const struct message *event)
{
    static const char *const changes[] = {"Reload", "Load", "Unload", "FullyBooted", "ServerUp", "ServerDown"};
    struct span name = message_name(event);

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (span_is(name, changes[i]))
            coalescer_forget(hub->coalescer);
    }
    if (!event->from_server && span_is(name, "ServerUp"))
        ask_for_channels(hub, event);
}

void hub_on_server_event(void *context, struct message *message, struct ask *ask, bool foreign_id)
{
    struct hub *hub = context;
    struct entry entry = {.part = {.message = message},
                          .ask = ask,
                          .serial = hub->last_serial + 1,
                          .kind = ENTRY_EVENT,
                          .foreign_id = foreign_id,
                          .passed_on = hub_note_heard(hub, message, hub->last_serial + 1)};

    hub->last_serial++;
    if (hub->pbx != NULL)
        figures_see(hub, message);
    struct message *news = may_be_news(message) ? message_ref(message) : NULL;
    for (uint32_t i = 1; i < hub->worker_count; i++)
        add_entry(hub, i, &entry);
    add_last_entry(hub, 0, &entry);
    if (news != NULL)
        on_news(hub, news);
    message_unref(news);
}

void hub_give_share(void *context, const struct answer_part *part, struct ask *ask)
{
    struct hub *hub = context;

    if (ask->of_bus) {
        hub_cluster_answer(hub->cluster, part, ask);
        return;
    }
    struct entry entry = {.part = *part, .ask = ask, .serial = ++hub->last_serial, .kind = ENTRY_ANSWER};

    add_entry(hub, ask->worker, &entry);
}

void hub_on_server_answer(void *context, struct answer_part part, struct ask *ask)
{
    struct hub *hub = context;

    if (ask->of_pbx) {
        figures_take(hub, &part);
        message_unref(part.message);
        return;
    }
    if (ask->of_handover) {
        hub_on_fence(hub, &part, ask);
        message_unref(part.message);
        return;
    }
    if (ask->of_bus) {
        if (part.kind == ANSWER_PART_IN_TURN)
            coalescer_answer(hub->coalescer, &part, ask);
        hub_cluster_answer(hub->cluster, &part, ask);
        message_unref(part.message);
        return;
    }
    hub->last_serial += part.items > 0 ? part.items : 1;
    struct entry entry = {
        .part = part, .ask = ask, .serial = hub->last_serial, .kind = ask->of_hub ? ENTRY_CHANNEL : ENTRY_ANSWER};

    if (part.kind == ANSWER_PART_IN_TURN && ask->of_hub && part.final)
        hub->channel_lists--;
    if (part.kind == ANSWER_PART_IN_TURN && !ask->of_hub)
        coalescer_answer(hub->coalescer, &part, ask);
    uint32_t last = ask->of_hub ? 0 : ask->worker;
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        if (i != last && (ask->of_hub || worker_is_promiscuous(hub->outboxes[i].worker)))
            add_entry(hub, i, &entry);
    }
    add_last_entry(hub, last, &entry);
}

void hub_on_servers_state(void *context, const struct servers_state *state)
{
    struct hub *hub = context;

    hub_send_batches(hub); // messages that arrived earlier are sent first
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct servers_state *copy = servers_state_copy(state);
        copy->letter = (struct letter){.kind = WORKER_SERVERS};
        worker_send(hub->outboxes[i].worker, &copy->letter);
    }
}
