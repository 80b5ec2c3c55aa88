// tests/unit/config/test_report.c: one run reports all errors.
#include "unit/config/config_test.h"

static void all_mistakes_in_one_run(void **state)
{
    (void)state;
    const char *yaml = "workers: x\nlog: {level: y}\nlimits: {sessions: z}\nlimits: {}\nusers: [{name: a}]\n";
    for (unsigned line = 1; line <= 5; line++) {
        char expected[32];
        snprintf(expected, sizeof expected, "t.yaml:%u:", line);
        expect_error(yaml, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_mistakes_in_one_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
