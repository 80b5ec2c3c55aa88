// tests/unit/base/test_address_rules.c: which networks contain which clients, and which texts are not networks.
#include "base/address_rules.h"

#include "base/memory.h"
#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

#define CASES(table) (sizeof(table) / sizeof(table)[0])

/** Reads networks that are separated by blanks, all of them valid. The caller frees. */
static struct network_list list_of(const char *text)
{
    struct network_list list = {0};
    size_t length;

    for (text += strspn(text, " "); (length = strcspn(text, " ")) > 0; text += length + strspn(text + length, " ")) {
        list.items = memory_grow(list.items, (list.count + 1) * sizeof *list.items);
        if (network_read((struct span){text, length}, &list.items[list.count++]) != NETWORK_GOOD)
            fail_msg("no network: %s", text);
    }
    return list;
}

static void test_r44_rules_admit_as_documented(void **state)
{
    static const struct {
        const char *allow, *deny, *client;
        bool admitted;
    } cases[] = {
        {"", "", "192.0.2.7:1", true},
        {"", "", "[2001:db8::1]:1", true},
        {"", "", "unix", true},
        {"192.0.2.0/24", "", "192.0.2.255:1", true},
        {"192.0.2.0/24", "", "192.0.3.0:1", false},
        {"192.0.2.7", "", "192.0.2.7:65535", true},
        {"192.0.2.7/32", "", "192.0.2.6:1", false},
        {"0.0.0.0/0", "", "203.0.113.9:1", true},
        {"0.0.0.0/0", "", "[2001:db8::1]:1", false},
        {"::/0", "", "[2001:db8::1]:1", true},
        {"::/0", "", "203.0.113.9:1", false},
        {"", "::/0", "203.0.113.9:1", true},
        {"2001:db8::/32", "", "[2001:db8:ffff::1]:1", true},
        {"2001:db8::/32", "", "[2001:db9::1]:1", false},
        {"2001:db8::1/128", "", "[2001:db8::1]:1", true},
        {"2001:db8::1", "", "[2001:db8::2]:1", false},
        {"fe80::/10", "", "[febf::1]:1", true},
        {"fe80::/10", "", "[fec0::1]:1", false},
        {"10.128.0.0/9", "", "10.127.255.255:1", false},
        {"10.128.0.0/9", "", "10.255.255.255:1", true},
        {"192.0.2.0/24", "", "[::ffff:192.0.2.7]:1", true}, // mapped IPv6 is IPv4
        {"::ffff:192.0.2.0/120", "", "192.0.2.7:1", true},
        {"::ffff:0.0.0.0/96", "", "203.0.113.9:1", true},
        {"::/64", "", "192.0.2.7:1", false},
        {"192.0.2.0/24", "192.0.2.7", "192.0.2.7:1", false}, // deny wins
        {"192.0.2.0/24", "192.0.2.7", "192.0.2.8:1", true},
        {"192.0.2.7", "192.0.2.0/24", "192.0.2.7:1", false},
        {"", "192.0.2.0/24 ::1", "[::1]:1", false},
        {"198.51.100.0/24 2001:db8::/32", "", "[2001:db8::9]:1", true},
        {"0.0.0.0/0 ::/0", "", "unix", false}, // no address: in no network
        {"", "0.0.0.0/0 ::/0", "unix", true},
        {"127.0.0.0/8", "0.0.0.0/0", "127.0.0.1:1", false},
    };
    (void)state;

    for (size_t i = 0; i < CASES(cases); i++) {
        struct network_list allow = list_of(cases[i].allow), deny = list_of(cases[i].deny);
        if (address_rules_admit(&allow, &deny, cases[i].client) != cases[i].admitted)
            fail_msg("case %zu: allow [%s] deny [%s] client %s", i, cases[i].allow, cases[i].deny, cases[i].client);
        address_rules_free(&allow);
        address_rules_free(&deny);
    }
    assert_true(CASES(cases) >= 30);
}

static void test_r44_what_is_no_network(void **state)
{
    static const char *const wrong[] = {"",
                                        "a",
                                        "10.0.0",
                                        "10.0.0.0/",
                                        "10.0.0.0/33",
                                        "10.0.0.0/-1",
                                        "10.0.0.0/08",
                                        "10.0.0.0/8 ",
                                        " 10.0.0.0/8",
                                        "10.0.0.0/8/8",
                                        "::/129",
                                        "::/a",
                                        "fe80::1%lo",
                                        "[::1]",
                                        "010.0.0.0/8",
                                        "10.0.0.0:80",
                                        "/8",
                                        "localhost",
                                        "1.2.3.4.5",
                                        "::ffff:1.2.3.4/129"};
    static const struct {
        const char *text, *meant;
    } host_bits[] = {
        {"10.0.0.1/8", "10.0.0.0/8"},        {"192.0.2.7/31", "192.0.2.6/31"},      {"1.2.3.4/0", "0.0.0.0/0"},
        {"2001:db8::1/64", "2001:db8::/64"}, {"::ffff:10.0.0.1/104", "10.0.0.0/8"}, {"::1/0", "::/0"},
    };
    struct network network;
    char text[NETWORK_TEXT];
    (void)state;

    for (size_t i = 0; i < CASES(wrong); i++)
        if (network_read(span_of(wrong[i]), &network) != NETWORK_WRONG)
            fail_msg("taken for a network: \"%s\"", wrong[i]);
    for (size_t i = 0; i < CASES(host_bits); i++) {
        assert_int_equal(network_read(span_of(host_bits[i].text), &network), NETWORK_HOST_BITS);
        assert_string_equal(network_text(&network, text), host_bits[i].meant);
    }
    assert_int_equal(network_read((struct span){"10.0.0.0\0/8", 11}, &network), NETWORK_WRONG);
}

static void whom_a_limit_counts_as_one(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        {"192.0.2.7:1", "192.0.2.7:2", true},
        {"192.0.2.7:1", "192.0.2.8:1", false},
        {"192.0.2.7:1", "[::ffff:192.0.2.7]:1", true},
        {"[2001:db8:1:2::1]:1", "[2001:db8:1:2:3:4:5:6]:1", true},
        {"[2001:db8:1:2::1]:1", "[2001:db8:1:3::1]:1", false},
        {"unix", "unix", true},
        {"unix", "192.0.2.7:1", false},
        {"unix", "[::1]:1", false},
    };
    (void)state;

    for (size_t i = 0; i < CASES(pairs); i++) {
        struct address a = address_network(pairs[i].a), b = address_network(pairs[i].b);
        assert_int_equal(memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0, pairs[i].same);
    }
}

static void odd_texts_are_no_addresses(void **state)
{
    static const char *const odd[] = {"",
                                      ":",
                                      "[",
                                      "[]",
                                      "[]:",
                                      "]:1",
                                      "[::1",
                                      "::1]:",
                                      "unix:/path",
                                      "[1:1",
                                      "[2001:db8::1%lo]:1",
                                      "0123456789012345678901234567890123456789012345678:1"};
    (void)state;

    for (size_t i = 0; i < CASES(odd); i++)
        assert_false(address_of(odd[i]).known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_r44_rules_admit_as_documented),
        cmocka_unit_test(test_r44_what_is_no_network),
        cmocka_unit_test(whom_a_limit_counts_as_one),
        cmocka_unit_test(odd_texts_are_no_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
