// tests/unit/base/test_charset.c: texts of servers become UTF-8.
#include "base/charset.h"

#include "base/memory.h"

#include <stdlib.h>

#include "unit/test.h"

static void expect(const char *name, const char *bytes, const char *wanted)
{
    struct charset *charset = charset_open(name);
    size_t length = strlen(bytes);
    char *to = memory_new(length * CHARSET_GROWTH + 1);

    assert_non_null(charset);
    to[charset_to_utf8(charset, span_of(bytes), to)] = '\0';
    if (strcmp(to, wanted) != 0)
        fail_msg("%s: \"%s\", expected \"%s\"", name, to, wanted);
    free(to);
    charset_close(charset);
}

static void test_one_byte_for_each_character(void **state)
{
    (void)state;
    expect("windows-1251", "\xC8\xE2\xE0\xED \xCF\xE5\xF2\xF0\xEE\xE2 <100>", "Иван Петров <100>");
    expect("WINDOWS-1252",
           "Gr\xF6\xDF"
           "e \x80",
           "Größe €");
    expect("windows-1258", "\xE2", "â");
    expect("ISO-8859-15", "\xA4", "€");
    expect("KOI8-R", "\xE9\xD7\xC1\xCE", "Иван");
    expect("windows-1251", "\x98", "\xEF\xBF\xBD"); // nothing
    expect("US-ASCII", "a\xE9", "a\xEF\xBF\xBD");
    expect("windows-1251", "", "");
}

static void test_several_bytes_for_a_character(void **state)
{
    (void)state;
    expect("GBK", "\xC0\xEE\xC3\xF7", "李明");
    expect("GBK", "\xCD\xA8", "通"); // valid UTF-8, too, for another character
    expect("EUC-JP", "\xC5\xC4\xC3\xE6", "田中");
    expect("SHIFT_JIS", "\x93\x63\x5C", "田¥");
    expect("SHIFT_JIS", "\x93\x63\x92\x86", "田中");
    expect("BIG5", "\xA7\xF5", "李");
    expect("GBK", "a\xC0", "a\xEF\xBF\xBD"); // the rest is missing
    expect("GBK", "\xFF\xC0\xEE",
           "\xEF\xBF\xBD"
           "李");
}

/** Asterisk makes UTF-8 of some events, and clients write it. */
static void test_what_is_utf8_stays(void **state)
{
    (void)state;
    expect("windows-1251", "Иван", "Иван");
    expect("windows-1251", "\xF0\x9F\x98\x80", "😀");
    expect("windows-1251", "\xEF\xBF\xBD\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD");
    expect("GBK", "x\xEF\xBF\xBD", "x\xEF\xBF\xBD");
    expect("windows-1252", "\xED\xA0\x80", "\xC3\xAD\xC2\xA0\xE2\x82\xAC"); // a surrogate is no UTF-8
    expect("windows-1252", "\xC0\xAF", "\xC3\x80\xC2\xAF");                 // longer than necessary
}

/** The longest that each byte can become. */
static void test_there_is_room(void **state)
{
    static const char *const names[] = {"windows-1251", "GBK",  "GB18030", "BIG5-HKSCS",
                                        "EUC-JISX0213", "TCVN", "TSCII"};
    unsigned char bytes[256];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct charset *charset = charset_open(names[i]);
        if (charset == NULL)
            continue; // not on this system
        for (unsigned seed = 1; seed < 2000; seed++) {
            unsigned random = seed;
            for (size_t k = 0; k < sizeof bytes; k++) {
                random = random * 1103515245u + 12345u;
                bytes[k] = (unsigned char)(0x80 | random >> 16);
            }
            size_t length = seed % sizeof bytes;
            char *to = memory_new(length * CHARSET_GROWTH + (length == 0)); // exactly: the sanitizer sees any more
            assert_true(charset_to_utf8(charset, (struct span){(char *)bytes, length}, to) <= length * CHARSET_GROWTH);
            free(to);
        }
        charset_close(charset);
    }
}

static void test_what_is_no_encoding(void **state)
{
    static const char *const names[] = {"",  "nonsense",    "UTF-16", "UCS-4LE", "IBM037",     "windows-1251//IGNORE",
                                        "/", "ISO-2022-JP", "UTF-7",  "HZ",      "ISO-2022-KR"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_null(charset_open(names[i]));
    charset_close(NULL);
}

static void test_ascii_is_found(void **state)
{
    char text[64];

    (void)state;
    memset(text, 'a', sizeof text);
    for (size_t length = 0; length < sizeof text; length++) {
        assert_true(charset_is_plain((struct span){text, length}));
        for (size_t k = 0; k < length; k++) {
            text[k] = (char)0x80;
            assert_false(charset_is_plain((struct span){text, length}));
            text[k] = 'a';
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_byte_for_each_character), cmocka_unit_test(test_several_bytes_for_a_character),
        cmocka_unit_test(test_what_is_utf8_stays),          cmocka_unit_test(test_there_is_room),
        cmocka_unit_test(test_what_is_no_encoding),         cmocka_unit_test(test_ascii_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
