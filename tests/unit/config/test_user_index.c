// tests/unit/config/test_user_index.c: users are found by their exact names.
#include "config/user_index.h"

#include "base/memory.h"
#include "unit/config/parse.h"

#define SERVERS "servers: [{host: h, username: u, secret: s}]\n"

static void test_names_are_exact(void **state)
{
    struct config *config = expect_good(SERVERS "users: [{name: anna, secret: a}, {name: Anna, secret: b}]");

    (void)state;
    assert_string_equal(user_index_find(config, span_of("anna"))->secret, "a");
    assert_string_equal(user_index_find(config, span_of("Anna"))->secret, "b");
    assert_null(user_index_find(config, span_of("ANNA")));
    assert_null(user_index_find(config, span_of("ann")));
    assert_null(user_index_find(config, span_of("anna ")));
    assert_null(user_index_find(config, span_of("")));
    config_unref(config);
}

static void test_without_users_nobody_is_found(void **state)
{
    struct config *config = expect_good(SERVERS);

    (void)state;
    assert_null(user_index_find(config, span_of("anna")));
    config_unref(config);
}

static void test_many_are_all_found(void **state)
{
    const int many = 5000;
    char *yaml = memory_new(1 << 20), name[32];
    size_t used = (size_t)sprintf(yaml, "%susers:\n", SERVERS);

    (void)state;
    for (int i = 0; i < many; i++)
        used += (size_t)sprintf(yaml + used, "  - {name: user-%d, secret: s%d}\n", i, i);
    struct config *config = expect_good(yaml);
    assert_int_equal(config->user_count, many);
    for (int i = 0; i < many; i++) {
        snprintf(name, sizeof name, "user-%d", i);
        assert_ptr_equal(user_index_find(config, span_of(name)), &config->users[i]);
    }
    config_unref(config);
    free(yaml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_exact),
        cmocka_unit_test(test_without_users_nobody_is_found),
        cmocka_unit_test(test_many_are_all_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
