// tests/unit/cluster/world.h: some nodes with a bus, a clock and servers of the test, so that their rules can be
// watched.
#ifndef UNIT_CLUSTER_WORLD_H
#define UNIT_CLUSTER_WORLD_H

#include "cluster/ownership.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit/test.h"

#define WORLD_NODES 4
#define WORLD_SERVERS 200
#define WORLD_DEAD_MS 2500
#define WORLD_STEP_MS 10

/** What the settings of all nodes have. */
struct world_settings {
    unsigned nodes, servers, standby;
    bool keeps;
    bool loses_release; // the last batch of an owner does not come
    uint64_t balance_after_ms;
};

struct world_node {
    struct ownership *ownership; // NULL: it does not run
    char name[16];
    unsigned side;                                            // nodes of other sides do not hear it
    bool sleeps, cut;                                         // cut: off the bus
    uint64_t lane_ms[WORLD_SERVERS], fence_ms[WORLD_SERVERS]; // when that is done; 0: it was not begun
    bool unreachable[WORLD_SERVERS];
    unsigned changes;
};

struct world {
    struct world_settings settings;
    struct world_node nodes[WORLD_NODES];
    char keys[WORLD_SERVERS][16];
    uint64_t now_ms, boots, longest_ms[WORLD_SERVERS], down_ms[WORLD_SERVERS];
};

static inline void world_changed(void *context, struct owned *owned)
{
    struct world_node *node = context;
    (void)owned;

    node->changes++;
}

static inline void world_start(struct world *world, unsigned at)
{
    struct world_node *node = &world->nodes[at];
    struct ownership_settings settings = {.dead_after_ms = WORLD_DEAD_MS,
                                          .standby = world->settings.standby,
                                          .keeps = world->settings.keeps,
                                          .changed = world_changed,
                                          .context = node,
                                          .balance_after_ms = world->settings.balance_after_ms};

    if (node->name[0] == '\0')
        snprintf(node->name, sizeof node->name, "n%u", at + 1);
    settings.me = (struct member_id){span_of(node->name), ++world->boots, world->now_ms};
    node->ownership = ownership_create(&settings, world->now_ms);
    for (unsigned i = 0; i < world->settings.servers; i++) {
        ownership_add(node->ownership, span_of(world->keys[i]))->context = &world->keys[i];
        node->lane_ms[i] = node->fence_ms[i] = 0;
    }
    ownership_bus(node->ownership, !node->cut, world->now_ms);
}

static inline struct owned *world_owned(const struct world *world, unsigned node, unsigned server)
{
    return ownership_find(world->nodes[node].ownership, span_of(world->keys[server]));
}

static inline void world_kill(struct world *world, unsigned at)
{
    ownership_destroy(world->nodes[at].ownership);
    world->nodes[at].ownership = NULL;
}

/** Every node that hears `from` gets the text. */
static inline void world_send(struct world *world, unsigned from, const char *text, size_t length)
{
    for (unsigned i = 0; i < WORLD_NODES; i++) {
        struct world_node *node = &world->nodes[i];
        const char *fault;
        if (node->ownership == NULL || node->sleeps || node->cut || world->nodes[from].cut ||
            node->side != world->nodes[from].side)
            continue;
        ownership_hear(node->ownership, heartbeat_decode((struct span){text, length}, &fault), world->now_ms);
    }
}

static inline void world_leave(struct world *world, unsigned at)
{
    size_t length;
    char *text = ownership_leave(world->nodes[at].ownership, world->now_ms, 1, &length);

    world_send(world, at, text, length);
    free(text);
    world_kill(world, at);
}

/** Carries out what the ownership of a server asks for: a lane takes 50 ms, a fence 20 ms. */
static inline void world_act(struct world *world, unsigned at, unsigned server)
{
    struct world_node *node = &world->nodes[at];
    struct owned *owned = world_owned(world, at, server);
    uint64_t *lane = &node->lane_ms[server], *fence = &node->fence_ms[server];

    if (!owned->wants_lane)
        *lane = 0;
    else if (*lane == 0)
        *lane = world->now_ms + 50;
    if (owned->lane_up && (*lane == 0 || node->unreachable[server]))
        ownership_lane(node->ownership, owned, false, world->now_ms);
    if (*lane != 0 && *lane <= world->now_ms && !owned->lane_up) {
        if (node->unreachable[server]) {
            ownership_failed(node->ownership, owned, world->now_ms);
            *lane = world->now_ms + 1000;
        } else {
            ownership_lane(node->ownership, owned, true, world->now_ms);
        }
    }
    if (!owned->fence)
        *fence = 0;
    else if (*fence == 0)
        *fence = world->now_ms + 20;
    if (*fence == 0 || *fence > world->now_ms)
        return;
    uint64_t to = owned->to_boot, me = node->ownership->settings.me.boot;
    ownership_offered(owned, 7);
    ownership_released(node->ownership, owned, world->now_ms);
    for (unsigned i = 0; i < WORLD_NODES; i++) {
        struct ownership *other = world->nodes[i].ownership;
        if (other == NULL || other->settings.me.boot != to || world->nodes[i].sleeps || world->settings.loses_release)
            continue;
        ownership_followed(world_owned(world, i, server), 7);
        ownership_taken(other, world_owned(world, i, server), me, 7);
    }
}

/** How many running nodes claim the server, or with `up`: serve it to others. */
static inline unsigned world_claims(const struct world *world, unsigned server, bool up)
{
    unsigned claims = 0;

    for (unsigned i = 0; i < WORLD_NODES; i++) {
        if (world->nodes[i].ownership == NULL)
            continue;
        const struct owned *owned = world_owned(world, i, server);
        claims += up ? owned->state == HOLD_UP || owned->state == HOLD_RELEASING : owned->claim != 0;
    }
    return claims;
}

/** Which node claims the server? -1: not just one. */
static inline int world_owner(const struct world *world, unsigned server)
{
    int owner = -1;

    for (int i = 0; i < WORLD_NODES; i++) {
        if (world->nodes[i].ownership == NULL || world_owned(world, (unsigned)i, server)->claim == 0)
            continue;
        if (owner != -1)
            return -1;
        owner = i;
    }
    return owner;
}

static inline void world_node_turn(struct world *world, unsigned at)
{
    struct world_node *node = &world->nodes[at];
    size_t length;

    for (unsigned i = 0; i < world->settings.servers; i++)
        world_act(world, at, i);
    ownership_step(node->ownership, world->now_ms);
    char *text = ownership_beat(node->ownership, world->now_ms, 1, &length);
    if (text != NULL)
        world_send(world, at, text, length);
    free(text);
}

static inline void world_run(struct world *world, uint64_t ms)
{
    for (uint64_t end = world->now_ms + ms; world->now_ms < end; world->now_ms += WORLD_STEP_MS) {
        for (unsigned i = 0; i < WORLD_NODES; i++) {
            if (world->nodes[i].ownership != NULL && !world->nodes[i].sleeps)
                world_node_turn(world, i);
        }
        for (unsigned i = 0; i < world->settings.servers; i++) {
            world->down_ms[i] = world_claims(world, i, true) > 0 ? 0 : world->down_ms[i] + WORLD_STEP_MS;
            if (world->down_ms[i] > world->longest_ms[i])
                world->longest_ms[i] = world->down_ms[i];
        }
    }
}

/** Forgets how long servers were down so far. */
static inline void world_watch(struct world *world)
{
    memset(world->longest_ms, 0, sizeof world->longest_ms);
    memset(world->down_ms, 0, sizeof world->down_ms);
}

static inline struct world *world_create(struct world_settings settings)
{
    struct world *world = calloc(1, sizeof *world);

    world->settings = settings;
    world->now_ms = 1000000;
    for (unsigned i = 0; i < settings.servers; i++)
        snprintf(world->keys[i], sizeof world->keys[i], "s%u", i);
    for (unsigned i = 0; i < settings.nodes; i++)
        world_start(world, i);
    return world;
}

static inline void world_destroy(struct world *world)
{
    for (unsigned i = 0; i < WORLD_NODES; i++)
        ownership_destroy(world->nodes[i].ownership);
    free(world);
}

/** How many servers a node claims. */
static inline unsigned owned_by(const struct world *world, unsigned node)
{
    return (unsigned)ownership_claims(world->nodes[node].ownership);
}

/** Every server has one owner, and all running nodes follow it. */
static inline void assert_settled(const struct world *world)
{
    for (unsigned i = 0; i < world->settings.servers; i++) {
        int owner = world_owner(world, i);
        assert_true(owner >= 0);
        const struct owned *owned = world_owned(world, (unsigned)owner, i);
        assert_int_equal(owned->source, SOURCE_LANE);
        for (unsigned n = 0; n < WORLD_NODES; n++) {
            if ((int)n == owner || world->nodes[n].ownership == NULL)
                continue;
            const struct owned *other = world_owned(world, n, i);
            assert_int_equal(other->source, SOURCE_BUS);
            assert_true(other->follow_epoch == owned->claim &&
                        other->follow_boot == world->nodes[owner].ownership->settings.me.boot);
        }
    }
}

#endif
