// tests/unit/base/test_forwarded.c: whom a list of X-Forwarded-For names, by who is trusted.
#include "base/forwarded.h"

#include "unit/test.h"

static struct network networks[2];
static const struct network_list trust = {networks, 2}, nobody = {0};

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(network_read(span_of("10.0.0.0/8"), &networks[0]), NETWORK_GOOD);
    assert_int_equal(network_read(span_of("fd00::/8"), &networks[1]), NETWORK_GOOD);
    return 0;
}

static void test_the_client_is_the_last_who_is_not_trusted(void **state)
{
    static const char *const cases[][2] = {
        {"203.0.113.7", "203.0.113.7:0"},
        {" 203.0.113.7\t", "203.0.113.7:0"},
        {"203.0.113.7:4711", "203.0.113.7:4711"},
        {"2001:db8::7", "[2001:db8::7]:0"},
        {"[2001:db8::7]", "[2001:db8::7]:0"},
        {"[2001:db8::7]:99", "[2001:db8::7]:99"},
        {"::ffff:203.0.113.7", "203.0.113.7:0"},
        {"1.1.1.1, 203.0.113.7", "203.0.113.7:0"},
        {"lies, 203.0.113.7,10.0.0.1, fd00::1", "203.0.113.7:0"},
        {"203.0.113.7,, ,10.0.0.1,", "203.0.113.7:0"},
        {"10.0.0.9, 10.0.0.1", "10.0.0.9:0"},
    };
    char client[ADDRESS_PRINT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(forwarded_client(span_of(cases[i][0]), &trust, client), FORWARDED_CLIENT);
        assert_string_equal(client, cases[i][1]);
    }
    assert_int_equal(forwarded_client(span_of("1.1.1.1, 10.0.0.1"), &nobody, client), FORWARDED_CLIENT);
    assert_string_equal(client, "10.0.0.1:0");
}

static void test_an_empty_list_names_nobody(void **state)
{
    static const char *const cases[] = {"", " ", ",", " , ,\t,"};
    char client[ADDRESS_PRINT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(forwarded_client(span_of(cases[i]), &trust, client), FORWARDED_NOBODY);
    assert_int_equal(forwarded_client((struct span){NULL, 0}, &trust, client), FORWARDED_NOBODY);
}

static void test_what_is_no_address_is_invalid(void **state)
{
    static const char *const cases[] = {"unknown",           "203.0.113",
                                        "203.0.113.7:",      "203.0.113.7:65536",
                                        "[2001:db8::7",      "[2001:db8::7]x",
                                        "[2001:db8::7]:",    "[203.0.113.7]:5",
                                        "1.1.1.1, lies",     "lies, 10.0.0.1",
                                        "203.0.113.7 extra", "[]",
                                        "fe80::1%eth0",      ":",
                                        "1.2.3.4:1:2"};
    char client[ADDRESS_PRINT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(forwarded_client(span_of(cases[i]), &trust, client), FORWARDED_INVALID);
    assert_int_equal(forwarded_client((struct span){"1.2.3.4\0", 8}, &trust, client), FORWARDED_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_client_is_the_last_who_is_not_trusted),
        cmocka_unit_test(test_an_empty_list_names_nobody),
        cmocka_unit_test(test_what_is_no_address_is_invalid),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
