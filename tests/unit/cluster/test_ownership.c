// tests/unit/cluster/test_ownership.c: who owns what while nodes come, go and cannot reach a server.
#include "unit/cluster/world.h"

static void test_a_node_alone_connects_to_all(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 1, .servers = 3});
    (void)state;

    world_run(world, WORLD_DEAD_MS + 200);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(world_owned(world, 0, i)->state, HOLD_LOCAL);
        assert_int_equal(world_owned(world, 0, i)->source, SOURCE_LANE);
        assert_true(world_owned(world, 0, i)->claim == 0);
    }
    world_destroy(world);
}

static void test_i17_owners_spread_over_three_nodes(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 3, .servers = WORLD_SERVERS});
    (void)state;

    world_run(world, WORLD_DEAD_MS + 500);
    assert_settled(world);
    for (unsigned i = 0; i < 3; i++)
        assert_in_range(owned_by(world, i), WORLD_SERVERS / 3 * 8 / 10, WORLD_SERVERS / 3 * 12 / 10);
    world_destroy(world);
}

static void test_a_node_that_comes_later_follows_and_nothing_flaps(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 1, .servers = 20});
    unsigned changes;
    (void)state;

    world_run(world, 5000);
    world_start(world, 1);
    world_run(world, 2000);
    assert_settled(world);
    assert_int_equal(owned_by(world, 0), 20);
    changes = world->nodes[0].changes;
    world_start(world, 2);
    world_run(world, 60000);
    assert_settled(world);
    assert_int_equal(owned_by(world, 0), 20);
    assert_int_equal(world->nodes[0].changes, changes);
    world_destroy(world);
}

static void test_i17_a_crash_is_over_within_the_time(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 3, .servers = 30});
    (void)state;

    world_run(world, 4000);
    world_watch(world);
    world_kill(world, 0);
    world_run(world, 4000);
    assert_settled(world);
    for (unsigned i = 0; i < 30; i++)
        assert_in_range(world->longest_ms[i], 0, 3500);
    world_start(world, 0);
    world_run(world, 4000);
    assert_settled(world);
    assert_int_equal(owned_by(world, 0), 0);
    world_destroy(world);
}

static void test_who_says_goodbye_is_replaced_at_once(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 3, .servers = 30});
    (void)state;

    world_run(world, 4000);
    world_watch(world);
    world_leave(world, 0);
    world_run(world, 1000);
    assert_settled(world);
    for (unsigned i = 0; i < 30; i++)
        assert_in_range(world->longest_ms[i], 0, 200);
    world_destroy(world);
}

static void test_i17_another_node_owns_what_one_cannot_reach(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 3, .servers = 10});
    (void)state;

    for (unsigned i = 0; i < 10; i++)
        world->nodes[0].unreachable[i] = true;
    world_run(world, 4000);
    assert_settled(world);
    assert_int_equal(owned_by(world, 0), 0);
    for (unsigned i = 0; i < 10; i++) { // and one that nobody reaches any more
        world->nodes[1].unreachable[i] = world->nodes[2].unreachable[i] = i == 0;
        world->nodes[0].unreachable[i] = false;
    }
    world_run(world, 30000);
    assert_settled(world);
    assert_int_equal(world_owner(world, 0), 0);
    world_destroy(world);
}

static void test_a_server_of_one_node_is_followed_by_all(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 3, .servers = 5});
    (void)state;

    ownership_remove(world->nodes[1].ownership, world_owned(world, 1, 3));
    ownership_remove(world->nodes[2].ownership, world_owned(world, 2, 3));
    world_run(world, 4000);
    assert_settled(world);
    assert_int_equal(world_owner(world, 3), 0);
    ownership_remove(world->nodes[0].ownership, world_owned(world, 0, 3));
    world_run(world, 1000);
    for (unsigned n = 0; n < 3; n++)
        assert_int_equal(world_owned(world, n, 3)->source, SOURCE_NONE);
    world_destroy(world);
}

static void test_what_changes_between_two_steps_is_told_at_the_second(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 2, .servers = 1});
    unsigned changes;
    (void)state;

    world_run(world, 4000);
    struct world_node *node = &world->nodes[world_owner(world, 0)];
    struct owned *owned = world_owned(world, (unsigned)world_owner(world, 0), 0);
    changes = node->changes;
    ownership_lane(node->ownership, owned, false, world->now_ms); // it does not serve any more
    assert_int_equal(owned->state, HOLD_OPENING);
    ownership_step(node->ownership, world->now_ms);
    assert_int_equal(node->changes, changes + 1);
    ownership_step(node->ownership, world->now_ms);
    assert_int_equal(node->changes, changes + 1);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_node_alone_connects_to_all),
        cmocka_unit_test(test_i17_owners_spread_over_three_nodes),
        cmocka_unit_test(test_a_node_that_comes_later_follows_and_nothing_flaps),
        cmocka_unit_test(test_i17_a_crash_is_over_within_the_time),
        cmocka_unit_test(test_who_says_goodbye_is_replaced_at_once),
        cmocka_unit_test(test_i17_another_node_owns_what_one_cannot_reach),
        cmocka_unit_test(test_a_server_of_one_node_is_followed_by_all),
        cmocka_unit_test(test_what_changes_between_two_steps_is_told_at_the_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
