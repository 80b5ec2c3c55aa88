// tests/unit/base/test_utf8.c: which bytes are UTF-8.
#include "base/utf8.h"

#include "unit/test.h"

static void characters_and_others(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"a", 1},        {"\x7f", 1},         {"\xc3\xa4", 2},     {"\xe2\x82\xac", 3}, {"\xf0\x9f\x93\x9e", 4},
        {"", 0},         {"\x80", 0},         {"\xc0\xaf", 0},     {"\xc3", 0},         {"\xe0\x80\xaf", 0},
        {"\xff", 0},     {"\xed\xa0\x80", 0}, {"\xe2\x82", 0},     {"\xc3(", 0},        {"\xf4\x90\x80\x80", 0},
        {"\xc1\xbf", 0}, {"\xf5", 0},         {"\xf0\x80\x80", 0}, {"\xe2(\xa1", 0},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (utf8_length(span_of(cases[i].text)) != cases[i].length)
            fail_msg("case %zu: %zu", i, utf8_length(span_of(cases[i].text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(characters_and_others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
