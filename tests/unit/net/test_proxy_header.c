// tests/unit/net/test_proxy_header.c: headers of the PROXY protocol, whole and in parts, valid and not.
#include "net/proxy_header.h"

#include "unit/test.h"

#include <string.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define BYTES(text) text, sizeof(text) - 1
#define CASES(table) (sizeof(table) / sizeof(table)[0])

struct header_case {
    const char *bytes;
    size_t length;
    size_t rest; // bytes behind the header
    const char *client;
};

static const struct header_case good[] = {
    {BYTES("PROXY TCP4 203.0.113.7 192.0.2.1 51234 1234\r\nAction"), 6, "203.0.113.7:51234"},
    {BYTES("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"), 0, "255.255.255.255:65535"},
    {BYTES("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n"), 0, "0.0.0.0:0"},
    {BYTES("PROXY TCP6 2001:db8::9 ::1 1 2\r\n\r\n"), 2, "[2001:db8::9]:1"},
    {BYTES("PROXY TCP6 ::ffff:203.0.113.7 ::1 1 2\r\n"), 0, "203.0.113.7:1"},
    {BYTES("PROXY UNKNOWN\r\n"), 0, ""},
    {BYTES("PROXY UNKNOWN \x01 anything TCP4\r\nrest"), 4, ""},
    {BYTES(SIGNATURE "\x21\x11\0\x0c\xcb\0\x71\x07\xc0\0\x02\x01\xc8\x22\x04\xd2!"), 1, "203.0.113.7:51234"},
    {BYTES(SIGNATURE "\x21\x11\0\x10\xcb\0\x71\x07\xc0\0\x02\x01\xc8\x22\x04\xd2\x04\0\x01x"), 0, "203.0.113.7:51234"},
    {BYTES(SIGNATURE "\x21\x21\0\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\x01"
                     "\0\x02"),
     0, "[2001:db8::9]:1"},
    {BYTES(SIGNATURE "\x20\0\0\0"), 0, ""},
    {BYTES(SIGNATURE "\x20\x11\0\x02xy"), 0, ""}, // LOCAL: what it says must be ignored
    {BYTES(SIGNATURE "\x21\0\0\0GET"), 3, ""},
};

static void test_each_part_is_more_and_the_whole_is_found(void **state)
{
    struct proxy_header header;

    (void)state;
    for (size_t i = 0; i < CASES(good); i++) {
        size_t whole = good[i].length - good[i].rest;
        for (size_t part = 0; part < whole; part++)
            assert_int_equal(proxy_header_read(good[i].bytes, part, &header), PROXY_HEADER_MORE);
        for (size_t length = whole; length <= good[i].length; length++) {
            assert_int_equal(proxy_header_read(good[i].bytes, length, &header), PROXY_HEADER_FOUND);
            assert_int_equal(header.length, whole);
            assert_string_equal(header.client, good[i].client);
            assert_int_equal(header.local, good[i].client[0] == '\0');
        }
    }
}

static void test_a_unix_client_is_unix(void **state)
{
    char bytes[16 + 216] = SIGNATURE "\x21\x31\0\xd8/run/x";
    struct proxy_header header;

    (void)state;
    assert_int_equal(proxy_header_read(bytes, sizeof bytes, &header), PROXY_HEADER_FOUND);
    assert_string_equal(header.client, "unix");
}

static void test_what_is_malformed_is_invalid_and_says_why(void **state)
{
    static const struct header_case bad[] = {
        {BYTES("PROXY \r\n"), 0, ""},
        {BYTES("PROXY TCP4\r\n"), 0, ""},
        {BYTES("PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n"), 0, ""},
        {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n"), 0, ""},
        {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"), 0, ""},
        {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n"), 0, ""},
        {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n"), 0, ""},
        {BYTES("PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n"), 0, ""},
        {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n"), 0, ""},
        {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n"), 0, ""},
        {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n"), 0, ""},
        {BYTES("PROXY TCP4 1.2.3.4 ::1 1 2\r\n"), 0, ""},
        {BYTES("PROXY TCP4 ::1 ::1 1 2\r\n"), 0, ""},
        {BYTES("PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n"), 0, ""},
        {BYTES("PROXY TCP4 1.2.3.4\0 1.2.3.4 1 2\r\n"), 0, ""},
        {BYTES("PROXY TCP4 host 1.2.3.4 1 2\r\n"), 0, ""},
        {BYTES(SIGNATURE "\x11\x11\0\x0c"), 0, ""},
        {BYTES(SIGNATURE "\x22\x11\0\x0c"), 0, ""},
        {BYTES(SIGNATURE "\x21\x11\0\x0bxxxxxxxxxxx"), 0, ""},
        {BYTES(SIGNATURE "\x21\x12\0\x0cxxxxxxxxxxxx"), 0, ""},
        {BYTES(SIGNATURE "\x21\x41\0\0"), 0, ""},
        {BYTES(SIGNATURE "\x21\x11\x0f\xf1"), 0, ""}, // with the first 16 bytes, 4097
    };
    struct proxy_header header;

    (void)state;
    for (size_t i = 0; i < CASES(bad); i++) {
        assert_int_equal(proxy_header_read(bad[i].bytes, bad[i].length, &header), PROXY_HEADER_INVALID);
        assert_non_null(header.fault);
    }
}

static void test_a_line_has_at_most_107_bytes(void **state)
{
    char line[256];
    struct proxy_header header;

    (void)state;
    memset(line, 'x', sizeof line);
    memcpy(line, "PROXY UNKNOWN ", 14);
    memcpy(line + 105, "\r\n", 2);
    assert_int_equal(proxy_header_read(line, 107, &header), PROXY_HEADER_FOUND);
    memset(line + 105, 'x', 2);
    memcpy(line + 106, "\r\n", 2);
    assert_int_equal(proxy_header_read(line, 106, &header), PROXY_HEADER_MORE);
    assert_int_equal(proxy_header_read(line, 107, &header), PROXY_HEADER_INVALID);
    assert_int_equal(proxy_header_read(line, sizeof line, &header), PROXY_HEADER_INVALID);
}

static void test_other_bytes_are_no_header(void **state)
{
    static const struct header_case others[] = {
        {BYTES("Action: Login\r\n"), 0, ""},    {BYTES("POST / HTTP/1.1\r\n"), 0, ""},
        {BYTES("ProxyAction: x\r\n"), 0, ""},   {BYTES("PROXY\r\n"), 0, ""},
        {BYTES("\r\n\r\nAction"), 0, ""},       {BYTES("\x16\x03\x01"), 0, ""},
        {BYTES("\r\n\r\n\0\r\nQUIT\r"), 0, ""},
    };
    struct proxy_header header;
    bool maybe;

    (void)state;
    for (size_t i = 0; i < CASES(others); i++) {
        assert_int_equal(proxy_header_read(others[i].bytes, others[i].length, &header), PROXY_HEADER_ABSENT);
        assert_false(proxy_header_begins(others[i].bytes, others[i].length, &maybe));
        assert_false(maybe);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_part_is_more_and_the_whole_is_found),
        cmocka_unit_test(test_a_unix_client_is_unix),
        cmocka_unit_test(test_what_is_malformed_is_invalid_and_says_why),
        cmocka_unit_test(test_a_line_has_at_most_107_bytes),
        cmocka_unit_test(test_other_bytes_are_no_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
