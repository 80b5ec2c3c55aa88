// tests/unit/config/test_same_view.c: what changes what a user sees makes another view, and nothing else does.
#include "config/same_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static char device[] = "SIP/1", context[] = "inside", account[] = "42", name[] = "mask", word[] = "x";

static void test_each_part_counts(void **state)
{
    struct filter_config filter = {.name = name}, observing = {.name = name, .observe = true};
    struct filter_config with = {.name = name, .options = {.kind = OPTION_TEXT, .text = word}};
    struct config config = {0}, filtered = {.scripts = {.filters = {&filter, 1}}};
    const struct user_config users[] = {
        {.read = 1},
        {.read = 3},
        {.read = 1, .write = 1},
        {.read = 1, .write_given = true},
        {.read = 1, .lists_given = true},
        {.read = 1, .admin = true},
        {.read = 1, .more_events = true},
        {.read = 1, .channel = device},
        {.read = 1, .in_context = device},
        {.read = 1, .in_context = context},
        {.read = 1, .tenant = context},
        {.read = 1, .account = account},
        {.read = 1, .filters = {&filter, 1}},
        {.read = 1, .filters = {&observing, 1}},
        {.read = 1, .filters = {&with, 1}},
    };
    size_t count = sizeof users / sizeof users[0];
    (void)state;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++)
            assert_int_equal(config_same_view(&config, &users[i], &config, &users[k]), i == k);
        assert_false(config_same_view(&config, &users[i], &filtered, &users[i]));
        assert_false(config_same_view(&config, &users[i], &config, NULL));
    }
    assert_true(config_same_view(&config, NULL, &config, NULL));
}

static void test_names_and_secrets_do_not(void **state)
{
    struct config config = {0};
    const struct user_config one = {.name = device, .secret = word}, other = {.name = context, .secret = account};
    (void)state;

    assert_true(config_same_view(&config, &one, &config, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_part_counts),
        cmocka_unit_test(test_names_and_secrets_do_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
