// tests/unit/script/test_lua_set.c: amp.set and amp.names, as scripts see them.
#include "unit/script/script_test.h"

static void test_what_is_in_a_set(void **state)
{
    (void)state;
    lua_ok("local s = amp.set{ 'a', 'b', 'a' } assert(#s == 2 and s.a == true and s['b'] == true and s.c == false)");
    lua_ok("local s = amp.set{ 'a' } assert(s.A == false and s[''] == false)");
    lua_ok("assert(#amp.set{} == 0 and amp.set{}.x == false)");
    lua_ok("local t = {} for i = 1, 1000 do t[i] = 'k' .. i end local s = amp.set(t)\n"
           "for i = 1, 1000 do assert(s['k' .. i]) end assert(#s == 1000 and not s.k0 and not s.k1001)");
}

static void test_names_have_no_case(void **state)
{
    (void)state;
    lua_ok("local n = amp.names{ 'Hangup', 'VarSet' } assert(n.hangup and n.HANGUP and n.varSet and not n.Hang)");
}

static void test_a_set_does_not_change(void **state)
{
    (void)state;
    lua_bad("amp.set{ 'a' }.b = true");
    lua_bad("amp.set{ 'a' }.a = nil");
    lua_bad("amp.set('a')");
    lua_bad("amp.set{ {} }");
    lua_bad("amp.set{ 'a' }[{}] = true");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_in_a_set),
        cmocka_unit_test(test_names_have_no_case),
        cmocka_unit_test(test_a_set_does_not_change),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
