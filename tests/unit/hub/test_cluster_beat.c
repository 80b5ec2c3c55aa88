// tests/unit/hub/test_cluster_beat.c: heartbeats that come from the bus: what is told of those of another sender.
#include "unit/hub/stream_scene.h"

#include "base/log.h"

#include <stdlib.h>
#include <unistd.h>

static char log_path[] = "/tmp/beatXXXXXX";

/** A node n1 that follows pbx1 of the process OWNER; its log goes to a file. */
static int set_up_beats(void **state)
{
    int fd;

    set_up_nodes(state);
    strcpy(log_path, "/tmp/beatXXXXXX");
    fd = mkstemp(log_path);
    if (fd < 0)
        return -1;
    close(fd);
    return log_open(log_path, LOG_LEVEL_INFO, NULL) ? 0 : -1;
}

static int tear_down_beats(void **state)
{
    log_open("stderr", LOG_LEVEL_ERROR, NULL);
    unlink(log_path);
    return tear_down_nodes(state);
}

/** How many lines of the log have these words? */
static unsigned count_lines(const char *words)
{
    FILE *file = fopen(log_path, "re");
    char line[1000];
    unsigned count = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        count += strstr(line, words) != NULL;
    fclose(file);
    return count;
}

/** A heartbeat of the node comes from the bus. */
static void hear_of(const char *node, unsigned boot, unsigned number, const char *lines)
{
    char body[500];
    struct bus_letter *letter;

    snprintf(body, sizeof body, "Amp: 1\nNode: %s\nBoot: %016x\nStarted: 1000\nBeat: %u\n%s", node, boot, number,
             lines);
    letter = bus_letter_of(0, "amp.c1.node.n1", NULL, NULL, span_of(body));
    duty_take(&scene.cluster, letter);
    bus_letter_destroy(scene.cluster.bus, letter);
}

static void hear(unsigned boot, unsigned number, const char *lines)
{
    hear_of("n1", boot, number, lines);
}

/** The processes `first` and the one after it are alive for longer than a takeover takes. */
static void hear_for_long(unsigned first, const char *lines)
{
    for (unsigned number = 1; number <= 4; number++) {
        for (unsigned boot = first; boot < first + 2; boot++) {
            hear(boot, number, lines);
            nodes_find(&scene.cluster.ownership->nodes, &(struct member_id){span_of("n1"), boot, 0})->since_ms =
                clock_ms() - 60000;
        }
    }
}

static void test_processes_of_the_same_name_are_told_once_each(void **state)
{
    (void)state;
    hear_for_long(0x41, "");
    assert_int_equal(count_lines("another process has the name of this node node=n1"), 2);
    assert_int_equal(count_lines("boot=0000000000000041"), 1);
}

static void test_a_node_name_is_told_as_people_write_it(void **state)
{
    struct ownership *ownership = scene.cluster.ownership;
    (void)state;
    strcpy(scene.cluster.node, "n%2e1");
    strcpy(scene.cluster.node_name, "n.1");
    ownership->settings.me.node = span_of(scene.cluster.node);
    hear_of("n%2e1", 0x41, 1, "");
    nodes_find(&ownership->nodes, &(struct member_id){span_of("n%2e1"), 0x41, 0})->since_ms = clock_ms() - 60000;
    hear_of("n%2e1", 0x41, 2, "");
    assert_int_equal(count_lines("another process has the name of this node node=n.1 boot=0000000000000041"), 1);
}

static void test_a_takeover_is_not_told(void **state)
{
    (void)state;
    hear(0x41, 1, "");
    hear(0x41, 2, "");
    hear_for_long(0x51, "Draining: 1\n");
    scene.cluster.ownership->draining = true;
    hear_for_long(0x61, "");
    assert_int_equal(count_lines("another process has the name"), 0);
}

static void test_own_heartbeats_that_were_not_sent_are_forged(void **state)
{
    (void)state;
    scene.cluster.ownership->beat = 7;
    hear(0x33, 7, ""); // came back by another NATS server
    assert_int_equal(metric_get(&scene.cluster.counts->doubts), 0);
    hear(0x33, 8, "");
    assert_int_equal(metric_get(&scene.cluster.counts->doubts), 1);
    assert_int_equal(count_lines("heartbeat of a second sender boot=0000000000000033 number=8"), 1);
}

static void test_what_a_heartbeat_tells_of_a_stream(void **state)
{
    (void)state;
    stream_follow(&scene.shared, OWNER, 1);
    hear((unsigned)OWNER, 1, "Server: pbx1 state=up claim=1 sequence=9\n");
    assert_int_equal(scene.shared.stream.told, 9);
    hear((unsigned)OWNER, 1, "Server: pbx1 state=up claim=1 sequence=10\n"); // not taken
    hear((unsigned)NEXT, 1, "Server: pbx1 state=up claim=1 sequence=11\n");  // another process
    hear((unsigned)OWNER, 2, "Leaving: 1\nServer: pbx1 state=up claim=1 sequence=12\n");
    assert_int_equal(scene.shared.stream.told, 9);
}

/** The owner was last heard so long ago. */
static void fall_silent(uint64_t ms)
{
    nodes_find(&scene.cluster.ownership->nodes, &(struct member_id){span_of("n1"), OWNER, 0})->heard_ms =
        clock_ms() - ms;
}

static void test_a_heartbeat_is_late_once_and_only_if_it_is_taken(void **state)
{
    const struct metric *late = &scene.cluster.counts->late_beats;
    (void)state;

    hear((unsigned)OWNER, 5, "");
    hear((unsigned)OWNER, 6, ""); // in time
    assert_int_equal(metric_get(late), 0);
    fall_silent(1500);
    hear((unsigned)OWNER, 4, ""); // an old one, by another NATS server or forged
    hear((unsigned)OWNER, 6, "");
    assert_int_equal(metric_get(late), 0);
    hear((unsigned)OWNER, 7, "");
    hear((unsigned)OWNER, 8, "");
    assert_int_equal(metric_get(late), 1);
    fall_silent(1500);
    hear((unsigned)OWNER, 9, "Leaving: 1\n"); // it comes late, too
    assert_int_equal(metric_get(late), 2);
    hear((unsigned)OWNER, 10, ""); // it comes again: nobody waited for it
    assert_int_equal(metric_get(late), 2);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up_beats, tear_down_beats)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_processes_of_the_same_name_are_told_once_each),
        TEST(test_a_takeover_is_not_told),
        TEST(test_a_node_name_is_told_as_people_write_it),
        TEST(test_own_heartbeats_that_were_not_sent_are_forged),
        TEST(test_what_a_heartbeat_tells_of_a_stream),
        TEST(test_a_heartbeat_is_late_once_and_only_if_it_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
