// tests/unit/script/test_task.c: scripts that wait: within pcall, when their state ends, during a reload.
#include "script/state.h"
#include "unit/script/action_test.h"

static void test_server_action_and_pcall(void **state)
{
    (void)state;
    begin("local s = amp.servers()[1]\n"
          "local ok, got = pcall(function() return s:action{ Action = 'Ping' } end)\n"
          "assert(ok and got.ok)\n"
          "local ok, why = pcall(amp.call_all, { { Action = 'Ping' }, 5 })\n"
          "assert(not ok)\n"
          "reply:ok()");
    ask("Mine", "");
    assert_string_equal(host.servers[0], "pbx1");
    end_call(0, NULL);
    assert_int_equal(host.finals, 1);
    assert_non_null(strstr(host.out, "Success"));
    end();
}

/** The answer of a call that was given up is collected while the script waits for another one. */
static void test_garbage_of_a_failed_call_all(void **state)
{
    (void)state;
    begin("local ok = pcall(amp.call_all, { { Action = 'Ping' }, 5 }) assert(not ok)\n"
          "amp.call{ Action = 'Ping' } reply:ok()");
    ask("Mine", "");
    assert_int_equal(host.call_count, 2);
    end_call(1, NULL);
    for (int i = 0; i < 10000 && host.finals == 0; i++) {
        script_state_step(fixture.lua); // collects garbage
        script_state_tick(fixture.lua);
        fixture.lua->has_garbage = true;
    }
    assert_int_equal(host.finals, 1);
    assert_non_null(strstr(host.out, "Success"));
    end_call(0, NULL);
    end();
}

static void test_state_goes_while_waiting(void **state)
{
    (void)state;
    begin("local x <close> = setmetatable({}, { __close = function() end }) amp.call{ Action = 'Ping' } reply:ok()");
    ask("Mine", "");
    ask("Mine", "");
    end(); // the tokens are ended after the state
}

static void test_reload_while_waiting(void **state)
{
    (void)state;
    begin("local got = amp.call{ Action = 'Ping' } reply:error(got.reason or 'none')");
    ask("Mine", "");
    script_state_retire(fixture.lua, host.now + 10000);
    script_state_tick(fixture.lua);
    assert_int_equal(host.replies, 0);
    host.now += 10000;
    script_state_tick(fixture.lua);
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: reloading\r\n\r\n");
    assert_true(script_state_is_idle(fixture.lua));
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_action_and_pcall),
        cmocka_unit_test(test_garbage_of_a_failed_call_all),
        cmocka_unit_test(test_state_goes_while_waiting),
        cmocka_unit_test(test_reload_while_waiting),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
