// core/hub/cluster_ask.c: actions between the nodes: this one asks the owner of a server, or is asked as the owner.
#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "letters/letters.h"
#include "server/server.h"
#include "session/access/audited.h"

#include <inttypes.h>
#include <stdlib.h>

#define PASSES_MOST 4 // two nodes that take each other for the owner do not pass an action on for ever

// --- this node asks -------------------------------------------------------------------------------------------------

/** Returns the process that actions for a server are sent to: its owner; while none is known, the process that the
 *  server was given to, else the last owner, which passes them on. 0: there is none. */
static uint64_t executor_of(const struct shared_server *shared)
{
    const struct owned *owned = shared->owned;

    if (owned->source == SOURCE_BUS)
        return owned->follow_boot; // its stream may not be followed yet
    return owned->source == SOURCE_SOON && owned->heir_boot != 0 ? owned->heir_boot : shared->stream.boot;
}

bool cluster_send_action(struct shared_server *shared, uint64_t boot, const char *reply, struct message_builder *head,
                         struct bus_body *body)
{
    const struct hub_cluster *cluster = shared->cluster;
    char subject[SUBJECT_BYTES];

    if (subject_write_action(cluster->name, span_of(shared->key), boot, subject) == 0) {
        message_builder_fini(head);
        bus_body_destroy(body);
        return false;
    }
    return bus_publish(cluster->bus, BUS_PLAIN, subject, reply, message_build(head), body);
}

uint32_t cluster_act(void *record, const struct remote_action *action)
{
    struct shared_server *shared = record;
    struct hub_cluster *cluster = shared->cluster;
    struct bus_body *body;
    struct message_builder head;
    char reply[SUBJECT_BYTES];
    uint64_t boot = executor_of(shared);

    if (!cluster->is_up || boot == 0)
        return 0;
    cluster_request(cluster, action->number, reply);
    cluster_begin_head(cluster, &head);
    message_addf(&head, "Write", "%" PRIx32, action->write);
    message_addf(&head, "Slow", "%d", action->slow);
    message_addf(&head, "Alone", "%d", action->alone);
    message_addf(&head, "Passed", "%u", action->passes);
    body = bus_body_create();
    bus_body_add_bytes(body, action->wire);
    return cluster_send_action(shared, boot, reply, &head, body) ? (uint32_t)boot : 0;
}

void cluster_withdraw(void *record, uint64_t number, uint32_t process, bool denied)
{
    struct shared_server *shared = record;
    uint64_t boot = cluster_boot_of(shared->cluster, process);
    struct message_builder head;
    char reply[SUBJECT_BYTES];

    if (boot == 0)
        return; // it is gone
    cluster_request(shared->cluster, number, reply);
    cluster_begin_head(shared->cluster, &head);
    message_addf(&head, "For", "%s", reply);
    message_addf(&head, "Denied", "%d", denied);
    cluster_send_action(shared, boot, NULL, &head, NULL);
}

/** Reads what a part of an answer is. */
static void read_kind(const struct bus_letter *letter, struct answer_part *part)
{
    struct span kind;

    if (message_find(letter->head, "Kind", &kind) && span_is(kind, "late"))
        part->kind = ANSWER_PART_LATE;
    part->final = cluster_number(letter->head, "Final", 10) == 1;
    part->reason = (uint8_t)cluster_number(letter->head, "Reason", 10);
}

static void incoming_end(struct hub_cluster *cluster, struct incoming *incoming)
{
    list_remove(&cluster->incoming, &incoming->entry);
    parts_clear(&incoming->parts);
    free(incoming);
}

void cluster_forget_answers(struct hub_cluster *cluster)
{
    while (cluster->incoming.first != NULL)
        incoming_end(cluster, LIST_OBJECT(cluster->incoming.first, struct incoming, entry));
}

/** Returns the long message that the process sends; a new one if this is its first part. Forgets what can never become
 *  whole: an earlier message of this process, and those of processes that are gone. @return NULL: the process is not
 *  alive */
static struct incoming *incoming_of(struct hub_cluster *cluster, uint64_t boot, uint64_t number)
{
    struct incoming *incoming = LIST_FIRST(&cluster->incoming, struct incoming, entry), *next;

    for (; incoming != NULL; incoming = next) {
        next = LIST_NEXT(incoming, struct incoming, entry);
        if (incoming->boot == boot && incoming->number == number)
            return incoming;
        if (incoming->boot == boot || cluster_beat_of(cluster, incoming->boot) == NULL)
            incoming_end(cluster, incoming);
    }
    if (cluster_beat_of(cluster, boot) == NULL)
        return NULL;
    incoming = memory_zero(1, sizeof *incoming);
    incoming->boot = boot;
    incoming->number = number;
    list_add_last(&cluster->incoming, &incoming->entry);
    return incoming;
}

/** Handles a part of a long message of an answer, which is given when it is whole. Parts of several processes come at
 *  the same time. */
static void take_long_answer(struct hub_cluster *cluster, uint64_t number, const struct bus_letter *letter)
{
    struct incoming *incoming = incoming_of(cluster, cluster_number(letter->head, "Boot", 16), number);
    struct answer_part part = {.message = NULL};
    struct span whole;

    if (incoming == NULL)
        return;
    if (parts_add(&incoming->parts, letter, &whole))
        part.message = reread_message(cluster->reread, whole, cluster_number(letter->head, "Own", 10) != 1);
    else if (incoming->parts.count > 0)
        return; // more are to come
    incoming_end(cluster, incoming);
    read_kind(letter, &part);
    if (part.message != NULL)
        remote_take_answer(cluster->hub->servers, number, part, false);
}

void cluster_take_answer(struct hub_cluster *cluster, uint64_t number, const struct bus_letter *letter)
{
    struct parcel parcel = parcel_of(letter);
    struct span wire, kind = {NULL, 0};
    bool own;

    if (letter->no_responders) {
        remote_refuse(cluster->hub->servers, number);
        return;
    }
    if (letter->head == NULL)
        return;
    if (parts_has(letter)) {
        take_long_answer(cluster, number, letter);
        return;
    }
    message_find(letter->head, "Kind", &kind);
    own = cluster_number(letter->head, "Own", 10) == 1;
    while (parcel_next(&parcel, &wire)) {
        bool is_last = parcel.lengths.length == 0 && kind.length > 0;
        struct answer_part part = {.message = reread_message(cluster->reread, wire, !(own && is_last))};
        if (part.message == NULL)
            return;
        if (is_last)
            read_kind(letter, &part);
        remote_take_answer(cluster->hub->servers, number, part, false);
    }
}

// --- this node is asked ---------------------------------------------------------------------------------------------

/** Returns a number by which the asking session is told from others, of this node and of others: each has a line of its
 *  own in the queue. */
static uint64_t session_of(const struct bus_letter *letter, const struct message *action)
{
    struct span node = {NULL, 0}, id = message_action_id(action);
    uint64_t number = 0;

    message_find(letter->head, "Boot", &node);
    for (size_t i = 3; i < id.length && id.bytes[i] >= '0' && id.bytes[i] <= '9'; i++)
        number = number * 10 + (uint64_t)(id.bytes[i] - '0');
    return (hash_span(0, node) << 32) | (number & UINT32_MAX);
}

/** Begins the record of the action, with the node that sends it; the user is recorded there. */
static void begin_record(const struct hub_cluster *cluster, struct ask *ask)
{
    char node[SUBJECT_NAME_BYTES + 1];
    struct subject reply;

    ask->audit = audited_begin(NULL, ask->action, span_of(ask->server), NULL);
    if (ask->audit != NULL && subject_parse(span_of(ask->reply), cluster->name, &reply) == NULL &&
        subject_decode(reply.key, false, node) > 0)
        audit_text(ask->audit, "node", span_of(node));
}

static void refuse_ask(struct shared_server *shared, struct ask *ask)
{
    struct message_builder builder;
    struct answer_part part = {.final = true, .reason = AMP_REASON_NO_SERVER};

    message_builder_init(&builder);
    message_addf(&builder, "Response", "Error");
    message_addf(&builder, "Message", "No node serves %s: the action was not sent", shared->server->config->name);
    message_addf(&builder, "Server", "%s", shared->server->config->name);
    part.message = message_build(&builder);
    hub_cluster_answer(shared->cluster, &part, ask);
    message_unref(part.message);
}

static void take_withdrawal(struct hub_cluster *cluster, const struct bus_letter *letter)
{
    struct span subject;

    if (message_find(letter->head, "For", &subject))
        servers_withdraw(cluster->hub->servers, subject, cluster_number(letter->head, "Denied", 10) == 1);
}

void cluster_take_action(struct shared_server *shared, const struct bus_letter *letter)
{
    struct hub_cluster *cluster = shared->cluster;
    struct message *action;
    struct ask *ask;
    uint64_t passes = cluster_number(letter->head, "Passed", 10);

    if (letter->reply == NULL) {
        take_withdrawal(cluster, letter);
        return;
    }
    if (cluster_number(letter->head, "Still", 10) == 1) {
        still_answer(shared, letter);
        return;
    }
    action = reread_message(cluster->reread, letter->body, false);
    if (action == NULL || action->kind != MESSAGE_ACTION) {
        message_unref(action);
        return; // not of a node
    }
    ask = ask_create(action, shared->server->config->name);
    ask->of_bus = ask->server_named = true;
    ask->reply = memory_text(letter->reply);
    ask->worker = UINT32_MAX;
    ask->write = (uint32_t)cluster_number(letter->head, "Write", 16);
    ask->slow = cluster_number(letter->head, "Slow", 10) == 1;
    ask->alone = cluster_number(letter->head, "Alone", 10) == 1;
    ask->session_id = session_of(letter, action);
    begin_record(cluster, ask);
    still_note(cluster, ask->reply);
    ask->passes = passes < PASSES_MOST ? (uint8_t)passes : PASSES_MOST;
    if (passes >= PASSES_MOST && !role_is_own(shared->server) && !role_may_execute(shared->server))
        refuse_ask(shared, ask);
    else
        hub_take_ask(cluster->hub, ask);
    ask_unref(ask);
    message_unref(action);
}
