// tests/unit/base/test_decimal.c: numbers in decimal are those of printf().
#include "base/decimal.h"
#include "unit/test.h"

#include <inttypes.h>
#include <stdio.h>

static void digits_are_those_of_printf(void **state)
{
    (void)state;
    const uint64_t numbers[] = {0, 1, 9, 10, 99, 100, 65535, UINT32_MAX, UINT64_MAX / 10, UINT64_MAX};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char text[DECIMAL_DIGITS + 1], expected[DECIMAL_DIGITS + 1];
        *decimal_write(text, numbers[i]) = '\0';
        snprintf(expected, sizeof expected, "%" PRIu64, numbers[i]);
        assert_string_equal(text, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(digits_are_those_of_printf)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
