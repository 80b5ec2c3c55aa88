// tests/unit/script/test_lua_shared.c: amp.shared, as a script sees it.
#include "unit/script/action_test.h"

static void test_shared(void **state)
{
    (void)state;
    begin("local s = amp.shared\n"
          "assert(s:get('a') == nil and s:set('a', 'text') == true and s:get('a') == 'text')\n"
          "assert(s:set('b', true) and s:get('b') == true and s:set('c', 1.5) and s:get('c') == 1.5)\n"
          "assert(s:incr('n') == 1 and s:incr('n', 5) == 6 and s:get('n') == 6 and s:incr('a') == nil)\n"
          "assert(s:add('a', 'x') == false and s:get('a') == 'text' and s:add('d', 'x') == true)\n"
          "assert(s:delete('a') == true and s:delete('a') == false and s:get('a') == nil)\n"
          "assert(s:set('e', 'short', '1s') and s:incr('f', 1, '1s') == 1)\n"
          "assert(#s:keys() == 6 and #s:keys('e') == 1 and s:keys('e')[1] == 'e')\n"
          "local ok, why = s:set('big', ('x'):rep(5000)) assert(ok == nil and why == 'full')\n"
          "assert(not pcall(s.set, s, 'x', {}))\n"
          "amp.sleep('2s')\n"
          "assert(s:get('e') == nil and s:get('f') == nil and s:incr('f', 1, '1s') == 1)\n"
          "s:set('b', nil) assert(s:get('b') == nil)\n"
          "reply:ok()");
    ask("Mine", "");
    host.now += 3000;
    script_state_tick(fixture.lua);
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shared),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
