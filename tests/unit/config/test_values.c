// tests/unit/config/test_values.c: numbers, durations and sizes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/values.h"

static void numbers(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(value_number(span_of("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    static const char *const wrong[] = {"", "-1", "+1", "01", "1 ", "1e3", "18446744073709551616", "0x1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(value_number(span_of(wrong[i]), &value));
}

static void units(void **state)
{
    (void)state;
    uint64_t value;
    assert_true(value_duration(span_of("250ms"), &value) && value == 250);
    assert_true(value_duration(span_of("2s"), &value) && value == 2000);
    assert_true(value_duration(span_of("3m"), &value) && value == 180000);
    assert_true(value_duration(span_of("1h"), &value) && value == 3600000);
    assert_true(value_size(span_of("5B"), &value) && value == 5);
    assert_true(value_size(span_of("64KiB"), &value) && value == 65536);
    assert_true(value_size(span_of("2MiB"), &value) && value == 2 << 20);
    assert_true(value_size(span_of("4GiB"), &value) && value == UINT64_C(4) << 30);
    static const char *const wrong[] = {"",
                                        "2",
                                        "s",
                                        "2 s",
                                        "1.5s",
                                        "-2s",
                                        "2S",
                                        "2sec",
                                        "64kib",
                                        "64KB",
                                        "18446744073709551615h",
                                        "99999999999999999GiB"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(value_duration(span_of(wrong[i]), &value) || value_size(span_of(wrong[i]), &value));
}

static void texts(void **state)
{
    (void)state;
    char buffer[32];
    assert_string_equal(value_duration_text(90000, buffer, sizeof buffer), "90s");
    assert_string_equal(value_duration_text(0, buffer, sizeof buffer), "0ms");
    assert_string_equal(value_size_text(8 << 20, buffer, sizeof buffer), "8MiB");
    assert_true(value_has_control(span_of("a\rb")));
    assert_false(value_has_control(span_of("\xc3\xa4 b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(units),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
