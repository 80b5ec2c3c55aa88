// tests/unit/hub/test_cluster_stream.c: events of another node's server: each once and in order, whatever the bus
// loses, repeats or brings late; the change from one owner's stream to the next one's.
#include "unit/hub/stream_scene.h"

/** Checks which events clients have got, as a text: "1.1 1.2", and forgets them. */
static void assert_got(const char *wanted)
{
    char got[1024] = "";
    struct span dropped;

    for (size_t i = 0; i < scene.fake->count; i++) {
        struct span name = message_name(scene.fake->parts[i].message);
        if (message_find(scene.fake->parts[i].message, "Dropped", &dropped))
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s-%.*s", got[0] == '\0' ? "" : " ",
                     (int)dropped.length, dropped.bytes);
        else
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", got[0] == '\0' ? "" : " ",
                     (int)name.length - 1, name.bytes + 1);
    }
    assert_string_equal(got, wanted);
    fake_forget(scene.fake);
}

static void test_i17_events_before_the_state_are_not_given(void **state)
{
    (void)state;
    stream_follow(&scene.shared, OWNER, 1);
    come(OWNER, 1, 1, 2);
    stream_begin(&scene.shared, 2);
    come(OWNER, 1, 3, 4);
    come(NEXT, 1, 5, 5);  // of another process
    come(OWNER, 2, 5, 5); // of another claim
    assert_got("1.3 1.4");
    assert_int_equal(scene.owned.followed, 4);
}

static void test_i17_what_comes_twice_is_given_once(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 3);
    come(OWNER, 1, 2, 4);
    come(OWNER, 1, 1, 2);
    assert_got("1.1 1.2 1.3 1.4");
}

static void test_i17_what_is_missing_is_fetched_first(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 1);
    come(OWNER, 1, 4, 5);
    come(OWNER, 1, 8, 8); // a second gap
    assert_got("1.1");
    assert_int_equal(scene.shared.stream.gap_last, 3);
    come_again(1, 2, 3, true);
    assert_got("1.2 1.3 1.4 1.5");
    assert_int_equal(scene.shared.stream.gap_last, 7);
    come_again(1, 6, 7, true);
    come(OWNER, 1, 9, 9);
    assert_got("1.6 1.7 1.8 1.9");
}

static void test_i17_what_the_owner_has_no_more_is_told(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 6, 6);
    come_again(1, 4, 5, true); // 1 to 3 are gone
    assert_got("-3 1.4 1.5 1.6");
    assert_int_equal(metric_get(&scene.cluster.counts->gaps), 1);
    assert_int_equal(metric_get(&scene.cluster.counts->repaired), 2);
    assert_int_equal(metric_get(&scene.cluster.counts->lost), 3);
}

static void test_i17_an_owner_that_does_not_answer_is_not_waited_for(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 3, 3);
    stream_tick(&scene.shared, scene.shared.stream.gap_until_ms - 1);
    assert_got("");
    stream_tick(&scene.shared, scene.shared.stream.gap_until_ms);
    assert_got("-2 1.3");
}

/** A number beyond all bounds would be the last one: whatever came afterwards would count as a repeat. */
static void test_i17_a_number_beyond_all_bounds_is_not_believed(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, UINT64_MAX, 0);
    come(OWNER, 1, EPOCH_MOST + 1, 0);
    assert_int_equal(scene.shared.stream.gap_until_ms, 0);
    come(OWNER, 1, 1, 1);
    assert_got("1.1");
}

static void test_i17_a_heartbeat_shows_what_is_missing_at_the_end(void **state)
{
    (void)state;
    follow(5);
    stream_expect(&scene.shared, 5, clock_ms());
    assert_int_equal(scene.shared.stream.gap_until_ms, 0);
    stream_expect(&scene.shared, 7, clock_ms());
    assert_int_equal(scene.shared.stream.gap_last, 7);
    come_again(1, 6, 7, true);
    assert_got("1.6 1.7");
}

static void test_i17_the_next_stream_begins_where_this_one_ends(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 2);
    stream_continue(&scene.shared, NEXT, 2, 4);
    come(NEXT, 2, 1, 2); // sooner than the last one of the owner before
    assert_got("1.1 1.2");
    come(OWNER, 1, 3, 4);
    assert_got("1.3 1.4 2.1 2.2");
    come(OWNER, 1, 5, 5); // it is not the owner any more
    come(NEXT, 2, 3, 3);
    assert_got("2.3");
}

static void test_i17_the_last_events_of_a_dead_owner_are_not_waited_for(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 2);
    stream_continue(&scene.shared, NEXT, 2, 4);
    come(NEXT, 2, 1, 1);
    stream_tick(&scene.shared, scene.shared.stream.then_until_ms);
    assert_got("1.1 1.2 -2 2.1");
}

/** The next owner had fewer events of the last one than this node: it gives the others once more. */
static void test_i17_what_the_next_stream_repeats_is_left_out(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 3);
    stream_continue(&scene.shared, NEXT, 2, 2);
    struct message *again = message_ref(scene.fake->parts[2].message),
                   *fresh = message_ref(scene.fake->parts[1].message);
    assert_got("1.1 1.2 1.3");
    remote_take_event(scene.shared.server, again);
    assert_got("");
    remote_take_event(scene.shared.server, fresh); // the same text as one that both had: a new one
    assert_got("1.2");
}

/** The own lane of the next owner may have what was given up here, and other nodes may have had it. */
static void test_i17_the_next_owner_goes_on_before_what_it_has_given_up(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 1, 1);
    come(OWNER, 1, 4, 4);
    stream_tick(&scene.shared, scene.shared.stream.gap_until_ms);
    come(OWNER, 1, 5, 5);
    assert_got("1.1 -2 1.4 1.5");
    assert_int_equal(scene.owned.followed, 1);
    stream_continue(&scene.shared, NEXT, 2, 5);
    come(NEXT, 2, 1, 2);
    assert_got("2.1 2.2");
    assert_int_equal(scene.owned.followed, 2);
}

/** @return does this node answer a request for event 1 of that claim? */
static bool is_repaired(uint64_t epoch)
{
    const struct metrics_bus *counts = metrics_bus(scene.metrics);
    uint64_t before = metric_get(&counts->waiting_out);
    struct message_builder head;
    struct bus_letter *letter;

    message_builder_init(&head);
    message_addf(&head, "Epoch", "%llu", (unsigned long long)epoch);
    message_addf(&head, "First", "1");
    message_addf(&head, "Last", "1");
    letter = bus_letter_of(0, "amp.c1.gap.pbx1", "amp.c1.re.n2.22.1", message_build(&head), (struct span){NULL, 0});
    repair_answer(&scene.shared, letter);
    bus_letter_destroy(scene.cluster.bus, letter);
    return metric_get(&counts->waiting_out) > before;
}

static void test_i17_events_of_a_claim_that_has_ended_are_still_there(void **state)
{
    struct bus_letter *letter = letter_of(OWNER, 1, 1, 1, NULL);
    struct parcel parcel = parcel_of(letter);
    struct message *message;
    struct span wire;
    (void)state;

    assert_true(parcel_next(&parcel, &wire));
    message = reread_message(scene.cluster.reread, wire, true);
    offer_add(&scene.shared.ended, message, 1 << 20, clock_ms());
    scene.shared.ended_claim = 7;
    assert_true(is_repaired(7));
    assert_false(is_repaired(8)); // another node's
    offer_clear(&scene.shared.ended);
    message_unref(message);
    bus_letter_destroy(scene.cluster.bus, letter);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_events_before_the_state_are_not_given),
        TEST(test_i17_what_comes_twice_is_given_once),
        TEST(test_i17_what_is_missing_is_fetched_first),
        TEST(test_i17_what_the_owner_has_no_more_is_told),
        TEST(test_i17_an_owner_that_does_not_answer_is_not_waited_for),
        TEST(test_i17_a_number_beyond_all_bounds_is_not_believed),
        TEST(test_i17_a_heartbeat_shows_what_is_missing_at_the_end),
        TEST(test_i17_the_next_stream_begins_where_this_one_ends),
        TEST(test_i17_the_last_events_of_a_dead_owner_are_not_waited_for),
        TEST(test_i17_what_the_next_stream_repeats_is_left_out),
        TEST(test_i17_the_next_owner_goes_on_before_what_it_has_given_up),
        TEST(test_i17_events_of_a_claim_that_has_ended_are_still_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
