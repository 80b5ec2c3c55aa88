// tests/unit/config/test_network_reader.c: lists of networks, and the mistakes in them.
#include "unit/config/parse.h"

#define SERVERS "servers: [{host: h, username: u, secret: s}]\n"
#define LISTEN(rest) SERVERS "listen: [{port: 0, input: standard, " rest "}]\n"

static void test_networks_and_single_addresses(void **state)
{
    (void)state;
    config_unref(expect_good(LISTEN("allow: [192.0.2.0/24, 2001:db8::/32, 192.0.2.7, '::1']")));
    config_unref(expect_good(LISTEN("deny: [0.0.0.0/0]")));
    expect_error(LISTEN("allow: 192.0.2.0/24"), "listen[0].allow: expected a list of networks");
}

static void test_mistakes_name_their_place(void **state)
{
    (void)state;
    expect_error(LISTEN("allow: [nonsense]"), "t.yaml:2:");
    expect_error(LISTEN("allow: [192.0.2.0/33]"), "listen[0].allow[0]: expected");
    expect_error(LISTEN("allow: [192.0.2.7, 2001:db8::/129]"), "listen[0].allow[1]: expected");
    expect_error(LISTEN("allow: [192.0.2.1.5]"), "listen[0].allow[0]: expected");
}

static void test_an_empty_list_is_refused(void **state)
{
    (void)state;
    expect_error(LISTEN("allow: []"), "listen[0].allow: expected");
    expect_error(LISTEN("deny: []"), "listen[0].deny: expected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks_and_single_addresses),
        cmocka_unit_test(test_mistakes_name_their_place),
        cmocka_unit_test(test_an_empty_list_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
