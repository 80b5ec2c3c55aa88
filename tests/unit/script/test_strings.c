// tests/unit/script/test_strings.c: the library `string` of scripts gives what Lua's own gives.
#include "unit/script/script_test.h"

static void test_find_and_match(void **state)
{
    (void)state;
    lua_ok("local a, b, c = ('SIP/100-1'):find('/(%d+)') assert(a == 4 and b == 7 and c == '100')");
    lua_ok("assert(('a.b'):find('.', 1, true) == 2 and ('a.b'):find('.') == 1 and ('ab'):find('c') == nil)");
    lua_ok("assert(('abc'):find('b', -1) == nil and ('abc'):find('', 10) == nil and ('abc'):find('') == 1)");
    lua_ok("local k, v = ('Key: value'):match('^(%w+):%s*(.*)$') assert(k == 'Key' and v == 'value')");
    lua_ok("assert(('abc'):match('()b()') == 2)");
    lua_bad("('a'):find('[')");
    lua_bad("('a'):match('%')");
}

static void test_gmatch_and_gsub(void **state)
{
    (void)state;
    lua_ok("local n = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do n[#n + 1] = k .. v end\n"
           "assert(table.concat(n, ' ') == 'a1 b2')");
    lua_ok("local s, n = ('hello'):gsub('l', 'L') assert(s == 'heLLo' and n == 2)");
    lua_ok("assert(('hello'):gsub('l', 'L', 1) == 'heLlo' and ('abc'):gsub('%w', '%0%0') == 'aabbcc')");
    lua_ok("assert(('$name'):gsub('%$(%w+)', { name = 'x' }) == 'x' and ('ab'):gsub('b', function() end) == 'ab')");
    lua_ok("assert(('abc'):gsub('', '-') == '-a-b-c-')");
    lua_bad("('a'):gsub('a', '%2')");
    lua_bad("('a'):gsub('a', function() return {} end)");
}

static void test_rep_is_bounded_and_right(void **state)
{
    (void)state;
    lua_ok("assert(('ab'):rep(3) == 'ababab' and ('a'):rep(3, ',') == 'a,a,a' and ('a'):rep(0) == '' and\n"
           "('a'):rep(-1) == '')");
    lua_bad("('x'):rep(1 << 40)");
}

static void test_the_rest_is_luas(void **state)
{
    (void)state;
    lua_ok("assert(('aB'):upper() == 'AB' and ('aB'):lower() == 'ab' and #('abc') == 3 and ('abc'):sub(2) == 'bc')");
    lua_ok("assert(('%d:%s'):format(5, 'x') == '5:x' and ('abc'):reverse() == 'cba' and ('a'):byte() == 97)");
    lua_ok("assert(string.char(65, 66) == 'AB')");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_and_match),
        cmocka_unit_test(test_gmatch_and_gsub),
        cmocka_unit_test(test_rep_is_bounded_and_right),
        cmocka_unit_test(test_the_rest_is_luas),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
