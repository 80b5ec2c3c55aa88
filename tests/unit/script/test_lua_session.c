// tests/unit/script/test_lua_session.c: sessions as scripts see them.
#include "unit/script/action_test.h"

static void test_what_a_session_says_of_itself(void **state)
{
    (void)state;
    begin("assert(session.id == 1 and session.user == 'dave' and session.address == '192.0.2.7:51234')\n"
          "assert(session.ip == '192.0.2.7' and session.input == 'standard' and session.output == 'standard')\n"
          "assert(session.admin == true and session.encrypted == false and session.alive == true)\n"
          "reply:ok()");
    expect("Mine", "", "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
}

static void test_it_is_sent_to_changed_and_closed(void **state)
{
    (void)state;
    begin("session:send{ Event = 'Hello', To = session.user }\n"
          "assert(session:set_output('csv') == true and session.output == 'csv')\n"
          "assert(session:set_output('nosuch') == false)\n"
          "session:set_autofilter('unique') session:close() reply:ok()");
    ask("Mine", "");
    assert_string_equal(host.sent, "Event: Hello\r\nTo: dave\r\n\r\n");
    assert_int_equal(host.session.autofilter, 2);
    assert_true(host.closed);
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
}

static void test_what_it_cannot_do(void **state)
{
    static const char *const bad[] = {"session.user = 'root'",          "session:send('text')",
                                      "session:send{ A = 'x\\r\\ny' }", "session.nosuch()",
                                      "session:set_autofilter('x')",    "session.send({})"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin(bad[i]);
        ask("Mine", "");
        if (strstr(host.out, "Message: Proxy action failed\r\n") == NULL)
            fail_msg("%s: %s", bad[i], host.out);
        assert_string_equal(host.sent, "");
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_session_says_of_itself),
        cmocka_unit_test(test_it_is_sent_to_changed_and_closed),
        cmocka_unit_test(test_what_it_cannot_do),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
