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

static struct heartbeat *sent_at(unsigned number, unsigned sent)
{
    char line[32];

    snprintf(line, sizeof line, "Sent: %u\n", sent);
    return beat_of("n2", 2, number, line);
}

/** The process n2 goes on behind a forged heartbeat that came at `forged_ms`: the third one is taken. */
static void go_on(struct nodes *nodes, unsigned forged_ms)
{
    struct member_id second = {span_of("n2"), 2, 0};

    assert_int_equal(nodes_hear(nodes, sent_at(6, forged_ms + 500), forged_ms + 500), NODES_STALE); // was it held up?
    assert_int_equal(nodes_hear(nodes, sent_at(7, forged_ms + 1000), forged_ms + 1000), NODES_DOUBTED);
    assert_int_equal(nodes_find(nodes, &second)->heard_ms, forged_ms);
    assert_int_equal(nodes_hear(nodes, sent_at(8, forged_ms + 1500), forged_ms + 1500), NODES_KNOWN);
    assert_int_equal(nodes_age(nodes, DEAD_MS, forged_ms + DEAD_MS), 0);
    assert_int_equal(nodes_hear(nodes, sent_at(9, forged_ms + 2000), forged_ms + 2000), NODES_KNOWN);
}

/** Somebody has sent a heartbeat in the name of a process, with a high number: that the process goes on below it shows
 *  that the number was wrong, whatever its time is. */
static void test_a_forged_number_does_not_silence_a_process(void **state)
{
    static const unsigned times[] = {0, 1100, 4000000000};
    (void)state;

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct nodes nodes = empty();
        nodes_hear(&nodes, sent_at(5, 1000), 1000);
        assert_int_equal(nodes_hear(&nodes, sent_at(900, times[i]), 1100), NODES_KNOWN); // nothing contradicts it yet
        go_on(&nodes, 1100);
        nodes_fini(&nodes);
    }
}

/** The second one seems to be the first of those that go on. */
static void test_nor_do_two_of_them(void **state)
{
    struct nodes nodes = empty();
    (void)state;

    nodes_hear(&nodes, sent_at(5, 1000), 1000);
    nodes_hear(&nodes, sent_at(900, 4000000000), 1100);
    assert_int_equal(nodes_hear(&nodes, sent_at(899, 3999999999), 1100), NODES_STALE);
    go_on(&nodes, 1100);
    nodes_fini(&nodes);
}

/** Old ones come together when a connection between two NATS servers works again, or once more at any time. */
static void test_old_ones_that_come_late_are_not_believed(void **state)
{
    struct nodes nodes = empty();
    (void)state;

    nodes_hear(&nodes, sent_at(20, 10000), 10000);
    for (unsigned i = 10; i < 20; i++)
        assert_int_equal(nodes_hear(&nodes, sent_at(i, i * 500), 10300 + i), NODES_STALE);
    nodes_hear(&nodes, sent_at(21, 10500), 10500);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(nodes_hear(&nodes, sent_at(15, 7500), 11000 + i * 500), NODES_STALE);
    nodes_fini(&nodes);
}

/** The clock of their node was set back meanwhile. */
static void test_old_ones_of_a_later_time_are_not_believed(void **state)
{
    struct nodes nodes = empty();
    (void)state;

    nodes_hear(&nodes, sent_at(20, 10000), 10000);
    for (unsigned i = 10; i < 20; i++)
        assert_int_equal(nodes_hear(&nodes, sent_at(i, 3600000 + i * 500), 10300 + i), NODES_STALE);
    nodes_fini(&nodes);
}

static void test_a_forged_farewell_does_not_last(void **state)
{
    struct nodes nodes = empty();
    (void)state;

    nodes_hear(&nodes, sent_at(5, 1000), 1000);
    nodes_hear(&nodes, beat_of("n2", 2, 900, "Leaving: 1\nSent: 1100\n"), 1100);
    assert_int_equal(nodes_alive(&nodes), 0);
    nodes_hear(&nodes, sent_at(6, 1500), 1500);
    nodes_hear(&nodes, sent_at(7, 2000), 2000);
    assert_int_equal(nodes_hear(&nodes, sent_at(8, 2500), 2500), NODES_ARRIVED);
    assert_int_equal(nodes_alive(&nodes), 1);
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

static void test_marks_are_heard_by_all(void **state)
{
    struct nodes nodes = empty();
    (void)state;

    nodes_hear(&nodes, beat_of("n2", 2, 5, ""), 1000);
    nodes_hear(&nodes, beat_of("n3", 3, 7, ""), 1000);
    nodes_mark(&nodes);
    assert_false(nodes_have_heard_marks(&nodes));
    nodes_hear(&nodes, beat_of("n2", 2, 6, "Heard: n3 0000000000000003 7\n"), 1010);
    nodes_hear(&nodes, beat_of("n3", 3, 8, "Heard: n2 0000000000000002 4\n"), 1010);
    assert_false(nodes_have_heard_marks(&nodes)); // an older one of n2
    nodes_hear(&nodes, beat_of("n3", 3, 9, "Heard: n2 0000000000000002 5\n"), 1020);
    assert_true(nodes_have_heard_marks(&nodes));
    nodes_hear(&nodes, beat_of("n4", 4, 1, ""), 1030); // it came later, and knows no older claims
    assert_false(nodes_have_heard_marks(&nodes));
    nodes_hear(&nodes, beat_of("n4", 4, 2, "Heard: n2 0000000000000002 6\nHeard: n3 0000000000000003 9\n"), 1040);
    assert_true(nodes_have_heard_marks(&nodes));
    nodes_hear(&nodes, beat_of("n2", 2, 7, "Leaving: 1\n"), 1050);
    assert_true(nodes_have_heard_marks(&nodes));
    nodes_fini(&nodes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_are_heard_by_all),
        cmocka_unit_test(test_members_come_and_die),
        cmocka_unit_test(test_who_leaves_is_dead_at_once),
        cmocka_unit_test(test_old_and_own_ones_change_nothing),
        cmocka_unit_test(test_a_forged_number_does_not_silence_a_process),
        cmocka_unit_test(test_nor_do_two_of_them),
        cmocka_unit_test(test_old_ones_of_a_later_time_are_not_believed),
        cmocka_unit_test(test_old_ones_that_come_late_are_not_believed),
        cmocka_unit_test(test_a_forged_farewell_does_not_last),
        cmocka_unit_test(test_i17_the_table_has_a_bound),
        cmocka_unit_test(test_who_has_heard_a_heartbeat),
        cmocka_unit_test(test_own_sleep_excuses_the_living),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
