// tests/unit/cluster/test_nodes.c: who is alive, and what the table does with hostile or repeated heartbeats.
#include "cluster/nodes.h"

#include "unit/cluster/beats.h"

#define DEAD_MS 2500

static struct nodes empty(void)
{
    return (struct nodes){.me = {span_of("n1"), 1, 1001}};
}

static void test_members_come_and_die(void **state)
{
    struct nodes nodes = empty();
    struct member_id second = {span_of("n2"), 2, 0};
    (void)state;

    assert_int_equal(nodes_hear(&nodes, beat_of("n2", 2, 1, ""), 1000), NODES_ARRIVED);
    assert_int_equal(nodes_hear(&nodes, beat_of("n2", 2, 2, ""), 1500), NODES_KNOWN);
    assert_int_equal(nodes_age(&nodes, DEAD_MS, 3999), 0);
    assert_int_equal(nodes_alive(&nodes), 1);
    assert_int_equal(nodes_age(&nodes, DEAD_MS, 4000), 1);
    assert_int_equal(nodes_age(&nodes, DEAD_MS, 4001), 0);
    assert_int_equal(nodes_alive(&nodes), 0);
    assert_non_null(nodes_find(&nodes, &second));
    assert_int_equal(nodes_hear(&nodes, beat_of("n2", 2, 9, ""), 9000), NODES_ARRIVED);
    assert_int_equal(nodes_find(&nodes, &second)->since_ms, 9000);
    nodes_age(&nodes, DEAD_MS, 9000 + DEAD_MS);
    nodes_age(&nodes, DEAD_MS, 9000 + DEAD_MS + NODES_FORGET_MS);
    assert_null(nodes_find(&nodes, &second));
    nodes_fini(&nodes);
}

static void test_who_leaves_is_dead_at_once(void **state)
{
    struct nodes nodes = empty();
    (void)state;

    nodes_hear(&nodes, beat_of("n2", 2, 1, ""), 1000);
    assert_int_equal(nodes_hear(&nodes, beat_of("n2", 2, 2, "Leaving: 1\n"), 1001), NODES_KNOWN);
    assert_int_equal(nodes_alive(&nodes), 0);
    nodes_fini(&nodes);
}

static void test_old_and_own_ones_change_nothing(void **state)
{
    struct nodes nodes = empty();
    struct member_id second = {span_of("n2"), 2, 0};
    (void)state;

    nodes_hear(&nodes, beat_of("n2", 2, 5, ""), 1000);
    assert_int_equal(nodes_hear(&nodes, beat_of("n2", 2, 5, "Leaving: 1\n"), 2000), NODES_STALE);
    assert_int_equal(nodes_hear(&nodes, beat_of("n2", 2, 4, ""), 2000), NODES_STALE);
    assert_int_equal(nodes_find(&nodes, &second)->heard_ms, 1000);
    assert_int_equal(nodes_hear(&nodes, beat_of("n1", 1, 5, ""), 2000), NODES_OWN);
    assert_int_equal(nodes_hear(&nodes, beat_of("n1", 7, 5, ""), 2000), NODES_ARRIVED); // another process of this node
    assert_int_equal(nodes_alive(&nodes), 2);
    nodes_fini(&nodes);
}

static void test_i17_the_table_has_a_bound(void **state)
{
    struct nodes nodes = empty();
    struct member_id first = {span_of("n2"), 2, 0};
    (void)state;

    for (unsigned i = 0; i < NODES_MOST; i++)
        assert_int_equal(nodes_hear(&nodes, beat_of("n2", 2 + i, 1, ""), 1000 + i), NODES_ARRIVED);
    assert_int_equal(nodes_hear(&nodes, beat_of("n3", 1, 1, ""), 1300), NODES_FULL);
    nodes_age(&nodes, 300, 1302); // the first three are dead
    assert_int_equal(nodes_hear(&nodes, beat_of("n3", 1, 1, ""), 1302), NODES_ARRIVED);
    assert_null(nodes_find(&nodes, &first));
    assert_int_equal(nodes.count, NODES_MOST);
    nodes_fini(&nodes);
}

static void test_who_has_heard_a_heartbeat(void **state)
{
    struct nodes nodes = empty();
    (void)state;

    assert_true(nodes_have_heard(&nodes, 5));
    nodes_hear(&nodes, beat_of("n2", 2, 1, "Heard: n1 0000000000000001 5\n"), 1000);
    assert_true(nodes_have_heard(&nodes, 5));
    assert_false(nodes_have_heard(&nodes, 6));
    nodes_hear(&nodes, beat_of("n3", 3, 1, "Heard: n1 0000000000000009 7\n"), 1000); // another process
    assert_false(nodes_have_heard(&nodes, 5));
    nodes_hear(&nodes, beat_of("n3", 3, 2, "Leaving: 1\n"), 1000);
    assert_true(nodes_have_heard(&nodes, 5));
    nodes_fini(&nodes);
}

static void test_own_sleep_excuses_the_living(void **state)
{
    struct nodes nodes = empty();
    (void)state;

    nodes_hear(&nodes, beat_of("n2", 2, 1, ""), 1000);
    nodes_excuse(&nodes, 10000, 11500);
    assert_int_equal(nodes_age(&nodes, DEAD_MS, 13000), 0);
    nodes_excuse(&nodes, 10000, 13000); // it was heard less long ago than that
    assert_int_equal(nodes_age(&nodes, DEAD_MS, 13000), 0);
    assert_int_equal(nodes_age(&nodes, DEAD_MS, 15500), 1);
    nodes_excuse(&nodes, 10000, 16000);
    assert_int_equal(nodes_alive(&nodes), 0);
    nodes_fini(&nodes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_come_and_die),
        cmocka_unit_test(test_who_leaves_is_dead_at_once),
        cmocka_unit_test(test_old_and_own_ones_change_nothing),
        cmocka_unit_test(test_i17_the_table_has_a_bound),
        cmocka_unit_test(test_who_has_heard_a_heartbeat),
        cmocka_unit_test(test_own_sleep_excuses_the_living),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
