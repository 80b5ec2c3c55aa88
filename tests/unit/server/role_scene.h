// tests/unit/server/role_scene.h: a node of a cluster whose first server may change hands. For one test at a time.
#ifndef UNIT_SERVER_ROLE_SCENE_H
#define UNIT_SERVER_ROLE_SCENE_H

#include "unit/server/fake.h"

static size_t offered, fenced;

static inline void *on_join(void *context, struct server *server)
{
    (void)context;
    return server;
}

static inline void on_leave(void *record)
{
    (void)record;
}

static inline void on_offer(void *record, struct message *message, uint64_t number)
{
    (void)record, (void)message;
    offered++;
    assert_int_equal(number, offered);
}

static inline void on_fenced(void *record)
{
    (void)record;
    fenced++;
}

static const struct servers_bus callbacks = {.join = on_join,
                                             .leave = on_leave,
                                             .offer = on_offer,
                                             .changed = on_leave,
                                             .fenced = on_fenced,
                                             .node = "n1",
                                             .ring = 1 << 20};

static inline int set_up(void **state)
{
    struct fake *fake;

    offered = fenced = 0;
    fake_set_up(state);
    fake = *state;
    fake->servers.output.bus = &callbacks;
    fake->server[0].state = SERVER_DOWN;
    role_create(&fake->server[0]);
    return 0;
}

static inline int tear_down(void **state)
{
    struct fake *fake = *state;

    role_destroy(&fake->server[0]);
    return fake_tear_down(state);
}

static inline void own(struct server *server)
{
    role_own(server);
    server->state = SERVER_UP;
}

#endif
