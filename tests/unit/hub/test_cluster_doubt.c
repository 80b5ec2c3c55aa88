// tests/unit/hub/test_cluster_doubt.c: numbers of events that the owner's heartbeats contradict: nothing is lost or
// given twice for them, and the stream goes on.
#include "unit/hub/stream_scene.h"

/** Returns the names of the events that clients have got, and how many they were told of as lost; forgets them. */
static void assert_got(const char *wanted)
{
    char got[512] = "";
    struct span dropped;

    for (size_t i = 0; i < scene.fake->count; i++) {
        struct span text = message_name(scene.fake->parts[i].message);
        const char *sign = " ";
        if (message_find(scene.fake->parts[i].message, "Dropped", &dropped)) {
            text = dropped;
            sign = " -";
        }
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", sign, (int)text.length, text.bytes);
    }
    assert_string_equal(got, wanted);
    fake_forget(scene.fake);
}

/** Lets the wait for missing events end. */
static void wait_in_vain(void)
{
    stream_tick(&scene.shared, scene.shared.stream.gap_until_ms);
}

static void test_i17_a_forged_number_opens_no_gap_that_the_owner_denies(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 2);
    come(OWNER, 1, 1000, 1000);                    // nobody has sent that
    come(OWNER, 1, 3, 3);                          // is held: no, it comes in turn
    stream_hear(&scene.shared, 3, clock_ms() + 1); // the owner's heartbeat, after it
    wait_in_vain();
    come(OWNER, 1, 4, 5);
    assert_got(" E1.1 E1.2 E1.3 E1.4 E1.5");
    assert_int_equal(metric_get(&scene.cluster.counts->lost), 0);
}

static void test_i17_what_is_truly_lost_before_a_forged_number_is_told(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 2);
    come(OWNER, 1, 1000, 1000);
    stream_hear(&scene.shared, 4, clock_ms() + 1);
    wait_in_vain();
    come(OWNER, 1, 5, 5);
    assert_got(" E1.1 E1.2 -2 E1.5");
}

static void test_i17_a_true_gap_is_given_up_whole(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 4, 4);
    stream_hear(&scene.shared, 4, clock_ms() + 1);
    wait_in_vain();
    assert_got(" -3 E1.4");
}

/** A forged state, of which the first thing that is known is the wrong number. */
static void test_i17_a_stream_ahead_of_its_owner_begins_anew(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 2);
    stream_hear(&scene.shared, 2, clock_ms());
    come(OWNER, 1, 3, 12); // forged, but in turn: the true ones would count as repeats
    assert_got(" E1.1 E1.2 E1.3 E1.4 E1.5 E1.6 E1.7 E1.8 E1.9 E1.10 E1.11 E1.12");
    stream_hear(&scene.shared, 4, clock_ms());
    stream_hear(&scene.shared, 5, clock_ms());
    assert_true(scene.shared.stream.known); // two heartbeats may be old ones
    stream_hear(&scene.shared, 6, clock_ms());
    assert_false(scene.shared.stream.known);
    stream_begin(&scene.shared, 6); // its state
    come(OWNER, 1, 7, 7);
    assert_got(" -4 E1.7"); // 3 to 6
}

static void test_i17_a_heartbeat_that_agrees_ends_the_doubt(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 9);
    fake_forget(scene.fake);
    for (unsigned i = 0; i < 9; i++) {
        stream_hear(&scene.shared, 8, clock_ms());
        stream_hear(&scene.shared, 8, clock_ms());
        stream_hear(&scene.shared, 9, clock_ms());
    }
    assert_true(scene.shared.stream.known);
    assert_got("");
}

/** What heartbeats of the last owner said does not concern the next one's numbers. */
static void test_i17_another_owner_is_not_doubted_for_the_last_one(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 2);
    stream_hear(&scene.shared, 2, clock_ms());
    stream_hear(&scene.shared, 1, clock_ms());
    stream_hear(&scene.shared, 1, clock_ms());
    stream_continue(&scene.shared, NEXT, 2, 2);
    assert_int_equal(scene.shared.stream.denials, 0);
    assert_int_equal(scene.shared.stream.agreed, 0);
    come(NEXT, 2, 5, 5);
    wait_in_vain();
    assert_got(" E1.1 E1.2 -4 E2.5");
    assert_int_equal(metric_get(&scene.cluster.counts->doubts), 0);
}

static void test_i17_an_answer_beyond_the_question_is_ignored(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 3, 3);
    come_again(1, 900, 900, true); // 1 and 2 were asked for
    assert_got("");
    come_again(1, 1, 2, true);
    assert_got(" E1.1 E1.2 E1.3");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_a_forged_number_opens_no_gap_that_the_owner_denies),
        TEST(test_i17_what_is_truly_lost_before_a_forged_number_is_told),
        TEST(test_i17_a_true_gap_is_given_up_whole),
        TEST(test_i17_a_stream_ahead_of_its_owner_begins_anew),
        TEST(test_i17_a_heartbeat_that_agrees_ends_the_doubt),
        TEST(test_i17_another_owner_is_not_doubted_for_the_last_one),
        TEST(test_i17_an_answer_beyond_the_question_is_ignored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
