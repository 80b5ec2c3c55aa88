// tests/unit/run/test_options.c: the command line.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/options.h"

#include <string.h>

/** Parses the words after the program's name; single spaces separate them. */
static bool parse_words(struct options *options, const char *words, struct error *err)
{
    static char text[256];
    char *argv[16] = {"astmanproxy"};
    int argc = 1;
    strcpy(text, words);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    return options_parse(options, argc, argv, err);
}

static void test_c01_options_are_understood(void **state)
{
    (void)state;
    struct options options;
    struct error err;
    assert_true(parse_words(&options, "", &err));
    assert_string_equal(options.config_path, "/etc/astmanproxy/astmanproxy.yaml");
    assert_false(options.check || options.foreground || options.version || options.help || options.debug > 0);
    assert_true(parse_words(&options, "-d", &err));
    assert_true(options.foreground);
    assert_int_equal(options.debug, 1);
    assert_true(parse_words(&options, "-ddd -c x.yaml -t", &err));
    assert_int_equal(options.debug, 3);
    assert_string_equal(options.config_path, "x.yaml");
    assert_true(options.check);
    assert_true(parse_words(&options, "-f -v -h", &err));
    assert_true(options.foreground && options.version && options.help);
}

static void test_c01_what_is_not_understood_is_an_error(void **state)
{
    (void)state;
    struct options options;
    struct error err;
    assert_false(parse_words(&options, "-x", &err));
    assert_string_equal(err.text, "unknown option -x");
    assert_false(parse_words(&options, "--nonsense", &err));
    assert_string_equal(err.text, "unknown option --nonsense");
    assert_false(parse_words(&options, "-c", &err));
    assert_string_equal(err.text, "option -c wants an argument");
    assert_false(parse_words(&options, "--try dave", &err));
    assert_string_equal(err.text, "option --try wants a user and a file");
    assert_false(parse_words(&options, "--expect x", &err));
    assert_string_equal(err.text, "option --expect goes with --try");
    assert_false(parse_words(&options, "-d extra", &err));
    assert_string_equal(err.text, "unexpected argument: extra");
    assert_false(parse_words(&options, "extra -d", &err));
}

static void a_trial_has_a_user_and_a_file(void **state)
{
    (void)state;
    struct options options;
    struct error err;
    assert_true(parse_words(&options, "--try dave x.txt --expect y -c z", &err));
    assert_string_equal(options.try_user, "dave");
    assert_string_equal(options.try_file, "x.txt");
    assert_string_equal(options.expected, "y");
    assert_true(parse_words(&options, "--check", &err));
    assert_true(options.check);
}

static void test_c02_core_dumps_are_accepted_and_documented(void **state)
{
    (void)state;
    struct options options;
    struct error err;
    assert_true(parse_words(&options, "-g", &err));
    assert_false(options.foreground);
    assert_non_null(strstr(options_usage(), "core dumps are left to the service manager"));
}

static void usage_names_each_option(void **state)
{
    (void)state;
    static const char *const shown[] = {"\n  -c FILE", "\n  -t", "\n  -f", "\n  -d", "\n  -g", "\n  -v", "\n  -h"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        assert_non_null(strstr(options_usage(), shown[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_c01_options_are_understood),
        cmocka_unit_test(test_c01_what_is_not_understood_is_an_error),
        cmocka_unit_test(a_trial_has_a_user_and_a_file),
        cmocka_unit_test(test_c02_core_dumps_are_accepted_and_documented),
        cmocka_unit_test(usage_names_each_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
