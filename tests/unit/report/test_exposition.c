// tests/unit/report/test_exposition.c: metrics as Prometheus reads them, in both formats.
#include "report/exposition.h"

#include "unit/test.h"

#include <string.h>

static void expect(struct exposition *out, const char *text)
{
    assert_int_equal(out->length, strlen(text));
    assert_memory_equal(out->bytes, text, out->length);
    exposition_fini(out);
}

static void test_a_counter_is_named_in_the_way_of_each_format(void **state)
{
    struct exposition plain = {0}, open = {.open_metrics = true};

    (void)state;
    exposition_begin(&plain, "calls", EXPOSITION_COUNTER, "Calls.");
    exposition_count(&plain, "", NULL, 18446744073709551615U);
    exposition_end(&plain);
    expect(&plain, "# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total 18446744073709551615\n");
    exposition_begin(&open, "calls", EXPOSITION_COUNTER, "Calls.");
    exposition_count(&open, "", NULL, 7);
    exposition_end(&open);
    expect(&open, "# HELP calls Calls.\n# TYPE calls counter\ncalls_total 7\n# EOF\n");
}

static void test_labels_are_escaped(void **state)
{
    struct exposition out = {0};
    const struct exposition_label labels[] = {{"server", "a\"b\\c\nd"}, {"user", "\xc3\xa4\xff"}, {NULL, NULL}};

    (void)state;
    exposition_begin(&out, "up", EXPOSITION_GAUGE, "Is it up?");
    exposition_count(&out, "", labels, 1);
    expect(&out, "# HELP up Is it up?\n# TYPE up gauge\n"
                 "up{server=\"a\\\"b\\\\c\\nd\",user=\"\xc3\xa4\xef\xbf\xbd\"} 1\n");
}

static void test_seconds_have_six_decimals(void **state)
{
    struct exposition out = {0};
    const struct exposition_label bound[] = {{"le", "+Inf"}, {NULL, NULL}};

    (void)state;
    exposition_begin(&out, "wait_seconds", EXPOSITION_HISTOGRAM, "Waits.");
    exposition_count(&out, "_bucket", bound, 3);
    exposition_value(&out, "_sum", NULL, 0.25);
    exposition_count(&out, "_count", NULL, 3);
    expect(&out, "# HELP wait_seconds Waits.\n# TYPE wait_seconds histogram\nwait_seconds_bucket{le=\"+Inf\"} 3\n"
                 "wait_seconds_sum 0.250000\nwait_seconds_count 3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_counter_is_named_in_the_way_of_each_format),
        cmocka_unit_test(test_labels_are_escaped),
        cmocka_unit_test(test_seconds_have_six_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
