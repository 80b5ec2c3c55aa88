// core/hub/cluster_out.c: what an owner publishes: events to all nodes, answers to the one that asked. What belongs
// together and comes in one turn of the loop is one message on the bus, in the order in which it came.
#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "base/memory.h"
#include "server/role.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void add_length(struct outgoing *out, uint32_t length)
{
    if (out->lengths_room - out->lengths_used < 16) {
        out->lengths_room = out->lengths_room * 2 + 256;
        out->lengths = memory_grow(out->lengths, out->lengths_room);
    }
    out->lengths_used +=
        (size_t)snprintf(out->lengths + out->lengths_used, 16, "%s%" PRIu32, out->lengths_used > 0 ? " " : "", length);
}

void outgoing_add(struct outgoing *out, struct message *message, const struct span *id)
{
    struct span pieces[MESSAGE_SPLICE_PIECES];
    size_t length = message->byte_count;
    int count;

    if (out->body == NULL)
        out->body = bus_body_create();
    if (id == NULL) {
        bus_body_add(out->body, message_ref(message));
    } else {
        count = message_splice_action_id(message, id, pieces);
        length = 0;
        for (int i = 0; i < count; i++) {
            bus_body_add_bytes(out->body, pieces[i]);
            length += pieces[i].length;
        }
    }
    add_length(out, (uint32_t)length);
    out->count++;
}

struct bus_body *outgoing_take(struct outgoing *out, struct message_builder *head)
{
    struct bus_body *body = out->body;

    if (body != NULL)
        bus_body_add_bytes(body, (struct span){out->lengths, out->lengths_used});
    message_addf(head, "Index", "%zu", out->lengths_used);
    out->body = NULL;
    out->lengths_used = 0;
    out->count = 0;
    return body;
}

/** May this node publish events of the server now? Else others fetch them from the ring later. */
static bool may_publish(struct shared_server *shared)
{
    return shared->claim != 0 && ownership_may_publish(shared->cluster->ownership, clock_ms());
}

static void flush_events(struct shared_server *shared)
{
    struct outgoing *out = &shared->out;
    struct message_builder head;
    struct bus_body *body;

    cluster_begin_head(shared->cluster, &head);
    message_addf(&head, "Epoch", "%" PRIu64, shared->claim);
    message_addf(&head, "First", "%" PRIu64, out->first);
    if (shared->claim == shared->owned->claim)
        ownership_offered(shared->owned, out->first + out->count - 1);
    body = outgoing_take(out, &head);
    if (!may_publish(shared)) {
        message_builder_fini(&head);
        bus_body_destroy(body);
        return;
    }
    cluster_publish(shared, SUBJECT_EV, NULL, BUS_PLAIN, &head, body);
}

/** Parts of an answer, of which `last` is told what it is; NULL: it is as all before it. */
struct long_answer {
    struct shared_server *shared;
    const struct answer_part *last;
};

static void begin_answer(void *context, struct message_builder *head)
{
    const struct long_answer *answer = context;
    const struct answer_part *last = answer->last;

    cluster_begin_head(answer->shared->cluster, head);
    if (last == NULL)
        return;
    message_addf(head, "Kind", "%s", last->kind == ANSWER_PART_LATE ? "late" : "turn");
    message_addf(head, "Final", "%d", last->final);
    message_addf(head, "Reason", "%d", last->reason);
    message_addf(head, "Own", "%d", !last->message->from_server);
}

/** Sends the parts of an answer that were collected. @param last  the last one of them; NULL: it is as all before it */
static void flush_answers(struct shared_server *shared, const struct answer_part *last)
{
    struct outgoing *out = &shared->out;
    struct ask *ask = out->ask;
    struct long_answer answer = {shared, last};
    struct message_builder head;
    struct bus_body *body;

    begin_answer(&answer, &head);
    body = outgoing_take(out, &head);
    out->ask = NULL;
    bus_publish(shared->cluster->bus, BUS_IMPORTANT, ask->reply, NULL, message_build(&head), body);
    ask_unref(ask);
}

void out_flush(struct shared_server *shared)
{
    if (shared->out.body == NULL)
        return;
    if (shared->out.ask != NULL)
        flush_answers(shared, NULL);
    else
        flush_events(shared);
}

/** The heads of an event that travels in parts. */
struct long_event {
    struct shared_server *shared;
    uint64_t epoch, number;
};

static void begin_event(void *context, struct message_builder *head)
{
    const struct long_event *event = context;

    cluster_begin_head(event->shared->cluster, head);
    message_addf(head, "Epoch", "%" PRIu64, event->epoch);
    message_addf(head, "First", "%" PRIu64, event->number);
}

void out_long_event(struct shared_server *shared, const char *subject, struct message *message, uint64_t epoch,
                    uint64_t number)
{
    struct long_event event = {shared, epoch, number};

    parts_publish(shared->cluster, subject, message, NULL, begin_event, &event);
}

void cluster_offer(void *record, struct message *message, uint64_t number)
{
    struct shared_server *shared = record;
    struct outgoing *out = &shared->out;

    if (out->ask != NULL ||
        (out->body != NULL && bus_body_length(out->body) + message->byte_count > CLUSTER_BATCH_BYTES))
        out_flush(shared);
    if (parts_are_needed(message) && may_publish(shared)) {
        char subject[SUBJECT_BYTES];
        out_flush(shared);
        subject_write(SUBJECT_EV, shared->cluster->name, span_of(shared->key), subject);
        out_long_event(shared, subject, message, shared->claim, number);
        ownership_offered(shared->owned, number);
        return;
    }
    if (out->body == NULL)
        out->first = number;
    outgoing_add(out, message, NULL);
    cluster_want_flush(shared);
}

void out_add_answer(struct shared_server *shared, const struct answer_part *part, struct ask *ask)
{
    struct outgoing *out = &shared->out;
    struct span id = message_action_id(ask->action);
    bool is_plain = part->kind == ANSWER_PART_IN_TURN && !part->final && part->message->from_server;

    if (out->ask != ask || !part->message->from_server ||
        (out->body != NULL && bus_body_length(out->body) + part->message->byte_count > CLUSTER_BATCH_BYTES))
        out_flush(shared);
    if (parts_are_needed(part->message)) {
        struct long_answer answer = {shared, part};
        out_flush(shared);
        parts_publish(shared->cluster, ask->reply, part->message, &id, begin_answer, &answer);
        return;
    }
    if (out->ask == NULL)
        out->ask = ask_ref(ask);
    outgoing_add(out, part->message, &id);
    if (is_plain)
        cluster_want_flush(shared);
    else
        flush_answers(shared, part);
}
