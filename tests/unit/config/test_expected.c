// tests/unit/config/test_expected.c: each wrong value of each key is reported with its place and with what was
// expected.
#include "unit/config/config_test.h"

/** A wrong value for a type; NULL at the end. */
static const char *const *wrong_values(const struct setting *row)
{
    static const char *const scalar[] = {"[a]", "{a: b}", "\"\"", "\"a\\nb\"", NULL};
    static const char *const log_target[] = {"[a]", "{a: b}", "\"\"", "sterr", NULL};
    static const char *const secret[] = {"[a]", "{a: b}", "\"\"", "\"a\\nb\"", "${NOT_SET_ANYWHERE}", "${A}b", NULL};
    static const char *const secret_file[] = {"[a]", "{a: b}", "\"\"", "/nonexistent/file", "/", NULL};
    static const char *const boolean[] = {"[a]", "{a: b}", "maybe", "1", "\"true\"", "on", NULL};
    static const char *const choice[] = {"[a]", "{a: b}", "maybe", "1", "\"\"", "OFFF", NULL};
    static const char *const number[] = {
        "[a]", "{a: b}", "many", "-1", "99999999", "\"5\"", "1.5", "0x10", "010", "18446744073709551616", NULL};
    static const char *const unit[] = {"[a]", "{a: b}", "2", "-1s", "2 s", "99999999h", "0.5s", "s", "2d", "2kb", NULL};
    static const char *const list[] = {"a", "{a: b}", "[[a]]", "[\"\"]", "[{a: b}]", "[a/b, a/b]", NULL};
    static const char *const paths[] = {"{a: b}", "\"\"", "[]", "[[a]]", "[\"\"]", "[a, {b: c}]", NULL};
    static const char *const map[] = {"a", "[a]", "{nonsense: 1}", "[{nonsense: 1}]", "{<<: 1}", NULL};
    static const char *const entries[] = {"a", "{a: b}", "[a]", "[{nonsense: 1}]", "[[]]", NULL};
    static const char *const filters[] = {
        "a", "{a: b}", "[[a]]", "[\"\"]", "[{a: b}]", "[{a: {}, b: {}}]", "[{a: {mode: perhaps}}]", NULL};
    static const char *const networks[] = {"10.0.0.0/8",     "{a: b}",        "[]",           "[a]",
                                           "[[10.0.0.0/8]]", "[10.0.0.0/33]", "[10.0.0.1/8]", NULL};
    static const char *const urls[] = {"nats://a",     "{a: b}",       "[]",         "[a]",
                                       "[[nats://a]]", "[nats://a/b]", "[http://a]", NULL};
    static const char *const origins[] = {"https://a",
                                          "{a: b}",
                                          "[a]",
                                          "[[https://a]]",
                                          "[https://a/b]",
                                          "[ftp://a]",
                                          "[https://a:0]",
                                          "[{https://a: b}]",
                                          "[https://b@a]",
                                          "[{https://a: []}]",
                                          NULL};
    static const char *const *const by_type[] = {
        [SETTING_TEXT] = scalar,
        [SETTING_PATH] = scalar,
        [SETTING_LOG_TARGET] = log_target,
        [SETTING_SECRET] = secret,
        [SETTING_SECRET_FILE] = secret_file,
        [SETTING_SECRET_LINES] = secret_file,
        [SETTING_BOOL] = boolean,
        [SETTING_CHOICE] = choice,
        [SETTING_PORT] = number,
        [SETTING_COUNT32] = number,
        [SETTING_COUNT] = number,
        [SETTING_WORKERS] = number,
        [SETTING_DURATION] = unit,
        [SETTING_SIZE] = unit,
        [SETTING_NAMES] = list,
        [SETTING_PATHS] = paths,
        [SETTING_URLS] = urls,
        [SETTING_ORIGINS] = origins,
        [SETTING_CLASSES] = list,
        [SETTING_EVENTS] = list,
        [SETTING_FILTERS] = filters,
        [SETTING_NETWORKS] = networks,
        [SETTING_SECTION] = map,
        [SETTING_LIST] = entries,
    };
    return by_type[row->type];
}

static unsigned broken; // configurations refused so far

/** Checks one wrong value. @param format  a file with places for key and value; the key is in line `line` */
static void break_rows(const struct setting *rows, const char *format, const char *path, unsigned line)
{
    for (; rows->key != NULL; rows++) {
        for (const char *const *value = wrong_values(rows); *value != NULL; value++) {
            char yaml[512], expected[256];
            snprintf(yaml, sizeof yaml, format, rows->key, *value);
            snprintf(expected, sizeof expected, "t.yaml:%u:", line);
            expect_error(yaml, expected);
            snprintf(expected, sizeof expected, " %s%s", path, rows->key);
            expect_error(yaml, expected);
            broken++;
        }
    }
}

static void test_r11_every_key_with_every_wrong_value_names_its_line(void **state)
{
    (void)state;
    broken = 0;
    break_rows(schema_main, "# a comment\n%s: %s\n", "", 2);
    for (const struct setting *row = schema_main; row->key != NULL; row++) {
        char format[128], path[64];
        if (row->rows == NULL)
            continue;
        bool is_list = row->type == SETTING_LIST;
        snprintf(format, sizeof format, is_list ? "%s:\n  - %%s: %%s\n" : "%s:\n    %%s: %%s\n", row->key);
        snprintf(path, sizeof path, is_list ? "%s[0]." : "%s.", row->key);
        break_rows(row->rows, format, path, 2);
    }
    print_message("%u broken configurations refused, each with its line and key\n", broken);
    assert_true(broken >= 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_r11_every_key_with_every_wrong_value_names_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
