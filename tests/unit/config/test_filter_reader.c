// tests/unit/config/test_filter_reader.c: `filters:` of a user: names, options, and `mode: observe`.
#include "unit/config/parse.h"

#define USER(filters) \
    "servers: [{host: h, username: u, secret: s}]\nusers: [{name: a, secret: b, filters: " filters "}]\n"

static void test_names_and_options(void **state)
{
    struct config *config = expect_good(USER("[drop: {events: [VarSet], n: 5, hide: true}, mask]"));
    const struct user_config *user = &config->users[0];

    (void)state;
    assert_int_equal(user->filters.count, 2);
    assert_string_equal(user->filters.items[0].name, "drop");
    assert_string_equal(user->filters.items[1].name, "mask");
    assert_int_equal(user->filters.items[0].options.count, 3);
    assert_string_equal(user->filters.items[0].options.keys[0], "events");
    assert_string_equal(user->filters.items[0].options.items[0].items[0].text, "VarSet");
    assert_int_equal(user->filters.items[0].options.items[1].number, 5);
    assert_true(user->filters.items[0].options.items[2].flag);
    assert_false(user->filters.items[0].observe);
    config_unref(config);
}

static void test_the_mode_is_ours_and_no_option(void **state)
{
    struct config *config = expect_good(USER("[drop: {mode: observe, events: [VarSet]}]"));

    (void)state;
    assert_true(config->users[0].filters.items[0].observe);
    assert_int_equal(config->users[0].filters.items[0].options.count, 1);
    config_unref(config);
    expect_error(USER("[drop: {mode: sleep}]"), "mode: expected");
}

static void test_mistakes_name_their_place(void **state)
{
    (void)state;
    expect_error(USER("[[drop]]"), "users[0].filters[0]");
    expect_error(USER("[drop: 5]"), "users[0].filters[0]");
    expect_error(USER("5: x"), "t.yaml:2:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_options),
        cmocka_unit_test(test_the_mode_is_ours_and_no_option),
        cmocka_unit_test(test_mistakes_name_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
