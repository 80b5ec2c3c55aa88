// tests/unit/hub/test_heard.c: a multiset: what is there twice is taken twice, in any order.
#include "hub/heard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct fingerprint named(unsigned number)
{
    char text[16];

    return fingerprint_of((struct span){text, (size_t)snprintf(text, sizeof text, "%u", number)});
}

static void test_as_many_are_taken_as_there_are(void **state)
{
    struct heard heard = {0};
    struct fingerprint text;
    (void)state;

    for (unsigned i = 0; i < 1000; i++) {
        text = named(i % 100);
        heard_add(&heard, &text, i);
    }
    heard_sort(&heard);
    assert_int_equal(heard.left, 1000);
    for (unsigned round = 0; round < 10; round++) {
        for (unsigned i = 0; i < 100; i++) {
            text = named((i * 37 + round) % 100);
            assert_true(heard_take(&heard, &text));
        }
    }
    assert_int_equal(heard.left, 0);
    text = named(5);
    assert_false(heard_take(&heard, &text));
    heard_clear(&heard);
    assert_int_equal(heard.count, 0);
}

static void test_others_are_not_there(void **state)
{
    struct heard heard = {0};
    struct fingerprint text = named(1);
    (void)state;

    assert_false(heard_take(&heard, &text));
    heard_add(&heard, &text, 0);
    heard_sort(&heard);
    for (unsigned i = 2; i < 50; i++) {
        text = named(i);
        assert_false(heard_take(&heard, &text));
    }
    assert_int_equal(heard.left, 1);
    heard_clear(&heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_many_are_taken_as_there_are),
        cmocka_unit_test(test_others_are_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
