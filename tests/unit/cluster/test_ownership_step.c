// tests/unit/cluster/test_ownership_step.c: who owns what while nodes sleep, stand by, and lose each other or the bus.
#include "unit/cluster/world.h"

/** Three nodes whose heartbeats are not in step. */
static struct world *staggered(unsigned servers)
{
    struct world *world = world_create((struct world_settings){.nodes = 1, .servers = servers});

    world_run(world, 170);
    world_start(world, 1);
    world_run(world, 160);
    world_start(world, 2);
    world_run(world, 4000);
    assert_settled(world);
    return world;
}

static void assert_unclaimed(const struct world *world, const int *owners)
{
    for (unsigned i = 0; i < world->settings.servers; i++)
        assert_int_equal(world_owner(world, i), owners[i]);
}

static void test_i17_without_the_bus_all_serve_and_then_one_owns(void **state)
{
    struct world *world = staggered(30);
    int owners[30];
    (void)state;

    for (unsigned i = 0; i < 30; i++)
        owners[i] = world_owner(world, i);
    for (unsigned n = 0; n < 3; n++) {
        world->nodes[n].cut = true;
        ownership_bus(world->nodes[n].ownership, false, world->now_ms);
    }
    for (unsigned ms = 0; ms < 5000; ms += WORLD_STEP_MS) {
        world_run(world, WORLD_STEP_MS);
        assert_unclaimed(world, owners);
    }
    for (unsigned n = 0; n < 3; n++) {
        for (unsigned i = 0; i < 30; i++)
            assert_int_equal(world_owned(world, n, i)->source, SOURCE_LANE);
    }
    world_run(world, 25000);
    for (unsigned n = 0; n < 3; n++) {
        world->nodes[n].cut = false;
        ownership_bus(world->nodes[n].ownership, true, world->now_ms);
        world_run(world, 300);
    }
    world_run(world, 4100);
    assert_settled(world);
    assert_unclaimed(world, owners);
    world_destroy(world);
}

static void test_keep_leaves_other_nodes_servers_alone(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 2, .servers = 20, .keeps = true});
    unsigned of_first;
    (void)state;

    world_run(world, 4000);
    of_first = owned_by(world, 0);
    world->nodes[0].cut = true;
    ownership_bus(world->nodes[0].ownership, false, world->now_ms);
    world_run(world, 6000);
    for (unsigned i = 0; i < 20; i++) {
        const struct owned *owned = world_owned(world, 0, i);
        assert_int_equal(owned->source, owned->claim != 0 ? SOURCE_LANE : SOURCE_NONE);
    }
    assert_int_equal(owned_by(world, 0), of_first);
    world_destroy(world);
}

static void test_a_partition_heals(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 4, .servers = 40});
    (void)state;

    world_run(world, 4000);
    world->nodes[2].side = world->nodes[3].side = 1;
    world_run(world, 8000);
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal(world_claims(world, i, true), 2);
    world->nodes[2].side = world->nodes[3].side = 0;
    world_watch(world);
    world_run(world, 5000);
    assert_settled(world);
    for (unsigned i = 0; i < 40; i++)
        assert_in_range(world->longest_ms[i], 0, WORLD_STEP_MS);
    world_destroy(world);
}

static void test_a_node_cut_off_takes_nothing_from_the_others(void **state)
{
    struct world *world = staggered(40);
    (void)state;

    world->nodes[2].side = 1;
    world_run(world, 8000);
    for (unsigned i = 0; i < 40; i++) {
        assert_int_equal(world_owned(world, 2, i)->source, SOURCE_LANE);
        assert_true(world_owned(world, 2, i)->claim <= 1); // its own ones, as before
    }
    world->nodes[2].side = 0;
    world_run(world, 5000);
    assert_settled(world);
    assert_int_equal(owned_by(world, 2), 0);
    world_destroy(world);
}

static void test_i17_an_owner_that_slept_publishes_nothing_before_it_is_heard(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 3, .servers = 30});
    (void)state;

    world_run(world, 4000);
    struct ownership *sleeper = world->nodes[0].ownership;
    assert_true(ownership_may_publish(sleeper, world->now_ms));
    world->nodes[0].sleeps = true;
    world_run(world, 10000);
    assert_false(ownership_may_publish(sleeper, world->now_ms));
    world->nodes[0].sleeps = false;
    world_node_turn(world, 0); // the others have not answered yet
    assert_false(ownership_may_publish(sleeper, world->now_ms));
    world_run(world, 100);
    assert_true(ownership_may_publish(sleeper, world->now_ms));
    world_run(world, 4000);
    assert_settled(world);
    assert_int_equal(owned_by(world, 0), 0);
    world_destroy(world);
}

static void test_a_short_sleep_changes_nothing(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 3, .servers = 30});
    unsigned changes;
    (void)state;

    world_run(world, 4000);
    changes = world->nodes[1].changes;
    world->nodes[0].sleeps = true;
    world_run(world, 1500);
    world->nodes[0].sleeps = false;
    world_run(world, 3000);
    assert_settled(world);
    assert_int_equal(world->nodes[1].changes, changes);
    world_destroy(world);
}

static void test_i17_standby_holds_lanes_and_goes_on(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 3, .servers = 30, .standby = 1});
    (void)state;

    world_run(world, 5000);
    assert_settled(world);
    for (unsigned i = 0; i < 30; i++) {
        unsigned lanes = 0;
        for (unsigned n = 0; n < 3; n++) {
            struct owned *owned = world_owned(world, n, i);
            lanes += owned->lane_up;
            ownership_followed(owned, 99);
        }
        assert_int_equal(lanes, 2);
    }
    uint64_t claims = world_owned(world, 1, 0)->seen_epoch;
    world_kill(world, 0);
    world_watch(world);
    world_run(world, 4000);
    assert_settled(world);
    for (unsigned i = 0; i < 30; i++) {
        struct owned *owned = world_owned(world, (unsigned)world_owner(world, i), i);
        assert_true(owned->claim == claims ||
                    (owned->claim == claims + 1 && owned->after_epoch == claims && owned->after_sequence == 99));
        assert_in_range(world->longest_ms[i], 0, 2700);
    }
    world_destroy(world);
}

static void test_a_standby_need_not_wait_for_the_next_heartbeat(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 2, .servers = 1, .standby = 1});
    (void)state;

    world_run(world, 4250); // between two heartbeats
    unsigned at = world_owner(world, 0) == 0;
    struct owned *owned = world_owned(world, at, 0);
    assert_int_equal(owned->state, HOLD_WARM);
    ownership_lane(world->nodes[at].ownership, owned, false, world->now_ms);
    ownership_lane(world->nodes[at].ownership, owned, true, world->now_ms);
    assert_false(owned->overlaps);
    world_run(world, 60);
    assert_true(owned->overlaps);
    world_destroy(world);
}

static void test_i17_forged_epochs_stay_within_bounds(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 2, .servers = 1});
    const char *text = "Amp: 1\nNode: evil\nBoot: 00000000000000ee\nStarted: 1\nBeat: 1\n"
                       "Server: s0 claim=1152921504606846976 state=up sequence=1152921504606846976\n";
    (void)state;

    world_run(world, 4000);
    world_send(world, 3, text, strlen(text));
    world_run(world, 10000); // it is not heard again
    assert_settled(world);
    assert_true(world_owned(world, 0, 0)->seen_epoch <= EPOCH_MOST);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i17_without_the_bus_all_serve_and_then_one_owns),
        cmocka_unit_test(test_keep_leaves_other_nodes_servers_alone),
        cmocka_unit_test(test_a_partition_heals),
        cmocka_unit_test(test_a_node_cut_off_takes_nothing_from_the_others),
        cmocka_unit_test(test_i17_an_owner_that_slept_publishes_nothing_before_it_is_heard),
        cmocka_unit_test(test_a_short_sleep_changes_nothing),
        cmocka_unit_test(test_i17_standby_holds_lanes_and_goes_on),
        cmocka_unit_test(test_a_standby_need_not_wait_for_the_next_heartbeat),
        cmocka_unit_test(test_i17_forged_epochs_stay_within_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
