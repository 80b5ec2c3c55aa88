// tests/unit/base/test_log_limit.c: which repeated lines are written, and how the others are reported.
#include "base/log_limit.h"
#include "unit/test.h"

#include <stdio.h>

static const char one[] = "one fact", other[] = "another fact";

static int start(void **state)
{
    (void)state;
    const char *site;
    uint64_t count;
    int level;
    log_limit_set(2, 0);
    while (log_limit_take(1, &site, &level, &count))
        continue;
    log_limit_set(2, 1000);
    return 0;
}

static void the_first_are_written_and_the_others_counted(void **state)
{
    (void)state;
    uint64_t total = log_limit_total(), count;
    const char *site;
    int level;
    assert_true(log_limit_pass(one, NULL, 1, 100000));
    assert_true(log_limit_pass(one, NULL, 1, 100001));
    assert_false(log_limit_pass(one, NULL, 1, 100002));
    assert_false(log_limit_pass(one, NULL, 1, 100999));
    assert_true(log_limit_pass(other, NULL, 1, 100002)); // another place
    assert_false(log_limit_take(100999, &site, &level, &count));
    assert_true(log_limit_take(101000, &site, &level, &count));
    assert_ptr_equal(site, one);
    assert_int_equal(level, 1);
    assert_int_equal(count, 2);
    assert_int_equal(log_limit_total(), total + 2);
    assert_false(log_limit_take(101000, &site, &level, &count));
    assert_true(log_limit_pass(one, NULL, 1, 101001)); // a new interval has begun
}

static void errors_are_told_apart_by_what_they_say(void **state)
{
    (void)state;
    assert_true(log_limit_pass(one, "port 12 is taken", 0, 200000));
    assert_true(log_limit_pass(one, "port 345 is taken", 0, 200000)); // numbers aside the same
    assert_false(log_limit_pass(one, "port 6 is taken", 0, 200000));
    assert_true(log_limit_pass(one, "the disk is full", 0, 200000));
}

static void nothing_is_left_out_when_it_is_off(void **state)
{
    (void)state;
    log_limit_set(0, 1000);
    for (int i = 0; i < 100; i++)
        assert_true(log_limit_pass(one, NULL, 1, 300000));
}

/** With more facts than the table holds, none is left out before it repeats. */
static void facts_without_room_are_written(void **state)
{
    (void)state;
    static char sites[5000][8];
    log_limit_set(1, 1000);
    for (int i = 0; i < 5000; i++)
        assert_true(log_limit_pass(sites[i], NULL, 1, 400000));
}

static void errors_of_ever_different_texts_are_limited_in_the_end(void **state)
{
    (void)state;
    char text[32];
    int written = 0;
    log_limit_set(1, 1000);
    assert_true(log_limit_pass(other, NULL, 0, 500000)); // the place has a fact before the table is full
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(text, sizeof text, "no '%c%c%c' here", 'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 676);
        written += log_limit_pass(other, text, 0, 500000);
    }
    assert_in_range(written, 100, 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_are_written_and_the_others_counted, start),
        cmocka_unit_test_setup(errors_are_told_apart_by_what_they_say, start),
        cmocka_unit_test_setup(nothing_is_left_out_when_it_is_off, start),
        cmocka_unit_test_setup(facts_without_room_are_written, start),
        cmocka_unit_test_setup(errors_of_ever_different_texts_are_limited_in_the_end, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
