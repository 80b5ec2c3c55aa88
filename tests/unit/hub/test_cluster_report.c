// tests/unit/hub/test_cluster_report.c: what people are told of the cluster: nodes, owners, how far this node is
// behind.
#include "unit/hub/stream_scene.h"

#include "letters/letters.h"
#include "unit/cluster/beats.h"

static struct command command;

/** A node n1 that follows pbx1 of the node "n 2", whose claim has epoch 1. */
static int set_up_report(void **state)
{
    set_up_nodes(state);
    command = (struct command){.kind = COMMAND_CLUSTER};
    return 0;
}

static int tear_down_report(void **state)
{
    for (uint32_t i = 0; i < command.answer_count; i++)
        message_unref(command.answer[i]);
    free(command.answer);
    return tear_down_nodes(state);
}

static void hear(const char *lines)
{
    static unsigned beats;

    ownership_hear(scene.cluster.ownership, beat_of("n%202", (unsigned)OWNER, ++beats, lines), clock_ms());
}

/** Has the event of that number, of that name, a header with this value? */
static void assert_told(uint32_t number, const char *event, const char *header, const char *wanted)
{
    struct span value = {NULL, 0};
    char text[256];

    assert_true(number < command.answer_count);
    assert_true(span_is(message_name(command.answer[number]), event));
    assert_true(message_find(command.answer[number], header, &value));
    snprintf(text, sizeof text, "%.*s", (int)value.length, value.bytes);
    assert_string_equal(text, wanted);
}

static void describe(void)
{
    struct error err = {""};

    assert_true(hub_cluster_describe(&scene.cluster, &command, &err));
}

static void test_i17_without_a_cluster_there_is_nothing_to_tell(void **state)
{
    struct error err = {""};
    (void)state;

    assert_false(hub_cluster_describe(NULL, &command, &err));
    assert_non_null(strstr(err.text, "no section `cluster`"));
    assert_int_equal(command.answer_count, 0);
}

static void test_i17_nodes_are_told_with_what_they_own(void **state)
{
    (void)state;
    hear("Program: 3.1\nSessions: 4\nServer: pbx1 state=up claim=1 sequence=9\nServer: pbx2 state=warm\n");
    describe();
    assert_int_equal(command.answer_count, 3);
    assert_told(0, "ClusterNode", "Node", "n1");
    assert_told(0, "ClusterNode", "Here", "yes");
    assert_told(0, "ClusterNode", "LastHeartbeat", "0"); // it has sent none
    assert_told(1, "ClusterNode", "Node", "n 2");
    assert_told(1, "ClusterNode", "State", "alive");
    assert_told(1, "ClusterNode", "Version", "3.1");
    assert_told(1, "ClusterNode", "Sessions", "4");
    assert_told(1, "ClusterNode", "Owned", "1");
    assert_told(1, "ClusterNode", "Boot", "0000000000000011");
}

static void test_i17_a_node_that_is_gone_owns_nothing(void **state)
{
    (void)state;
    hear("Sessions: 4\nServer: pbx1 state=up claim=1 sequence=9\n");
    hear("Leaving: 1\nSessions: 4\nServer: pbx1 state=up claim=1 sequence=9\n");
    describe();
    assert_told(1, "ClusterNode", "State", "gone");
    assert_told(1, "ClusterNode", "Owned", "0");
    assert_told(1, "ClusterNode", "Sessions", "0");
}

static void test_i17_a_server_nobody_owns(void **state)
{
    (void)state;
    describe();
    assert_told(1, "ClusterServer", "Server", "pbx1");
    assert_told(1, "ClusterServer", "State", "down");
    assert_told(1, "ClusterServer", "Source", "none");
    assert_told(1, "ClusterServer", "Owner", "-");
    assert_told(1, "ClusterServer", "Standby", "-");
    assert_told(1, "ClusterServer", "Lag", "0");
}

static void test_i17_a_server_of_another_node_and_what_is_still_to_come(void **state)
{
    (void)state;
    follow(5);
    hear("Server: pbx1 state=up claim=1 sequence=9\n");
    scene.owned.source = SOURCE_BUS;
    scene.owned.follow_boot = OWNER;
    scene.owned.follow_epoch = 1;
    scene.fake->server[0].role->up = true;
    describe();
    assert_told(2, "ClusterServer", "State", "up");
    assert_told(2, "ClusterServer", "Source", "bus");
    assert_told(2, "ClusterServer", "Followed", "yes");
    assert_told(2, "ClusterServer", "Owner", "n 2");
    assert_told(2, "ClusterServer", "Epoch", "1");
    assert_told(2, "ClusterServer", "Sequence", "9");
    assert_told(2, "ClusterServer", "Lag", "4");
}

static void test_i17_a_server_that_nobody_here_needs(void **state)
{
    (void)state;
    follow(5);
    scene.shared.hears = false;
    hear("Server: pbx1 state=up claim=1 sequence=9\n");
    stream_hear(&scene.shared, 9, clock_ms());
    scene.owned.source = SOURCE_BUS;
    scene.owned.follow_boot = OWNER;
    scene.owned.follow_epoch = 1;
    describe();
    assert_told(2, "ClusterServer", "Followed", "no");
    assert_told(2, "ClusterServer", "Sequence", "9");
    assert_told(2, "ClusterServer", "Lag", "0"); // nothing is to come
}

static void test_i17_who_stands_by_and_what_was_missed(void **state)
{
    (void)state;
    hear("Server: pbx1 state=warm\n");
    scene.owned.source = SOURCE_LANE;
    scene.owned.claim = 7;
    scene.shared.counts.gaps = 1;
    scene.shared.counts.repaired = 20;
    scene.shared.counts.lost = 3;
    describe();
    assert_told(2, "ClusterServer", "Owner", "n1");
    assert_told(2, "ClusterServer", "Source", "lane");
    assert_told(2, "ClusterServer", "Epoch", "7");
    assert_told(2, "ClusterServer", "Standby", "n 2");
    assert_told(2, "ClusterServer", "Gaps", "1");
    assert_told(2, "ClusterServer", "Repaired", "20");
    assert_told(2, "ClusterServer", "Lost", "3");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_report, tear_down_report)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_without_a_cluster_there_is_nothing_to_tell),
        TEST(test_i17_nodes_are_told_with_what_they_own),
        TEST(test_i17_a_node_that_is_gone_owns_nothing),
        TEST(test_i17_a_server_nobody_owns),
        TEST(test_i17_a_server_of_another_node_and_what_is_still_to_come),
        TEST(test_i17_a_server_that_nobody_here_needs),
        TEST(test_i17_who_stands_by_and_what_was_missed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
