// tests/unit/hub/test_cluster_need.c: which servers a node follows, and what its clients get when it begins.
#include "unit/hub/stream_scene.h"

#define LONG 60000 // ms, after which nobody follows what nobody needs

static struct outbox outboxes[2];

/** A node that follows, with two workers without clients. */
static int set_up_need(void **state)
{
    set_up(state);
    memset(outboxes, 0, sizeof outboxes);
    scene.hub.outboxes = outboxes;
    scene.hub.worker_count = 2;
    scene.hub.coalescer = coalescer_create(NULL, NULL);
    list_add_last(&scene.cluster.all, &scene.shared.entry);
    scene.shared.hears = false;
    need_begin(&scene.shared, clock_ms());
    follow(7);
    return 0;
}

static int tear_down_need(void **state)
{
    coalescer_destroy(scene.hub.coalescer);
    return tear_down(state);
}

/** Nobody needs the server for long. */
static void forget(void)
{
    need_judge(&scene.shared, clock_ms() + LONG);
}

static void test_i17_what_nobody_needs_is_not_followed_any_more(void **state)
{
    (void)state;
    need_judge(&scene.shared, clock_ms());
    assert_true(scene.shared.hears); // clients come back
    forget();
    assert_false(scene.shared.hears);
    come(OWNER, 1, 8, 9); // on its way
    assert_int_equal(scene.fake->count, 0);
}

static void test_i17_somebody_in_any_worker_needs_it(void **state)
{
    (void)state;
    outboxes[1].has_audience = true;
    forget();
    assert_true(scene.shared.hears);
    outboxes[1].has_audience = false;
    need_judge(&scene.shared, clock_ms() + LONG + 1);
    assert_true(scene.shared.hears);       // for a while
    need_judge(&scene.shared, clock_ms()); // a time of before
    assert_true(scene.shared.hears);
}

static void test_i17_duties_need_it(void **state)
{
    (void)state;
    scene.owned.wants_lane = true;
    forget();
    assert_true(scene.shared.hears);
    scene.owned.wants_lane = false;
    scene.fake->server[0].role->state = ROLE_LEAVING;
    need_judge(&scene.shared, clock_ms() + 2 * LONG);
    assert_true(scene.shared.hears);
    scene.fake->server[0].role->state = ROLE_REMOTE;
    need_judge(&scene.shared, clock_ms() + 4 * LONG);
    assert_false(scene.shared.hears);
}

static void test_i17_a_takeover_needs_it(void **state)
{
    (void)state;
    scene.hub.handover.state = HANDOVER_HOLDS;
    forget();
    assert_true(scene.shared.hears);
    scene.hub.handover.state = HANDOVER_NONE;
}

/** The figures for `pbx_metrics` are those of all servers. */
static void test_i17_figures_need_it(void **state)
{
    (void)state;
    scene.hub.pbx = (struct pbx *)&scene; // not read here
    forget();
    assert_true(scene.shared.hears);
}

static void test_i17_a_gap_is_closed_first(void **state)
{
    (void)state;
    come(OWNER, 1, 9, 9);
    forget();
    assert_true(scene.shared.hears);
    come_again(1, 8, 8, true);
    need_judge(&scene.shared, clock_ms() + 2 * LONG);
    assert_false(scene.shared.hears);
}

/** What the owner had sent before its last heartbeat is for nobody; what it has sent since is fetched. */
static void test_i17_it_goes_on_after_the_last_heartbeat(void **state)
{
    (void)state;
    forget();
    stream_hear(&scene.shared, 20, clock_ms());
    assert_int_equal(scene.shared.stream.gap_until_ms, 0);
    outboxes[0].has_audience = true;
    hub_cluster_judge_need(&scene.cluster);
    assert_true(scene.shared.hears && scene.shared.stream.catches_up);
    stream_begin(&scene.shared, 22); // its state has come
    assert_int_equal(scene.shared.stream.gap_last, 22);
    come(OWNER, 1, 23, 23);
    come_again(1, 21, 22, true);
    assert_int_equal(scene.fake->count, 3);
    assert_true(span_is(message_name(scene.fake->parts[0].message), "E1.21"));
    assert_true(span_is(message_name(scene.fake->parts[2].message), "E1.23"));
    assert_int_equal(metric_get(&scene.cluster.counts->lost), 0);
    assert_int_equal(metric_get(&scene.cluster.counts->gaps), 0); // nothing went wrong
    assert_int_equal(metric_get(&scene.cluster.counts->repaired), 0);
    assert_true(stream_is_calm(&scene.shared.stream));
    fake_forget(scene.fake);
}

static void test_i17_nothing_came_meanwhile(void **state)
{
    (void)state;
    forget();
    outboxes[0].has_audience = true;
    hub_cluster_judge_need(&scene.cluster);
    stream_begin(&scene.shared, 7);
    assert_int_equal(scene.shared.stream.gap_until_ms, 0);
    assert_false(scene.shared.stream.catches_up);
    come(OWNER, 1, 8, 8);
    assert_int_equal(scene.fake->count, 1);
    fake_forget(scene.fake);
}

/** The next owner goes on where nobody has followed the old one to. */
static void test_i17_the_owner_changes_meanwhile(void **state)
{
    (void)state;
    forget();
    stream_continue(&scene.shared, NEXT, 2, 500);
    assert_int_equal(scene.shared.stream.epoch, 2);
    assert_int_equal(scene.shared.stream.gap_until_ms, 0);
    stream_hear(&scene.shared, 30, clock_ms());
    outboxes[0].has_audience = true;
    hub_cluster_judge_need(&scene.cluster);
    come(NEXT, 2, 31, 31);
    assert_int_equal(scene.fake->count, 1);
    fake_forget(scene.fake);
}

/** Without a cluster the letter of a worker changes nothing. */
static void test_i17_no_cluster_needs_nothing(void **state)
{
    (void)state;
    hub_cluster_judge_need(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_need, tear_down_need)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_what_nobody_needs_is_not_followed_any_more),
        TEST(test_i17_somebody_in_any_worker_needs_it),
        TEST(test_i17_duties_need_it),
        TEST(test_i17_a_takeover_needs_it),
        TEST(test_i17_figures_need_it),
        TEST(test_i17_a_gap_is_closed_first),
        TEST(test_i17_it_goes_on_after_the_last_heartbeat),
        TEST(test_i17_nothing_came_meanwhile),
        TEST(test_i17_the_owner_changes_meanwhile),
        cmocka_unit_test(test_i17_no_cluster_needs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
