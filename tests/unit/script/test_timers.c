// tests/unit/script/test_timers.c: amp.every, amp.after and amp.on.
#include "unit/script/action_test.h"

static void test_timers_and_events(void **state)
{
    (void)state;
    begin("local n, ups, logins = 0, '', 0\n"
          "amp.every('30s', { once = true }, function() n = n + 1 amp.sleep('40s') end)\n"
          "amp.on('server.up', function(name) ups = ups .. name end)\n"
          "amp.on('session.login', function(s) logins = logins + 1 s:send{ Event = 'Welcome', User = s.user } end)\n"
          "return { name = 'Mine', run = function(a, reply) reply:ok{ N = n, Ups = ups, L = logins } end }");
    assert_int_equal(script_state_due(fixture.lua), host.now + 30000);
    for (int i = 0; i < 5; i++) { // runs at 30 s, skipped at 60, runs at 90, skipped at 120, runs at 150
        host.now += 30000;
        script_state_tick(fixture.lua);
    }
    script_event_tell(fixture.lua, SCRIPT_SERVER_UP, (struct handle){0}, "pbx1");
    script_event_tell(fixture.lua, SCRIPT_SESSION_LOGIN, session, NULL);
    assert_string_equal(host.sent, "Event: Welcome\r\nUser: dave\r\n\r\n");
    ask("Mine", "");
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\nL: 1\r\nN: 3\r\nUps: pbx1\r\n\r\n");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timers_and_events),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
