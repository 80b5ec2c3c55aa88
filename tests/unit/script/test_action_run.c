// tests/unit/script/test_action_run.c: a proxy action whose session ends, and one that takes too long.
#include "unit/script/action_test.h"

static void test_session_goes(void **state)
{
    (void)state;
    begin("local kept = session amp.after('1s', function() assert(not kept.alive) kept:send{ Event = 'X' } end)\n"
          "amp.call{ Action = 'Ping' } reply:ok()");
    ask("Mine", "");
    script_session_gone(fixture.lua, session);
    assert_true(script_state_is_idle(fixture.lua));
    end_call(0, NULL);
    assert_int_equal(host.replies, 0);
    host.now += 2000;
    script_state_tick(fixture.lua); // raises inside, is logged
    assert_string_equal(host.sent, "");
    end();
}

static void test_action_timeout_and_limit(void **state)
{
    (void)state;
    begin("return { name = 'Mine', timeout = '1s', run = function(a, reply) amp.sleep('1h') end }");
    ask("Mine", "");
    host.now += 1000;
    script_state_tick(fixture.lua);
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: Proxy action failed\r\n\r\n");
    for (int i = 0; i < 256; i++)
        ask("Mine", "");
    ask("Mine", "");
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: Proxy action failed\r\n\r\n");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_goes),
        cmocka_unit_test(test_action_timeout_and_limit),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
