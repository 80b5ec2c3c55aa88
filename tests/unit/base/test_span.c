// Comparisons of names without regard to case, beside the C library's.
#include "../test.h"
#include "base/span.h"

#include <strings.h>

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

static const char *const names[] = {"",         "a",         "A",        "z",          "Z",           "[",
                                    "`",        "{",         "@",        "Action",     "action",      "ACTIONID",
                                    "ActionID", "ActionIDs", "Bridge",   "BridgeInfo", "bridgeinfo",  "BridgeKick",
                                    "Queue_1",  "queue-1",   "\xc4rger", "\xe4rger",   "Channel\x7f", "channel\x7f",
                                    "Uniqueid", "UniqueID",  "UniqueIE"};
#define COUNT (sizeof names / sizeof names[0])

static void compares_as_the_c_library_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < COUNT; k++) {
            int expected = sign(strcasecmp(names[i], names[k]));
            assert_int_equal(sign(span_compare_nocase(span_of(names[i]), names[k])), expected);
            assert_int_equal(span_is(span_of(names[i]), names[k]), expected == 0);
        }
    }
}

static void keys_sort_as_the_names_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < COUNT; k++) {
            uint64_t left = span_key_nocase(span_of(names[i])), right = span_key_nocase(span_of(names[k]));
            if (left != right)
                assert_int_equal(left < right, strcasecmp(names[i], names[k]) < 0);
            else
                assert_true(strncasecmp(names[i], names[k], 8) == 0);
        }
    }
}

static void only_letters_are_folded(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char text[8], folded[8];
        memset(text, byte, sizeof text);
        uint64_t word = span_fold8(text);
        memcpy(folded, &word, sizeof folded);
        for (size_t i = 0; i < sizeof folded; i++)
            assert_int_equal((unsigned char)folded[i], span_fold((char)byte));
        assert_int_equal(span_fold((char)byte), byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
    }
}

/** Only digits count, within the limits, and nothing behind the span is read. */
static void numbers_are_digits_within_limits(void **state)
{
    static const char *const wrong[] = {"",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1.5",
                                        "0x10",
                                        "1a",
                                        "a1",
                                        "\xb2",
                                        "1\n",
                                        "/",
                                        ":",
                                        "99999999999999999999",
                                        "18446744073709551616"};
    uint64_t number = 7;
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(span_number(span_of(wrong[i]), 0, UINT64_MAX, &number));
    assert_false(span_number((struct span){"1\0", 2}, 0, UINT64_MAX, &number));
    assert_false(span_number((struct span){NULL, 0}, 0, UINT64_MAX, &number));
    assert_false(span_number(span_of("4"), 5, 9, &number));
    assert_false(span_number(span_of("10"), 5, 9, &number));
    assert_int_equal(number, 7); // it was never set
    assert_true(span_number(span_of("5"), 5, 9, &number));
    assert_int_equal(number, 5);
    assert_true(span_number(span_of("0009"), 5, 9, &number));
    assert_int_equal(number, 9);
    assert_true(span_number(span_of("18446744073709551615"), 0, UINT64_MAX, &number));
    assert_true(number == UINT64_MAX);
    assert_true(span_number((struct span){"123", 2}, 0, UINT64_MAX, &number));
    assert_int_equal(number, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_as_the_c_library_does),
        cmocka_unit_test(keys_sort_as_the_names_do),
        cmocka_unit_test(only_letters_are_folded),
        cmocka_unit_test(numbers_are_digits_within_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
