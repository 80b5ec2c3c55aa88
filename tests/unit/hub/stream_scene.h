// tests/unit/hub/stream_scene.h: a node that follows the events of another node's server, which a test sends. The bus
// is not connected: what the node publishes stays in its mailbox. For one test at a time.
#ifndef UNIT_HUB_STREAM_SCENE_H
#define UNIT_HUB_STREAM_SCENE_H

#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "bus/letter.h"
#include "server/role.h"
#include "unit/server/fake.h"

#define OWNER UINT64_C(0x11)
#define NEXT UINT64_C(0x22)

static struct scene {
    struct fake *fake;
    struct hub hub;
    struct hub_cluster cluster;
    struct shared_server shared;
    struct owned owned;
    struct mailbox inbox;
    struct metrics *metrics;
} scene;

static inline void *on_join(void *context, struct server *server)
{
    (void)context, (void)server;
    return &scene.shared;
}

static inline void on_record(void *record)
{
    (void)record;
}

static const struct servers_bus callbacks = {
    .join = on_join, .leave = on_record, .changed = on_record, .fenced = on_record, .node = "n1", .ring = 1 << 20};

static inline int set_up(void **state)
{
    static char url[] = "nats://127.0.0.1:1";
    static char *urls[] = {url};
    static char name[] = "c1", node[] = "n1";
    struct cluster_config config = {
        .name = name, .node = node, .bus = urls, .bus_count = 1, .dead_after_ms = 2500, .bus_memory = 1 << 20};
    struct error err = {""};

    scene = (struct scene){.owned = {.state = HOLD_NOTHING}};
    fake_set_up(state);
    scene.fake = *state;
    scene.fake->servers.output.bus = &callbacks;
    scene.metrics = metrics_create(1);
    assert_true(mailbox_init(&scene.inbox));
    scene.cluster.bus = bus_create(&config, &scene.inbox, 0, scene.metrics, &err);
    if (scene.cluster.bus == NULL)
        skip(); // built without libnats
    scene.cluster.counts = metrics_bus(scene.metrics);
    scene.hub.servers = &scene.fake->servers;
    scene.cluster.hub = &scene.hub;
    scene.cluster.is_up = true;
    scene.cluster.boot = 0x33;
    scene.cluster.reread = reread_create();
    map_init(&scene.cluster.awaited, false);
    strcpy(scene.cluster.name, "c1");
    strcpy(scene.cluster.node, "n1");
    strcpy(scene.cluster.node_name, "n1");
    scene.shared.cluster = &scene.cluster;
    scene.shared.hears = true;
    scene.shared.server = &scene.fake->server[0];
    scene.shared.owned = &scene.owned;
    strcpy(scene.shared.key, "pbx1");
    scene.fake->server[0].state = SERVER_DOWN;
    lane_close(MAIN(&scene.fake->server[0]));
    stream_init(&scene.shared);
    role_create(&scene.fake->server[0]);
    return 0;
}

static inline int tear_down(void **state)
{
    stream_end(&scene.shared);
    role_destroy(&scene.fake->server[0]);
    await_end(&scene.shared, AWAIT_STILL);
    map_fini(&scene.cluster.awaited);
    bus_destroy(scene.cluster.bus);
    reread_destroy(scene.cluster.reread);
    mailbox_fini(&scene.inbox);
    metrics_destroy(scene.metrics);
    return fake_tear_down(state);
}

static inline void on_owned(void *context, struct owned *owned)
{
    (void)context, (void)owned;
}

/** As set_up(); the node knows other nodes, too. */
static inline int set_up_nodes(void **state)
{
    struct ownership_settings settings = {
        .me = {.node = span_of("n1"), .boot = 0x33, .started = 5000}, .dead_after_ms = 2500, .changed = on_owned};

    set_up(state);
    scene.cluster.ownership = ownership_create(&settings, clock_ms());
    list_add_last(&scene.cluster.all, &scene.shared.entry);
    return 0;
}

static inline int tear_down_nodes(void **state)
{
    ownership_destroy(scene.cluster.ownership);
    return tear_down(state);
}

/** Makes a letter with the events `first` to `last`, which are told from each other by their names. */
static inline struct bus_letter *letter_of(uint64_t boot, uint64_t epoch, uint64_t first, uint64_t last,
                                           const char *more)
{
    struct message_builder head;
    char body[4096], index[512];
    int length = 0, used = 0;

    for (uint64_t number = first; number <= last; number++) {
        int wrote =
            snprintf(body + length, sizeof body - (size_t)length, "Event: E%llu.%llu\r\nPrivilege: call,all\r\n\r\n",
                     (unsigned long long)epoch, (unsigned long long)number);
        used += snprintf(index + used, sizeof index - (size_t)used, "%s%d", used > 0 ? " " : "", wrote);
        length += wrote;
    }
    memcpy(body + length, index, (size_t)used);
    message_builder_init(&head);
    message_addf(&head, "Amp", "1");
    message_addf(&head, "Boot", "%016llx", (unsigned long long)boot);
    message_addf(&head, "Epoch", "%llu", (unsigned long long)epoch);
    message_addf(&head, "First", "%llu", (unsigned long long)first);
    message_addf(&head, "Index", "%d", used);
    if (more != NULL)
        message_addf(&head, more, "1");
    return bus_letter_of(0, "amp.c1.ev.pbx1", NULL, message_build(&head), (struct span){body, (size_t)(length + used)});
}

static inline void come(uint64_t boot, uint64_t epoch, uint64_t first, uint64_t last)
{
    struct bus_letter *letter = letter_of(boot, epoch, first, last, NULL);

    if (!stream_take(&scene.shared, letter))
        bus_letter_destroy(scene.cluster.bus, letter);
}

static inline void come_again(uint64_t epoch, uint64_t first, uint64_t last, bool done)
{
    struct bus_letter *letter = letter_of(OWNER, epoch, first, last, done ? "Done" : NULL);

    stream_take_gap(&scene.shared, letter);
    bus_letter_destroy(scene.cluster.bus, letter);
}

static inline void follow(uint64_t sequence)
{
    stream_follow(&scene.shared, OWNER, 1);
    stream_begin(&scene.shared, sequence);
}

#endif
