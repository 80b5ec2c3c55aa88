// tests/unit/base/test_scan.c: the search in eight bytes at once finds the same as the search in each byte.
#include "base/scan.h"

#include "unit/test.h"

#include <stdlib.h>

static bool is_line_end(unsigned char byte)
{
    return byte == '\r' || byte == '\n' || byte == '\0';
}

static bool is_no_name(unsigned char byte)
{
    return byte <= ' ' || byte == 0x7f || byte == ':';
}

/** Every byte at every place of texts up to 20 bytes, in memory that ends with the text. */
static void test_i15_every_byte_is_seen_at_every_place(void **state)
{
    (void)state;
    for (size_t length = 1; length <= 20; length++) {
        char *text = malloc(length);
        assert_non_null(text);
        for (size_t at = 0; at < length; at++) {
            for (int byte = 0; byte < 256; byte++) {
                memset(text, byte % 2 == 0 ? 'x' : '\xff', length);
                text[at] = (char)byte;
                struct span span = {text, length};
                assert_int_equal(scan_finds(span, scan_has_line_end), is_line_end((unsigned char)byte));
                assert_int_equal(scan_finds(span, scan_has_no_name), is_no_name((unsigned char)byte));
            }
        }
        free(text);
    }
    assert_false(scan_finds((struct span){NULL, 0}, scan_has_line_end));
    assert_false(scan_finds((struct span){NULL, 0}, scan_has_no_name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_i15_every_byte_is_seen_at_every_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
