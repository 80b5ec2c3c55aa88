// tests/unit/base/test_address_special.c: which addresses are hosts of the public Internet.
#include "base/address_special.h"

#include "unit/test.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

/** Reads an address as a socket would have it: IPv4 as such, not mapped. */
static struct address address_written(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return address_of_socket((const struct sockaddr *)(const void *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return address_of_socket((const struct sockaddr *)(const void *)&in6);
}

static void check(const char *const *texts, size_t count, bool expected)
{
    for (size_t i = 0; i < count; i++) {
        struct address address = address_written(texts[i]);
        if (address_is_public(&address) != expected)
            fail_msg("%s is %sexpected to be public", texts[i], expected ? "" : "not ");
    }
}

static void public_addresses(void **state)
{
    static const char *const texts[] = {
        "1.1.1.1",     "8.8.8.8",         "9.255.255.255",    "11.0.0.0",        "100.63.255.255",
        "100.128.0.0", "126.255.255.255", "128.0.0.0",        "169.253.255.255", "172.15.255.255",
        "172.32.0.0",  "192.0.1.0",       "192.167.255.255",  "192.169.0.0",     "198.17.255.255",
        "198.20.0.0",  "223.255.255.255", "2a00:1450::1",     "2600::",          "2001:4860:4860::8888",
        "2001:200::1", "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:db7:ffff::",
    };
    (void)state;

    check(texts, sizeof texts / sizeof texts[0], true);
}

static void addresses_that_are_not(void **state)
{
    static const char *const texts[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0.0.0.0",
        "::ffff:169.254.1.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "64:ff9b::1:8.8.8.8",
        "100::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2001::1",
        "2001:20::1",
        "2001:1ff::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::",
        "2002:c0a8:101::1",
        "3fff::1",
        "3fff:fff::1",
        "5f00::1",
        "4000::1",
        "2620:4f:8000::1",
    };
    (void)state;

    check(texts, sizeof texts / sizeof texts[0], false);
}

static void other_families(void **state)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/x"};
    struct address address = address_of_socket((const struct sockaddr *)(const void *)&local);
    char text[NETWORK_TEXT];
    (void)state;

    assert_false(address_is_public(&address));
    assert_string_equal(address_text(&address, text), "unknown");
}

static void texts_of_addresses(void **state)
{
    static const char *const texts[] = {"192.0.2.7", "2001:db8::1", "::1"};
    char text[NETWORK_TEXT];
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct address address = address_written(texts[i]);
        assert_string_equal(address_text(&address, text), texts[i]);
    }
    struct address mapped = address_written("::ffff:192.0.2.7");
    assert_string_equal(address_text(&mapped, text), "192.0.2.7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_addresses),
        cmocka_unit_test(addresses_that_are_not),
        cmocka_unit_test(other_families),
        cmocka_unit_test(texts_of_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
