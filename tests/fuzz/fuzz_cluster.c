// tests/fuzz/fuzz_cluster.c: what comes over a cluster's bus, as a node's hub takes it: events, states, actions,
// missing events, heartbeats, and answers to what the node has asked. Blocks are divided by lines `%%`. A block is a
// line with a subject and perhaps one for answers, header lines, an empty line and a body. In place of a subject stands
// `re:act`, `re:state`, `re:gap` or `re:still` for the answer to the latest question of that kind; `!tick`, `!up`,
// `!down`, `!ask`, `!need` (somebody needs events, from the next tick on), `!rest` (nobody) and `!drain` let something
// happen. The node n1 follows pbx1, whose owner is process 11, and owns pbx2. What is given to clients has whole lines;
// each action is answered once; events of one stream are never given again. Runs: 15000
#include "hub/cluster_inside.h"

#include "ami/message.h"
#include "base/clock.h"
#include "base/memory.h"
#include "bus/letter.h"
#include "config/load.h"
#include "server/role.h"
#include "server/server.h"

#include <event2/event.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OWNER UINT64_C(0x11)
#define HERE UINT64_C(0x33)
#define LETTER_KIND 7

static const char configuration[] = "listen: [{port: 0, input: standard, tls: off}]\n"
                                    "servers: [{name: pbx1, host: 192.0.2.1, username: u, secret: s},\n"
                                    "  {name: pbx2, host: 192.0.2.2, username: u, secret: s}]\n"
                                    "plugins: {load: [standard]}\nusers: [{name: a, secret: b}]\n"
                                    "share: {in_flight: true}\n";

static void require(bool holds)
{
    if (!holds)
        abort();
}

// --- a bus that is nowhere ----------------------------------------------------------------------------------------

struct bus {
    char none; // a struct has a member
};

bool bus_is_built(void)
{
    return true;
}

struct bus *bus_create(const struct cluster_config *config, struct mailbox *inbox, uint32_t letter_kind,
                       struct metrics *metrics, struct error *err)
{
    (void)config, (void)inbox, (void)letter_kind, (void)metrics, (void)err;
    return memory_zero(1, sizeof(struct bus));
}

bool bus_start(struct bus *bus, struct error *err)
{
    (void)bus, (void)err;
    return true;
}

void bus_destroy(struct bus *bus)
{
    free(bus);
}

bool bus_is_up(const struct bus *bus)
{
    (void)bus;
    return true;
}

/** What a node publishes goes to subjects of the cluster, unless somebody has asked for it under another one. */
bool bus_publish(struct bus *bus, enum bus_weight weight, const char *subject, const char *reply, struct message *head,
                 struct bus_body *body)
{
    (void)bus, (void)weight;
    require(subject != NULL && strlen(subject) < SUBJECT_BYTES && (reply == NULL || strlen(reply) < SUBJECT_BYTES));
    require(body == NULL || bus_body_length(body) <= BUS_BODY_LIMIT);
    message_unref(head);
    bus_body_destroy(body);
    return true;
}

void bus_subscribe(struct bus *bus, const char *subject)
{
    (void)bus, (void)subject;
}

void bus_unsubscribe(struct bus *bus, const char *subject)
{
    (void)bus, (void)subject;
}

void bus_letter_destroy(struct bus *bus, struct bus_letter *letter)
{
    (void)bus;
    message_unref(letter->head);
    free(letter);
}

// --- what the servers tell ----------------------------------------------------------------------------------------

static struct node {
    struct config *config;
    struct event_base *base;
    struct metrics *metrics;
    struct hub hub;
    struct ask *ask; // of this node's session, the latest
    unsigned finals; // … complete answers to it
} node;

static void on_event(void *context, struct message *message, struct ask *ask, bool foreign_id)
{
    struct span wire = message_wire(message);
    (void)context, (void)ask, (void)foreign_id;

    require(wire.length >= 1 && wire.bytes[wire.length - 1] == '\n');
    message_unref(message);
}

static void on_answer(void *context, struct answer_part part, struct ask *ask)
{
    struct hub *hub = context;

    if (ask->of_bus) {
        if (part.kind == ANSWER_PART_IN_TURN)
            coalescer_answer(hub->coalescer, &part, ask);
        hub_cluster_answer(hub->cluster, &part, ask);
    } else if (part.kind == ANSWER_PART_IN_TURN && ask == node.ask) {
        require(node.finals == 0);
        node.finals += part.final;
    }
    message_unref(part.message);
}

static void on_state(void *context, const struct servers_state *state)
{
    (void)context;
    require(state->count >= 2 && state->count <= 2 + OWNERSHIP_SERVERS_MOST);
}

static void on_share(void *context, const struct answer_part *part, struct ask *ask)
{
    struct hub *hub = context;

    if (ask->of_bus)
        hub_cluster_answer(hub->cluster, part, ask);
}

// --- the node -----------------------------------------------------------------------------------------------------

static void node_prepare(void)
{
    char *errors = NULL;

    if (node.config != NULL)
        return;
    log_set_level(LOG_LEVEL_ERROR);
    node.config = config_parse("/fuzz/f.yaml", span_of(configuration), 0600, NULL, &errors);
    require(node.config != NULL);
    node.config->cluster.name = memory_text("c1");
    node.config->cluster.node = memory_text("n1");
    node.config->cluster.bus = memory_zero(1, sizeof(char *));
    node.config->cluster.bus[0] = memory_text("nats://127.0.0.1");
    node.config->cluster.bus_count = 1;
    node.config->cluster.dead_after_ms = 2500;
    node.config->cluster.ring = 1 << 20;
    node.base = event_base_new();
    node.metrics = metrics_create(1);
}

/** The lane of a server is up, but nothing is behind it. */
static void node_connect(struct server *server)
{
    MAIN(server)->parser = parser_create(server->config->name);
    MAIN(server)->state = LANE_UP;
    server->state = SERVER_UP;
}

static void node_offer(struct server *server, const char *text)
{
    struct reread *reread = node.hub.cluster->reread;

    server_give_event(server, reread_message(reread, span_of(text), true), NULL, false);
}

static void node_own(struct shared_server *shared)
{
    struct owned *owned = shared->owned;

    node_connect(shared->server);
    owned->state = HOLD_UP;
    owned->claim = 3;
    owned->lane_up = true;
    owned->source = SOURCE_LANE;
    shared->claim = 3;
    role_own(shared->server);
    node_offer(shared->server, "Event: One\r\nPrivilege: call,all\r\n\r\n");
    node_offer(shared->server, "Event: Two\r\nPrivilege: call,all\r\n\r\n");
    cluster_flush(node.hub.cluster);
}

static void node_begin(void)
{
    struct hub *hub = &node.hub;
    struct servers_output output = {on_event, on_answer, on_state, hub, NULL, NULL, NULL};
    struct error err = {""};

    *hub = (struct hub){.config = node.config, .base = node.base, .handover.state = HANDOVER_HEARS};
    hub->shared.metrics = node.metrics;
    hub->metrics = metrics_hub(node.metrics);
    hub->coalescer = coalescer_create(on_share, hub);
    require(hub_cluster_create(hub, &hub->cluster, &err));
    hub->cluster->boot = hub->cluster->ownership->settings.me.boot = hub->cluster->ownership->nodes.me.boot = HERE;
    output.metrics = node.metrics;
    output.bus = hub_cluster_callbacks(hub->cluster);
    hub->servers = servers_create(node.base, node.config, &output, &err);
    require(hub->servers != NULL);
    hub->cluster->is_up = true;
    stream_start(cluster_find(hub->cluster, span_of("pbx1")), OWNER, 1);
    node_own(cluster_find(hub->cluster, span_of("pbx2")));
}

static void node_end(void)
{
    struct hub *hub = &node.hub;

    ask_unref(node.ask);
    node.ask = NULL;
    servers_give_up(hub->servers);
    servers_destroy(hub->servers);
    hub_cluster_destroy(hub->cluster);
    coalescer_destroy(hub->coalescer);
}

// --- what comes ---------------------------------------------------------------------------------------------------

/** A session of this node asks the owner of pbx1. */
static void node_ask(void)
{
    struct message_builder builder;

    ask_unref(node.ask);
    message_builder_init(&builder);
    message_addf(&builder, "Action", "QueueStatus");
    struct message *action = message_build(&builder);
    node.ask = ask_create(action, "pbx1");
    node.ask->write = UINT32_MAX;
    node.ask->server_named = true;
    node.finals = 0;
    message_unref(action);
    servers_ask(node.hub.servers, node.ask);
}

static void node_happen(struct span what)
{
    struct hub_cluster *cluster = node.hub.cluster;
    struct bus_letter *letter = NULL;

    if (span_is(what, "!up"))
        letter = bus_letter_create(LETTER_KIND, BUS_UP);
    else if (span_is(what, "!down"))
        letter = bus_letter_create(LETTER_KIND, BUS_DOWN);
    else if (span_is(what, "!ask"))
        node_ask();
    else if (span_is(what, "!drain"))
        hub_cluster_drain(cluster);
    else if (span_is(what, "!need") || span_is(what, "!rest"))
        node.hub.handover.state = span_is(what, "!need") ? HANDOVER_HEARS : HANDOVER_NONE;
    if (letter != NULL)
        hub_cluster_take(cluster, &letter->letter);
    for (struct list_node *each = cluster->all.first; each != NULL && span_is(what, "!tick"); each = each->next) {
        struct shared_server *shared = LIST_OBJECT(each, struct shared_server, entry);
        stream_tick(shared, clock_ms() + 2000);
        hub_cluster_is_drained(cluster);
        duty_tick(shared, clock_ms() + 2000);
        need_judge(shared, clock_ms() + 60000);
    }
}

/** Writes the subject for an answer to the latest question of that kind. */
static bool write_reply(struct span kind, char subject[SUBJECT_BYTES])
{
    struct hub_cluster *cluster = node.hub.cluster;
    struct shared_server *shared = cluster_find(cluster, span_of("pbx1"));
    const struct exchange *exchange = exchange_first(&shared->server->role->afar.exchanges);
    uint64_t number = 0;

    if (span_is(kind, "re:act"))
        number = exchange == NULL ? 0 : exchange_number(exchange);
    else if (span_is(kind, "re:state"))
        number = shared->awaited[AWAIT_STATE].number;
    else if (span_is(kind, "re:gap"))
        number = shared->awaited[AWAIT_GAP].number;
    else if (span_is(kind, "re:still"))
        number = shared->awaited[AWAIT_STILL].number;
    if (number != 0)
        cluster_request(cluster, number, subject);
    return number != 0;
}

/** Takes a line off the front, without its end. */
static struct span take_line(struct span *rest)
{
    const char *end = rest->length == 0 ? NULL : memchr(rest->bytes, '\n', rest->length);
    struct span line = {rest->bytes, end == NULL ? rest->length : (size_t)(end - rest->bytes)};
    size_t used = line.length + (end != NULL);

    *rest = (struct span){rest->bytes + used, rest->length - used};
    return line;
}

static struct message *take_head(struct span *rest)
{
    struct message_builder builder;
    struct span line;

    message_builder_init(&builder);
    while (rest->length > 0 && (line = take_line(rest)).length > 0) {
        const char *colon = memchr(line.bytes, ':', line.length);
        size_t length = colon == NULL ? line.length : (size_t)(colon - line.bytes);
        struct span value = {line.bytes + length, line.length - length};
        while (value.length > 0 && (*value.bytes == ':' || *value.bytes == ' '))
            value = (struct span){value.bytes + 1, value.length - 1};
        message_add_clean(&builder, (struct span){line.bytes, length}, value);
    }
    if (builder.count > 0)
        return message_build(&builder);
    message_builder_fini(&builder);
    return NULL;
}

static void copy_subject(char subject[SUBJECT_BYTES], struct span text)
{
    size_t length = text.length < SUBJECT_BYTES - 1 ? text.length : SUBJECT_BYTES - 1;

    if (length > 0)
        memcpy(subject, text.bytes, length);
    subject[length] = '\0';
}

static void node_take(struct span block)
{
    struct span line = take_line(&block);
    const char *blank = line.length == 0 ? NULL : memchr(line.bytes, ' ', line.length);
    char subject[SUBJECT_BYTES], reply[SUBJECT_BYTES];
    struct span to = {line.bytes, blank == NULL ? line.length : (size_t)(blank - line.bytes)};

    if (to.length > 0 && to.bytes[0] == '!') {
        node_happen(to);
        return;
    }
    if (to.length > 3 && memcmp(to.bytes, "re:", 3) == 0) {
        if (!write_reply(to, subject))
            return;
    } else {
        copy_subject(subject, to);
    }
    if (blank != NULL)
        copy_subject(reply, (struct span){blank + 1, line.length - to.length - 1});
    struct message *head = take_head(&block);
    struct bus_letter *letter = bus_letter_of(LETTER_KIND, subject, blank == NULL ? NULL : reply, head, block);
    letter->no_responders = head == NULL && block.length == 0;
    hub_cluster_take(node.hub.cluster, &letter->letter);
    cluster_flush(node.hub.cluster);
}

/** The number of the next event never falls while one stream is followed, and what is held has a bound. */
static void check_stream(const struct stream *before, const struct stream *after)
{
    bool same = before->known && after->known && before->boot == after->boot && before->epoch == after->epoch;

    require(!same || after->next >= before->next);
    require(after->next <= EPOCH_MOST + 1 + UINT32_MAX);
    require(after->held_bytes <= (size_t)9 << 20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = {(const char *)data, size};

    node_prepare();
    node_begin();
    while (rest.length > 0) {
        const char *mark = memmem(rest.bytes, rest.length, "\n%%\n", 4);
        size_t length = mark == NULL ? rest.length : (size_t)(mark - rest.bytes);
        const struct shared_server *shared = cluster_find(node.hub.cluster, span_of("pbx1"));
        struct stream before = shared->stream;
        node_take((struct span){rest.bytes, length});
        check_stream(&before, &shared->stream);
        length += mark == NULL ? 0 : 4;
        rest = (struct span){rest.bytes + length, rest.length - length};
    }
    node_end();
    return 0;
}
