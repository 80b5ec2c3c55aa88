// tests/unit/config/test_schema.c: the sample contains every key with its true default.
#include "unit/config/config_test.h"

/** Compares all numbers of a table between two structs: the sample shows the defaults. */
static void compare(const struct setting *rows, const char *a, const char *b)
{
    for (; rows->key != NULL; rows++) {
        size_t size = rows->type == SETTING_BOOL ? 1 : rows->type == SETTING_PORT ? 2 : 4;
        if (rows->type == SETTING_COUNT || rows->type == SETTING_DURATION || rows->type == SETTING_SIZE)
            size = 8;
        if (rows->type == SETTING_SECTION)
            compare(rows->rows, a, b);
        else if (rows->type >= SETTING_BOOL && rows->type <= SETTING_SIZE &&
                 memcmp(a + rows->offset, b + rows->offset, size) != 0)
            fail_msg("the sample's %s is not the default", rows->key);
    }
}

static void sample_shows_defaults(void **state)
{
    (void)state;
    struct config *full = load_shipped("astmanproxy.yaml");
    struct config *empty = expect_good("servers: [{host: h, username: u, secret: s}]");
    compare(schema_main, (char *)full, (char *)empty);
    compare(settings_find(schema_main, "listen")->rows, (char *)full->listen, (char *)empty->listen);
    compare(settings_find(schema_main, "servers")->rows, (char *)full->servers, (char *)empty->servers);
    assert_string_equal(full->plugins.path, empty->plugins.path);
    config_unref(full);
    config_unref(empty);
}

/** Every key that this version acts on is in one of the samples, and every row has its sentence. */
static void check_sample(const char *text, const struct setting *rows)
{
    for (; rows->key != NULL; rows++) {
        char shown[64];
        snprintf(shown, sizeof shown, "%s:", rows->key);
        if (rows->rows != NULL)
            check_sample(text, rows->rows);
        else if (strstr(text, shown) == NULL)
            fail_msg("the samples lack %s", rows->key);
        if (rows->help == NULL && rows->type != SETTING_SECTION)
            fail_msg("%s has no sentence", rows->key);
    }
}

static void samples_show_all_keys(void **state)
{
    (void)state;
    struct source main_file = {0}, users = {0};
    assert_true(source_read(AMP_SOURCE "/config/astmanproxy.yaml", SOURCE_LIMIT, &main_file, NULL));
    assert_true(source_read(AMP_SOURCE "/config/users.yaml", SOURCE_LIMIT, &users, NULL));
    char *both = malloc(main_file.length + users.length + 1);
    sprintf(both, "%s%s", main_file.bytes, users.bytes);
    check_sample(both, schema_main);
    free(both);
    source_fini(&main_file);
    source_fini(&users);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_shows_defaults),
        cmocka_unit_test(samples_show_all_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
