// tests/unit/config/test_yaml_tree.c: which parts of YAML are refused, each with its place.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parse.h"

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *expected;
    } cases[] = {
        {"workers: 1\nworkers: 2\n", "t.yaml:2:1: workers: expected each key once"},
        {"workers: &a 1\n", "t.yaml:1:10: workers: expected a value; found an anchor"},
        {"workers: *a\n", "t.yaml:1:10: workers: expected a value; found an alias"},
        {"log: &x [*x]\n", "t.yaml:1:10: log: expected a value; found an alias"},
        {"log:\n  <<: {to: stderr}\n", "t.yaml:2:3: log.<<: expected a key; found a merge key"},
        {"workers: !!int 1\n", "t.yaml:1:10: workers: expected a value; found a tag"},
        {"workers: 1\n--- \nworkers: 2\n", "t.yaml:2:1: expected one document"},
        {"a: [[[[[[[[[[1]]]]]]]]]]\n",
         "t.yaml:1:11: a[0][0][0][0][0][0]: expected a value; found lists and mappings nested too deep"},
        {"workers: [1\n", "t.yaml:2:1: "},
        {"a:\n\tb: 1\n", "t.yaml:2:1: "},
        {"[a]: 1\n", "t.yaml:1:1: "},
        {"? {a: b}\n: 1\n", "t.yaml:1:3: expected a key; found a mapping"},
        {"workers: \xff\n", "t.yaml:1:10: expected YAML; found invalid leading UTF-8 octet"},
        {"log:\n  # \xc3\xa4\n  to: \x01\n", "t.yaml:3:7: expected YAML; found control characters"},
        {"\"workers\\0\": 1\n", "t.yaml:1:1: workers: expected a key without control characters"},
        {"log: {to: \"\xc3\xa4\", level: x}\n", "t.yaml:1:23: log.level: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_error(cases[i].yaml, cases[i].expected);
}

static void too_deep_ends_at_once(void **state)
{
    (void)state;
    char *deep = malloc(SOURCE_LIMIT + 1);
    memset(deep, '[', SOURCE_LIMIT);
    deep[SOURCE_LIMIT] = '\0';
    char *errors;
    assert_null(parse(deep, &errors));
    assert_non_null(strstr(
        errors, "t.yaml:1:9: [0][0][0][0][0][0][0]: expected a value; found lists and mappings nested too deep"));
    free(errors);
    free(deep);
}

static void many_keys_and_many_mistakes_have_an_end(void **state)
{
    (void)state;
    char *text = malloc(100000);
    size_t length = 0;
    for (unsigned i = 0; i < 1000; i++)
        length += (size_t)sprintf(text + length, "k%u: 1\n", i);
    expect_error(text, "t.yaml:65:1: expected fewer keys in one mapping");
    length = (size_t)sprintf(text, "users:\n");
    for (unsigned i = 0; i < 1000; i++)
        length += (size_t)sprintf(text + length, "- x\n");
    expect_error(text, "and 900 more");
    free(text);
}

static void a_file_may_be_empty_or_have_a_mark(void **state)
{
    (void)state;
    config_unref(expect_good("# nothing\n"));
    config_unref(expect_good("---\n"));
    config_unref(expect_good("\xef\xbb\xbfworkers: 1\n"));
    config_unref(expect_good("%YAML 1.1\n---\nworkers: 1\r\n...\n"));
}

static void a_file_too_large_is_refused(void **state)
{
    (void)state;
    struct source source;
    struct error err;
    assert_false(source_read("/dev/zero", SOURCE_LIMIT, &source, &err));
    assert_string_equal(err.text, "more than 67108864 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(too_deep_ends_at_once),
        cmocka_unit_test(many_keys_and_many_mistakes_have_an_end),
        cmocka_unit_test(a_file_may_be_empty_or_have_a_mark),
        cmocka_unit_test(a_file_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
