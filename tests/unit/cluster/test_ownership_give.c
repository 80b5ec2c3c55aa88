// tests/unit/cluster/test_ownership_give.c: owners give servers away: drain, takeover, balance.
#include "unit/cluster/world.h"

static void test_balance_moves_servers_as_planned(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 1, .servers = 60, .balance_after_ms = 30000});
    (void)state;

    world_run(world, 5000);
    world_start(world, 1);
    world_start(world, 2);
    world_run(world, 25000);
    assert_int_equal(owned_by(world, 0), 60);
    world_watch(world);
    world_run(world, 90000);
    assert_settled(world);
    for (unsigned i = 0; i < 60; i++)
        assert_in_range(world->longest_ms[i], 0, WORLD_STEP_MS);
    for (unsigned i = 0; i < 3; i++)
        assert_in_range(owned_by(world, i), 12, 28);
    unsigned changes = world->nodes[0].changes;
    world_run(world, 60000);
    assert_int_equal(world->nodes[0].changes, changes);
    world_destroy(world);
}

static void test_i17_a_drain_gives_all_away_without_a_gap(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 3, .servers = 60});
    (void)state;

    world_run(world, 4000);
    world->nodes[2].unreachable[0] = world->nodes[2].unreachable[1] = true;
    world_run(world, 2000);
    world_watch(world);
    ownership_drain(world->nodes[0].ownership, world->now_ms);
    world_run(world, 5000);
    assert_settled(world);
    assert_int_equal(owned_by(world, 0), 0);
    for (unsigned i = 0; i < 60; i++)
        assert_in_range(world->longest_ms[i], 0, WORLD_STEP_MS);
    for (unsigned i = 0; i < 2; i++) // an event of the old stream is the end of it
        assert_int_equal(world_owner(world, i), 1);
    world_leave(world, 0);
    world_run(world, 2000);
    assert_settled(world);
    world_destroy(world);
}

/** Who has not heard who owns the servers now may still send actions to this node, or has some on their way. */
static void test_i17_who_drains_waits_until_all_have_heard_of_the_new_owners(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 3, .servers = 1});
    (void)state;

    world_run(world, 4000);
    unsigned old = (unsigned)world_owner(world, 0), third = 0;
    struct ownership *ownership = world->nodes[old].ownership;
    ownership_drain(ownership, world->now_ms);
    assert_false(ownership_is_drained(ownership));
    while (ownership_claims(ownership) > 0)
        world_run(world, WORLD_STEP_MS);
    while (third == old || third == (unsigned)world_owner(world, 0))
        third++;
    world->nodes[third].sleeps = true;
    world_run(world, 1000);
    assert_int_equal(world_owned(world, old, 0)->source, SOURCE_BUS);
    assert_false(ownership_is_drained(ownership));
    world->nodes[third].sleeps = false;
    for (unsigned i = 0; i < 60; i++) { // until its next heartbeat
        world_run(world, WORLD_STEP_MS);
        ownership_is_drained(ownership);
    }
    assert_true(ownership_is_drained(ownership));
    assert_int_equal(world_owned(world, third, 0)->follow_boot, world_owned(world, old, 0)->follow_boot);
    world_destroy(world);
}

static void test_while_the_heir_is_not_the_owner_yet_it_is_known(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 2, .servers = 1, .loses_release = true});
    (void)state;

    world_run(world, 4000);
    unsigned old = (unsigned)world_owner(world, 0);
    const struct owned *given = world_owned(world, old, 0);
    struct owned *taken = world_owned(world, 1 - old, 0);
    ownership_followed(taken, 5); // of seven
    ownership_drain(world->nodes[old].ownership, world->now_ms);
    world_run(world, 1000);
    assert_int_equal(given->source, SOURCE_SOON);
    assert_int_equal(given->heir_boot, world->nodes[1 - old].ownership->settings.me.boot);
    assert_false(ownership_is_drained(world->nodes[old].ownership));
    ownership_followed(taken, 7);
    world_run(world, 100);
    assert_int_equal(given->source, SOURCE_BUS);
    assert_int_equal(given->heir_boot, 0);
    world_destroy(world);
}

static void test_a_given_server_goes_on_where_it_was(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 2, .servers = 1});
    (void)state;

    world_run(world, 4000);
    unsigned old = (unsigned)world_owner(world, 0);
    uint64_t epoch = world_owned(world, old, 0)->claim;
    ownership_drain(world->nodes[old].ownership, world->now_ms);
    world_run(world, 1000);
    const struct owned *owned = world_owned(world, 1 - old, 0), *follower = world_owned(world, old, 0);
    assert_true(owned->claim == epoch + 1 && owned->after_epoch == epoch && owned->after_sequence == 7);
    assert_true(follower->follow_epoch == epoch + 1 && follower->follow_after_epoch == epoch);
    world_destroy(world);
}

static void test_the_heir_waits_for_the_last_events(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 2, .servers = 1, .loses_release = true});
    (void)state;

    world_run(world, 4000);
    unsigned old = (unsigned)world_owner(world, 0);
    struct owned *owned = world_owned(world, 1 - old, 0);
    ownership_followed(owned, 5); // of seven
    ownership_drain(world->nodes[old].ownership, world->now_ms);
    world_run(world, 1000);
    assert_int_equal(owned->state, HOLD_READY);
    assert_int_equal(world_owned(world, old, 0)->source, SOURCE_SOON);
    ownership_followed(owned, 7); // once more, on demand
    world_run(world, 50);
    assert_int_equal(owned->state, HOLD_UP);
    assert_true(owned->after_epoch + 1 == owned->claim && owned->after_sequence == 7);
    world_destroy(world);
}

static void test_the_heir_does_not_wait_for_ever(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 2, .servers = 1, .loses_release = true});
    (void)state;

    world_run(world, 4000);
    unsigned old = (unsigned)world_owner(world, 0);
    struct owned *owned = world_owned(world, 1 - old, 0);
    ownership_followed(owned, 5);
    ownership_drain(world->nodes[old].ownership, world->now_ms);
    world_run(world, 3500);
    assert_int_equal(owned->state, HOLD_UP);
    assert_int_equal(owned->after_sequence, 5); // others leave out what they had of the rest
    assert_settled(world);
    world_destroy(world);
}

static void test_i17_takeover_moves_servers_to_the_younger_process(void **state)
{
    struct world *world = world_create((struct world_settings){.nodes = 2, .servers = 20});
    unsigned of_first;
    (void)state;

    world_run(world, 4000);
    of_first = owned_by(world, 0);
    strcpy(world->nodes[2].name, "n1");
    world_watch(world);
    world_start(world, 2);
    world_run(world, 10000);
    assert_settled(world);
    assert_int_equal(owned_by(world, 0), 0);
    assert_int_equal(owned_by(world, 2), of_first);
    world_leave(world, 0);
    world_run(world, 2000);
    assert_settled(world);
    for (unsigned i = 0; i < 20; i++)
        assert_in_range(world->longest_ms[i], 0, WORLD_STEP_MS);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balance_moves_servers_as_planned),
        cmocka_unit_test(test_i17_a_drain_gives_all_away_without_a_gap),
        cmocka_unit_test(test_i17_who_drains_waits_until_all_have_heard_of_the_new_owners),
        cmocka_unit_test(test_while_the_heir_is_not_the_owner_yet_it_is_known),
        cmocka_unit_test(test_a_given_server_goes_on_where_it_was),
        cmocka_unit_test(test_the_heir_waits_for_the_last_events),
        cmocka_unit_test(test_the_heir_does_not_wait_for_ever),
        cmocka_unit_test(test_i17_takeover_moves_servers_to_the_younger_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
