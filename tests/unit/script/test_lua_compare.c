// tests/unit/script/test_lua_compare.c: m:is, m:starts, m:ends, m:contains.
#include "unit/script/script_test.h"

static void test_each_compares_its_part(void **state)
{
    (void)state;
    lua_ok("assert(m:is('Channel', 'SIP/100-1') and not m:is('Channel', 'SIP/100') and not m:is('Channel', ''))");
    lua_ok("assert(m:starts('Channel', 'SIP/') and m:starts('Channel', '') and not m:starts('Channel', 'IP/'))");
    lua_ok("assert(m:ends('Channel', '-1') and m:ends('Channel', '') and not m:ends('Channel', '-'))");
    lua_ok("assert(m:contains('Channel', '/100-') and m:contains('Channel', '') and not m:contains('Channel', '101'))");
    lua_ok("local long = ('x'):rep(1000) assert(not m:starts('Channel', long) and not m:ends('Channel', long) and\n"
           "not m:contains('Channel', long))");
}

static void test_the_first_of_a_name_counts(void **state)
{
    (void)state;
    lua_ok("assert(m:is('two', 'a') and not m:is('Two', 'b'))");
    lua_ok("m.Two = { 'c', 'd' } assert(m:is('Two', 'c') and not m:contains('Two', 'd'))"); // a change is seen
}

static void test_what_is_absent_is_like_nothing(void **state)
{
    (void)state;
    lua_ok(
        "assert(not m:is('No', '') and not m:starts('No', '') and not m:ends('No', '') and not m:contains('No', ''))");
    lua_ok("m.Channel = nil assert(not m:starts('Channel', ''))");
}

static void test_names_of_events_have_no_case(void **state)
{
    (void)state;
    lua_ok("assert(m:is('Event', 'TEST') and m:starts('event', 'te') and m:ends('EVENT', 'ST'))");
    lua_ok("assert(not m:is('Channel', 'sip/100-1'))"); // other values have
}

static void test_what_is_no_text_is_an_error(void **state)
{
    (void)state;
    lua_bad("m:is('Channel')");
    lua_bad("m:starts('Channel', {})");
    lua_bad("m:ends({}, 'x')");
    lua_bad("m.contains('Channel', 'x', 'y')");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_compares_its_part),         cmocka_unit_test(test_the_first_of_a_name_counts),
        cmocka_unit_test(test_what_is_absent_is_like_nothing), cmocka_unit_test(test_names_of_events_have_no_case),
        cmocka_unit_test(test_what_is_no_text_is_an_error),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
