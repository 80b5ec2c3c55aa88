// tests/unit/hub/test_cluster_await.c: an answer finds its question by the number in its subject, and only the last
// one.
#include "unit/hub/stream_scene.h"

/** Takes events as the answer to the question of that number. */
static void answer_gap(uint64_t number, uint64_t first, uint64_t last)
{
    struct bus_letter *letter = letter_of(OWNER, 1, first, last, "Done");

    await_take(&scene.cluster, number, letter);
    bus_letter_destroy(scene.cluster.bus, letter);
}

static void test_i17_an_answer_finds_its_question(void **state)
{
    (void)state;
    follow(0);
    come(OWNER, 1, 3, 3);
    answer_gap(scene.shared.awaited[AWAIT_GAP].number, 1, 2);
    assert_int_equal(scene.fake->count, 3);
    assert_int_equal(scene.shared.awaited[AWAIT_GAP].number, 0);
    fake_forget(scene.fake);
}

static void test_i17_other_numbers_are_nobodys(void **state)
{
    uint64_t number;
    (void)state;

    follow(0);
    come(OWNER, 1, 3, 3);
    number = scene.shared.awaited[AWAIT_GAP].number;
    answer_gap(number + 1, 1, 2);
    answer_gap(0, 1, 2);
    assert_int_equal(scene.fake->count, 0);
    stream_end(&scene.shared); // nobody waits any more
    answer_gap(number, 1, 2);
    assert_int_equal(scene.fake->count, 0);
    assert_int_equal(scene.cluster.awaited.count, 0);
}

static void test_i17_a_new_question_takes_the_place_of_the_old(void **state)
{
    char reply[SUBJECT_BYTES], again[SUBJECT_BYTES];
    (void)state;

    await_begin(&scene.shared, AWAIT_STILL, reply);
    await_begin(&scene.shared, AWAIT_STILL, again);
    assert_string_not_equal(reply, again);
    assert_int_equal(scene.cluster.awaited.count, 1);
    await_end(&scene.shared, AWAIT_STILL);
    await_end(&scene.shared, AWAIT_STILL);
    assert_int_equal(scene.cluster.awaited.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_an_answer_finds_its_question),
        TEST(test_i17_other_numbers_are_nobodys),
        TEST(test_i17_a_new_question_takes_the_place_of_the_old),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
