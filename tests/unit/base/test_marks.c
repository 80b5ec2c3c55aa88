// tests/unit/base/test_marks.c: the marks of 64 bytes are those that a look at each byte gives.
#include "base/marks.h"

#include "unit/test.h"

#include <stdlib.h>

static void check(const char bytes[MARKS_WIDTH])
{
    uint64_t feeds = 0;

    for (int i = 0; i < MARKS_WIDTH; i++)
        feeds |= (uint64_t)(bytes[i] == '\n') << i;
    assert_true(marks_feeds(bytes) == feeds);
}

static void test_i15_every_byte_is_marked_at_every_place(void **state)
{
    char *bytes = malloc(MARKS_WIDTH); // nothing can be read behind it
    (void)state;

    assert_non_null(bytes);
    for (int at = 0; at < MARKS_WIDTH; at++) {
        for (int byte = 0; byte < 256; byte++) {
            memset(bytes, byte % 2 == 0 ? 'x' : '\xff', MARKS_WIDTH);
            bytes[at] = (char)byte;
            check(bytes);
            memset(bytes, byte, MARKS_WIDTH);
            bytes[at] = 'x';
            check(bytes);
        }
    }
    free(bytes);
}

static void test_i15_bits_are_the_same_on_every_processor(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits++) {
        marks_lane found;
        for (int i = 0; i < MARKS_LANE; i++)
            found[i] = bits >> i & 1 ? 0xff : 0;
        assert_true(marks_bits_plainly(&found) == bits);
        assert_true(marks_bits(&found) == bits);
    }
}

static void test_i15_the_end_of_a_text_is_copied(void **state)
{
    char copy[MARKS_WIDTH], *text = malloc(MARKS_WIDTH);
    (void)state;

    assert_non_null(text);
    memset(text, 'x', MARKS_WIDTH);
    assert_ptr_equal(marks_chunk(text, text + MARKS_WIDTH, copy), text);
    for (int length = 0; length < MARKS_WIDTH; length++) {
        const char *end = text + MARKS_WIDTH, *chunk = marks_chunk(end - length, end, copy);
        assert_ptr_equal(chunk, copy);
        for (int i = 0; i < MARKS_WIDTH; i++)
            assert_int_equal(chunk[i], i < length ? 'x' : '\0');
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i15_every_byte_is_marked_at_every_place),
        cmocka_unit_test(test_i15_bits_are_the_same_on_every_processor),
        cmocka_unit_test(test_i15_the_end_of_a_text_is_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
