// tests/unit/auth/test_failures.c: who guesses too often is refused for a minute, and nobody else.
#include "auth/failures.h"

#include "unit/test.h"

#include <stdio.h>

static void test_r18_refused_at_the_limit_for_a_minute(void **state)
{
    struct failures *failures = failures_create(2);
    (void)state;

    failures_add(failures, "192.0.2.7:1000", 5000);
    assert_false(failures_is_refused(failures, "192.0.2.7:1001", 5000));
    failures_add(failures, "192.0.2.7:1002", 6000);
    assert_true(failures_is_refused(failures, "192.0.2.7:1003", 6000));
    assert_true(failures_is_refused(failures, "192.0.2.7:1003", 64999));
    assert_false(failures_is_refused(failures, "192.0.2.7:1003", 65000));
    failures_destroy(failures);
}

static void test_addresses_are_told_apart(void **state)
{
    struct failures *failures = failures_create(1);
    (void)state;

    failures_add(failures, "192.0.2.7:1000", 1);
    assert_false(failures_is_refused(failures, "192.0.2.8:1000", 1));
    assert_false(failures_is_refused(failures, "unix", 1));
    assert_true(failures_is_refused(failures, "[::ffff:192.0.2.7]:1", 1)); // the same address
    failures_add(failures, "[2001:db8:1:2::1]:1000", 1);
    assert_true(failures_is_refused(failures, "[2001:db8:1:2:ffff::9]:1", 1));
    assert_false(failures_is_refused(failures, "[2001:db8:1:3::1]:1000", 1));
    failures_destroy(failures);
    failures_destroy(NULL);
}

static void test_many_addresses_do_not_grow_it(void **state)
{
    struct failures *failures = failures_create(1);
    char address[64];
    (void)state;

    for (int i = 0; i < 100000; i++) {
        snprintf(address, sizeof address, "10.%d.%d.%d:1", i >> 16, (i >> 8) & 255, i & 255);
        failures_add(failures, address, 1 + (uint64_t)i);
        assert_true(failures_is_refused(failures, address, 1 + (uint64_t)i));
    }
    failures_destroy(failures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_r18_refused_at_the_limit_for_a_minute),
        cmocka_unit_test(test_addresses_are_told_apart),
        cmocka_unit_test(test_many_addresses_do_not_grow_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
