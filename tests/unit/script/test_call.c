// tests/unit/script/test_call.c: the actions that scripts send to servers.
#include "unit/script/action_test.h"

static void test_call(void **state)
{
    (void)state;
    begin("local got = amp.call{ Action = 'DBGet', Key = 'k', server = 'pbx1', timeout = '3s' }\n"
          "if not got.ok then return reply:error(got.reason) end\n"
          "for e in got:events('DBGetResponse') do return reply:ok{ Val = e.Val, N = got.count } end");
    ask("Mine", "");
    assert_int_equal(host.replies, 0);
    assert_int_equal(host.call_count, 1);
    assert_string_equal(host.servers[0], "pbx1");
    struct span wire = message_wire(host.asked[0]);
    assert_memory_equal(wire.bytes, "Action: DBGet\r\nKey: k\r\n\r\n", wire.length);
    assert_false(script_state_is_idle(fixture.lua));
    answer(0, "Response: Success\r\nMessage: Result will follow\r\n\r\n");
    answer(0, "Event: DBGetResponse\r\nVal: 5\r\n\r\n");
    assert_int_equal(host.replies, 0);
    end_call(0, NULL);
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\nN: 2\r\nVal: 5\r\n\r\n");
    assert_true(script_state_is_idle(fixture.lua));

    ask("Mine", "");
    answer(1, "Response: Error\r\nMessage: Database entry not found\r\n\r\n");
    end_call(1, NULL);
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: Database entry not found\r\n\r\n");
    ask("Mine", "");
    end_call(2, "server down");
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: server down\r\n\r\n");

    ask("Mine", ""); // one answer does not come in time, one comes too late
    assert_int_equal(script_state_due(fixture.lua), host.now + 3000);
    host.now += 3000;
    script_state_tick(fixture.lua);
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: no answer in time\r\n\r\n");
    answer(3, "Response: Success\r\n\r\n");
    end_call(3, NULL);
    end();
}

static void test_call_at_once(void **state)
{
    (void)state;
    begin("for i = 1, 10 do assert(amp.call{ Action = 'Ping' }.response.Ping == 'Pong') end "
          "local all = amp.call_all{ { Action = 'Ping' }, { Action = 'Ping' } } "
          "assert(#all == 2 and all[2].ok) assert(#amp.call_all{} == 0) reply:ok()");
    host.at_once = true;
    expect("Mine", "", "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
}

static void test_call_all(void **state)
{
    (void)state;
    begin("local asked = {} for _, s in ipairs(amp.servers()) do asked[#asked + 1] = { Action = 'X', server = s.name } "
          "end\n"
          "local got = amp.call_all(asked) reply:ok{ A = got[1].ok, B = got[2].reason }");
    ask("Mine", "");
    assert_int_equal(host.call_count, 2);
    end_call(1, "down");
    assert_int_equal(host.replies, 0);
    answer(0, "Response: Success\r\n\r\n");
    end_call(0, NULL);
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\nA: true\r\nB: down\r\n\r\n");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_call_at_once),
        cmocka_unit_test(test_call_all),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
