// tests/unit/auth/test_failures.c: a user at an address with too many failures is refused for a minute; others are not.
#include "auth/failures.h"

#include "unit/test.h"

#include <stdio.h>

static void fail_once(struct failures *failures, const char *address, const char *user, uint64_t now_ms)
{
    struct failures_key key = failures_key(failures, address, span_of(user));
    failures_add(failures, &key, now_ms);
}

static bool is_refused(struct failures *failures, const char *address, const char *user, uint64_t now_ms)
{
    struct failures_key key = failures_key(failures, address, span_of(user));
    return failures_is_refused(failures, &key, now_ms);
}

static enum failures_standing standing(struct failures *failures, const char *address, const char *user,
                                       uint64_t now_ms)
{
    struct failures_key key = failures_key(failures, address, span_of(user));
    return failures_standing(failures, &key, now_ms);
}

static void test_r18_refused_at_the_limit_for_a_minute(void **state)
{
    struct failures *failures = failures_create(2);
    (void)state;

    fail_once(failures, "192.0.2.7:1000", "dave", 5000);
    assert_false(is_refused(failures, "192.0.2.7:1001", "dave", 5000));
    fail_once(failures, "192.0.2.7:1002", "dave", 6000);
    assert_true(is_refused(failures, "192.0.2.7:1003", "dave", 6000));
    assert_true(is_refused(failures, "192.0.2.7:1003", "dave", 64999));
    assert_false(is_refused(failures, "192.0.2.7:1003", "dave", 65000));
    failures_destroy(failures);
}

static void test_addresses_are_told_apart(void **state)
{
    struct failures *failures = failures_create(1);
    (void)state;

    fail_once(failures, "192.0.2.7:1000", "dave", 1);
    assert_false(is_refused(failures, "192.0.2.8:1000", "dave", 1));
    assert_false(is_refused(failures, "unix", "dave", 1));
    assert_true(is_refused(failures, "[::ffff:192.0.2.7]:1", "dave", 1)); // the same address
    fail_once(failures, "[2001:db8:1:2::1]:1000", "dave", 1);
    assert_true(is_refused(failures, "[2001:db8:1:2:ffff::9]:1", "dave", 1));
    assert_false(is_refused(failures, "[2001:db8:1:3::1]:1000", "dave", 1));
    failures_destroy(failures);
    failures_destroy(NULL);
}

static void test_failures_of_an_address_are_forgotten(void **state)
{
    struct failures *failures = failures_create(1);
    (void)state;

    fail_once(failures, "192.0.2.7:1000", "dave", 1);
    fail_once(failures, "192.0.2.7:1000", "bill", 1);
    fail_once(failures, "192.0.2.8:1000", "dave", 1);
    fail_once(failures, "[2001:db8:1:2::1]:1000", "dave", 1);
    assert_int_equal(failures_forget(failures, "192.0.2.7:0"), 2);
    assert_false(is_refused(failures, "192.0.2.7:1001", "dave", 1));
    assert_int_equal(standing(failures, "192.0.2.7:1001", "anna", 1), FAILURES_NEW);
    assert_true(is_refused(failures, "192.0.2.8:1000", "dave", 1));
    assert_int_equal(failures_forget(failures, "192.0.2.7:0"), 0);
    assert_int_equal(failures_forget(failures, "[2001:db8:1:2::ffff]:0"), 1); // the same network
    failures_destroy(failures);
}

static void test_f13_users_of_an_address_are_told_apart(void **state)
{
    struct failures *failures = failures_create(3);
    (void)state;

    for (int i = 0; i < 1000; i++)
        fail_once(failures, "127.0.0.1:1", "dave", 1);
    assert_true(is_refused(failures, "127.0.0.1:2", "dave", 2));
    assert_false(is_refused(failures, "127.0.0.1:3", "bill", 2));
    assert_false(is_refused(failures, "127.0.0.1:3", "dav", 2));
    assert_false(is_refused(failures, "127.0.0.1:3", "", 2));
    failures_destroy(failures);
}

/** One guess at each of many users. Beyond the limit of the address, a user with one failure is refused; a user without
 *  one may be right. Names that do not exist do not displace the counts of the user who is guessed at. */
static void test_f13_spraying_is_bounded(void **state)
{
    struct failures *failures = failures_create(3);
    char name[32];
    (void)state;

    fail_once(failures, "127.0.0.1:1", "early", 1);
    assert_false(is_refused(failures, "127.0.0.1:1", "early", 1));
    for (int i = 0; i < 3; i++)
        fail_once(failures, "127.0.0.1:1", "guessed", 1);
    for (int i = 0; i < 200000; i++) {
        snprintf(name, sizeof name, "nobody%d", i);
        fail_once(failures, "127.0.0.1:1", name, 2);
    }
    assert_true(is_refused(failures, "127.0.0.1:1", "guessed", 3));
    assert_true(is_refused(failures, "127.0.0.1:1", name, 3));
    assert_int_equal(standing(failures, "127.0.0.1:1", "right", 3), FAILURES_SUSPECT);
    assert_int_equal(standing(failures, "127.0.0.2:1", "right", 3), FAILURES_NEW);
    failures_destroy(failures);
}

static void test_f13_who_was_right_of_late_is_known(void **state)
{
    struct failures *failures = failures_create(3);
    struct failures_key dave = failures_key(failures, "127.0.0.1:1", span_of("dave"));
    (void)state;

    failures_succeeded(failures, &dave, 1);
    for (int i = 0; i < 100; i++)
        fail_once(failures, "127.0.0.1:1", "bill", 2);
    assert_int_equal(standing(failures, "127.0.0.1:9", "dave", 3), FAILURES_KNOWN);
    fail_once(failures, "127.0.0.1:1", "dave", 3);
    assert_int_equal(standing(failures, "127.0.0.1:9", "dave", 4), FAILURES_KNOWN);
    fail_once(failures, "127.0.0.1:1", "dave", 3);
    fail_once(failures, "127.0.0.1:1", "dave", 3);
    assert_int_equal(standing(failures, "127.0.0.1:9", "dave", 4), FAILURES_REFUSED);
    assert_int_equal(standing(failures, "127.0.0.1:9", "dave", FAILURES_KNOWN_MS), FAILURES_KNOWN);
    assert_int_equal(standing(failures, "127.0.0.1:9", "dave", FAILURES_KNOWN_MS + 1), FAILURES_NEW);
    failures_destroy(failures);
}

static void test_many_addresses_do_not_grow_it(void **state)
{
    struct failures *failures = failures_create(1);
    char address[64];
    (void)state;

    for (int i = 0; i < 100000; i++) {
        snprintf(address, sizeof address, "10.%d.%d.%d:1", i >> 16, (i >> 8) & 255, i & 255);
        fail_once(failures, address, "dave", 1 + (uint64_t)i);
        assert_true(is_refused(failures, address, "dave", 1 + (uint64_t)i));
    }
    failures_destroy(failures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_r18_refused_at_the_limit_for_a_minute),
        cmocka_unit_test(test_addresses_are_told_apart),
        cmocka_unit_test(test_failures_of_an_address_are_forgotten),
        cmocka_unit_test(test_f13_users_of_an_address_are_told_apart),
        cmocka_unit_test(test_f13_spraying_is_bounded),
        cmocka_unit_test(test_f13_who_was_right_of_late_is_known),
        cmocka_unit_test(test_many_addresses_do_not_grow_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
