// core/hub/cluster.c: see cluster.h. cluster_inside.h says what is on the bus.
#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "letters/letters.h"
#include "server/server.h"
#include "session/access/audited.h"

#include <event2/event.h>
#include <inttypes.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION "1" // of the protocol on the bus
#define TICK_MS 50L // how exact the times of duty_step() are

// --- the records of servers -----------------------------------------------------------------------------------------

struct shared_server *cluster_find(const struct hub_cluster *cluster, struct span key)
{
    return (struct shared_server *)(void *)map_find(&cluster->servers, 0, key);
}

static void *on_join(void *context, struct server *server)
{
    struct hub_cluster *cluster = context;
    struct shared_server *shared = memory_zero(1, sizeof *shared);
    size_t length = subject_encode(span_of(server->config->name), true, shared->key);

    shared->cluster = cluster;
    shared->server = server;
    stream_init(shared);
    list_add_last(&cluster->all, &shared->entry);
    map_add(&cluster->servers, &shared->node, 0, (struct span){shared->key, length});
    need_begin(shared, clock_ms());
    duty_add(shared);
    return shared;
}

static void on_leave(void *record)
{
    struct shared_server *shared = record;
    struct hub_cluster *cluster = shared->cluster;

    out_flush(shared);
    need_end(shared);
    stream_end(shared);
    await_end(shared, AWAIT_STILL);
    offer_clear(&shared->ended);
    map_remove(&cluster->servers, &shared->node);
    list_remove(&cluster->all, &shared->entry);
    list_remove(&cluster->to_flush, &shared->to_flush);
    duty_remove(shared);
    free(shared->out.lengths);
    free(shared);
}

// --- publishing -----------------------------------------------------------------------------------------------------

void cluster_begin_head(const struct hub_cluster *cluster, struct message_builder *head)
{
    message_builder_init(head);
    message_addf(head, "Amp", "%s", VERSION);
    message_addf(head, "Boot", "%016" PRIx64, cluster->boot);
}

bool cluster_publish(struct shared_server *shared, enum subject_kind kind, const char *reply, enum bus_weight weight,
                     struct message_builder *head, struct bus_body *body)
{
    const struct hub_cluster *cluster = shared->cluster;
    char subject[SUBJECT_BYTES];

    if (subject_write(kind, cluster->name, span_of(shared->key), subject) == 0) {
        message_builder_fini(head);
        bus_body_destroy(body);
        return false;
    }
    return bus_publish(cluster->bus, weight, subject, reply, message_build(head), body);
}

uint64_t cluster_request(struct hub_cluster *cluster, uint64_t number, char subject[SUBJECT_BYTES])
{
    if (number == 0)
        number = ++cluster->last_request;
    subject_write_reply(cluster->name, span_of(cluster->node), cluster->boot, number, subject);
    return number;
}

void cluster_flush(struct hub_cluster *cluster)
{
    struct list_node *node;

    while ((node = list_take_first(&cluster->to_flush)) != NULL) {
        struct shared_server *shared = LIST_OBJECT(node, struct shared_server, to_flush);
        out_flush(shared);
        if (shared->state_is_new)
            state_publish(shared, NULL);
        shared->state_is_new = false;
    }
}

static void on_flush(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    cluster_flush(argument);
}

void cluster_want_state(struct shared_server *shared)
{
    shared->state_is_new = true;
    cluster_want_flush(shared);
}

void cluster_want_flush(struct shared_server *shared)
{
    struct hub_cluster *cluster = shared->cluster;

    if (cluster->to_flush.first == NULL)
        event_active(cluster->flush, EV_TIMEOUT, 0);
    if (!list_has(&cluster->to_flush, &shared->to_flush))
        list_add_last(&cluster->to_flush, &shared->to_flush);
}

// --- reading --------------------------------------------------------------------------------------------------------

uint64_t cluster_number(const struct message *head, const char *name, unsigned base)
{
    struct span value;
    uint64_t number = 0;
    char text[24];

    if (head == NULL || !message_find(head, name, &value) || value.length == 0 || value.length >= sizeof text)
        return 0;
    if (base == 10) // "-1" must not become the largest number, after which no event would be a new one
        return span_number(value, 0, EPOCH_MOST, &number) ? number : 0;
    memcpy(text, value.bytes, value.length);
    text[value.length] = '\0';
    return strtoull(text, NULL, (int)base);
}

struct parcel parcel_of(const struct bus_letter *letter)
{
    uint64_t index = cluster_number(letter->head, "Index", 10);
    struct parcel parcel = {.body = letter->body};

    if (index == 0 || index > parcel.body.length)
        return (struct parcel){0};
    parcel.body.length -= (size_t)index;
    parcel.lengths = (struct span){parcel.body.bytes + parcel.body.length, (size_t)index};
    return parcel;
}

bool parcel_next(struct parcel *parcel, struct span *wire)
{
    struct span *lengths = &parcel->lengths;
    uint64_t length = 0;
    size_t at = 0;

    while (at < lengths->length && lengths->bytes[at] >= '0' && lengths->bytes[at] <= '9' && length <= UINT32_MAX)
        length = length * 10 + (uint64_t)(lengths->bytes[at++] - '0');
    if (at == 0 || length > parcel->body.length)
        return false;
    *wire = (struct span){parcel->body.bytes, (size_t)length};
    parcel->body.bytes += length;
    parcel->body.length -= (size_t)length;
    at += at < lengths->length;
    *lengths = (struct span){lengths->bytes + at, lengths->length - at};
    return true;
}

/** Handles a message of the bus. @return true: it keeps the letter */
static bool take_message(struct hub_cluster *cluster, struct bus_letter *letter)
{
    struct subject subject;
    struct shared_server *shared;
    struct span version = {NULL, 0};

    if (subject_parse(span_of(letter->subject), cluster->name, &subject) != NULL)
        return false;
    if (letter->head != NULL)
        message_find(letter->head, "Amp", &version);
    if (!letter->no_responders && subject.kind != SUBJECT_NODE && !span_is(version, VERSION))
        return false; // of another version: its heartbeats say so once
    shared = subject.kind == SUBJECT_NODE || subject.kind == SUBJECT_REPLY ? NULL : cluster_find(cluster, subject.key);
    switch (subject.kind) {
    case SUBJECT_NODE:
        duty_take(cluster, letter);
        return false;
    case SUBJECT_REPLY:
        if (subject.boot == cluster->boot)
            await_take(cluster, subject.id, letter);
        return false;
    case SUBJECT_EV:
        return shared != NULL && stream_take(shared, letter);
    case SUBJECT_DO:
        if (shared != NULL && subject.boot == cluster->boot && letter->head != NULL)
            cluster_take_action(shared, letter);
        return false;
    case SUBJECT_STATE:
        if (shared != NULL)
            state_take(shared, letter);
        else if (letter->body.length > 0)
            state_add(cluster, letter);
        return false;
    case SUBJECT_GAP:
        if (shared != NULL)
            repair_answer(shared, letter);
        return false;
    }
    return false;
}

/** Is it a heartbeat? What others do with servers may have changed. */
static bool is_beat(const struct hub_cluster *cluster, const struct bus_letter *letter)
{
    struct subject subject;

    return subject_parse(span_of(letter->subject), cluster->name, &subject) == NULL && subject.kind == SUBJECT_NODE;
}

void hub_cluster_take(struct hub_cluster *cluster, struct letter *letter)
{
    struct bus_letter *of_bus = (struct bus_letter *)letter;
    bool kept = false;

    switch (of_bus->kind) {
    case BUS_MESSAGE:
        kept = take_message(cluster, of_bus);
        break;
    case BUS_UP:
    case BUS_DOWN:
        cluster->is_up = of_bus->kind == BUS_UP;
        ownership_bus(cluster->ownership, cluster->is_up, clock_ms());
        break;
    case BUS_LOST: // the heartbeats show what is missing
        break;
    }
    if (of_bus->kind != BUS_MESSAGE || is_beat(cluster, of_bus))
        duty_step(cluster);
    if (!kept)
        bus_letter_destroy(cluster->bus, of_bus);
}

struct bus *hub_cluster_bus(const struct hub_cluster *cluster)
{
    return cluster == NULL ? NULL : cluster->bus;
}

void hub_cluster_drop(struct letter *letter)
{
    bus_letter_destroy(NULL, (struct bus_letter *)letter);
}

void hub_cluster_answer(struct hub_cluster *cluster, const struct answer_part *part, struct ask *ask)
{
    char key[SUBJECT_KEY_BYTES + 1];
    size_t length = subject_encode(span_of(ask->server), true, key);
    struct shared_server *shared = cluster_find(cluster, (struct span){key, length});

    if (part->kind == ANSWER_PART_IN_TURN) {
        audited_end(ask->audit, part->message, (enum amp_reason)part->reason);
        ask->audit = NULL;
    }
    if (part->final)
        still_end(cluster, ask->reply);
    if (shared != NULL)
        out_add_answer(shared, part, ask);
}

// --- beginning and end ----------------------------------------------------------------------------------------------

static void on_tick(evutil_socket_t fd, short what, void *argument)
{
    struct hub_cluster *cluster = argument;
    uint64_t now = clock_ms();
    (void)fd;
    (void)what;

    for (struct list_node *node = cluster->all.first; node != NULL; node = node->next) {
        struct shared_server *shared = LIST_OBJECT(node, struct shared_server, entry);
        stream_tick(shared, now);
        duty_tick(shared, now);
        need_judge(shared, now);
    }
    duty_step(cluster);
}

static void cluster_subscribe(const struct hub_cluster *cluster)
{
    static const enum subject_kind kinds[] = {SUBJECT_NODE, SUBJECT_STATE}; // SUBJECT_EV: cluster_need.c
    char subject[SUBJECT_BYTES];

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        subject_write(kinds[i], cluster->name, span_of("*"), subject);
        bus_subscribe(cluster->bus, subject);
    }
    subject_write_action(cluster->name, span_of("*"), cluster->boot, subject);
    bus_subscribe(cluster->bus, subject);
    subject_write_reply(cluster->name, span_of(cluster->node), cluster->boot, 0, subject);
    bus_subscribe(cluster->bus, subject);
}

bool hub_cluster_create(struct hub *hub, struct hub_cluster **result, struct error *err)
{
    const struct cluster_config *config = &hub->config->cluster;
    struct hub_cluster *cluster;
    struct bus *bus;

    *result = NULL;
    if (!config_has_cluster(hub->config))
        return true;
    bus = bus_create(config, &hub->inbox, HUB_BUS, hub->shared.metrics, err);
    if (bus == NULL)
        return false;
    *result = cluster = memory_zero(1, sizeof *cluster);
    cluster->hub = hub;
    cluster->bus = bus;
    cluster->counts = metrics_bus(hub->shared.metrics);
    cluster->callbacks = (struct servers_bus){.join = on_join,
                                              .leave = on_leave,
                                              .act = cluster_act,
                                              .withdraw = cluster_withdraw,
                                              .offer = cluster_offer,
                                              .changed = duty_changed,
                                              .fenced = duty_fenced,
                                              .context = cluster,
                                              .node = cluster->node_name,
                                              .ring = config->ring};
    snprintf(cluster->node_name, sizeof cluster->node_name, "%s", config->node);
    subject_encode(span_of(config->name), false, cluster->name);
    subject_encode(span_of(config->node), false, cluster->node);
    if (RAND_bytes((unsigned char *)&cluster->boot, sizeof cluster->boot) != 1)
        abort();        // two processes of one boot number would take each other for themselves
    cluster->boot |= 1; // never 0
    cluster->reread = reread_create();
    map_init(&cluster->servers, false);
    map_init(&cluster->awaited, false);
    map_init(&cluster->asks, false);
    duty_create(cluster);
    cluster->tick = event_new(hub->base, -1, EV_PERSIST, on_tick, cluster);
    cluster->flush = event_new(hub->base, -1, 0, on_flush, cluster);
    return true;
}

void hub_cluster_drain(struct hub_cluster *cluster)
{
    if (cluster != NULL)
        ownership_drain(cluster->ownership, clock_ms());
}

bool hub_cluster_is_drained(const struct hub_cluster *cluster)
{
    return cluster == NULL || ownership_is_drained(cluster->ownership);
}

const struct servers_bus *hub_cluster_callbacks(const struct hub_cluster *cluster)
{
    return cluster == NULL ? NULL : &cluster->callbacks;
}

bool hub_cluster_start(struct hub_cluster *cluster, struct error *err)
{
    static const struct timeval period = {0, TICK_MS * 1000};

    if (cluster == NULL)
        return true;
    cluster_subscribe(cluster);
    event_add(cluster->tick, &period);
    return bus_start(cluster->bus, err);
}

void hub_cluster_destroy(struct hub_cluster *cluster)
{
    if (cluster == NULL)
        return;
    duty_leave(cluster);
    bus_destroy(cluster->bus);
    ownership_destroy(cluster->ownership);
    map_fini(&cluster->servers);
    map_fini(&cluster->awaited);
    reread_destroy(cluster->reread);
    cluster_forget_answers(cluster);
    still_clear(cluster);
    map_fini(&cluster->asks);
    event_free(cluster->tick);
    event_free(cluster->flush);
    free(cluster);
}
