// tests/unit/script/test_lua_ask.c: what scripts ask of the program, and its events as items of their own answer.
#include "unit/script/action_test.h"

static void test_what_the_proxy_is_asked(void **state)
{
    (void)state;
    begin("local r = amp.reload() assert(not r.ok and r.reason:find('expected', 1, true))\n"
          "assert(amp.drop_server('pbx1').ok and not amp.drop_server('x').ok)\n"
          "assert(amp.close_session(2).ok and amp.close_session(3).reason == 'There is no such session')\n"
          "assert(amp.cluster().reason == 'There is no cluster')\n"
          "assert(amp.control{ Command = 'drain' }.reason == 'There is no server x') reply:ok()");
    expect("Mine", "", "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
}

static void test_events_of_the_program_are_passed_on(void **state)
{
    (void)state;
    begin("reply:begin() for e in amp.control{ Command = 'servers' }:events() do reply:item(e) end\n"
          "reply:finish{ Event = 'End' }");
    ask("Mine", "");
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\nEventList: start\r\n\r\n"
                                  "Event: Done\r\nActionID: 9\r\nWhat: servers\r\n\r\n"
                                  "Event: End\r\nActionID: 9\r\nEventList: Complete\r\nListItems: 1\r\n\r\n");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_the_proxy_is_asked),
                                       cmocka_unit_test(test_events_of_the_program_are_passed_on)};
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
