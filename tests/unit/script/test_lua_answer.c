// tests/unit/script/test_lua_answer.c: the answers to the actions of scripts.
#include "unit/script/action_test.h"

static void test_an_answer_has_its_parts(void **state)
{
    (void)state;
    begin("local got = amp.call{ Action = 'QueueStatus' } local n = {}\n"
          "for e in got:events('QueueParams') do n[#n + 1] = e.Queue end\n"
          "local all = 0 for e in got:events() do all = all + 1 end\n"
          "reply:ok{ Ok = got.ok, Count = got.count, All = all, Names = table.concat(n, ','), M = got.response.Message "
          "}");
    ask("Mine", "");
    answer(0, "Response: Success\r\nMessage: follows\r\n\r\n");
    answer(0, "Event: QueueParams\r\nQueue: a\r\n\r\n");
    answer(0, "Event: QueueMember\r\nQueue: a\r\n\r\n");
    answer(0, "Event: QueueParams\r\nQueue: b\r\n\r\n");
    assert_int_equal(host.replies, 0);
    end_call(0, NULL);
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\nAll: 3\r\nCount: 4\r\nM: follows\r\n"
                                  "Names: a,b\r\nOk: true\r\n\r\n");
    end();
}

static void test_an_error_is_no_success(void **state)
{
    (void)state;
    begin("local got = amp.call{ Action = 'X' } reply:ok{ Ok = got.ok, Reason = got.reason }");
    ask("Mine", "");
    answer(0, "Response: Error\r\nMessage: No such channel\r\n\r\n");
    end_call(0, NULL);
    assert_string_equal(host.out, "Response: Success\r\nActionID: 9\r\nOk: false\r\nReason: No such channel\r\n\r\n");
    end();
}

static void test_nothing_at_all_has_a_reason(void **state)
{
    (void)state;
    begin("local got = amp.call{ Action = 'X' } assert(got.response == nil and got.count == 0)\n"
          "for e in got:events() do error('none') end reply:error(got.reason)");
    ask("Mine", "");
    end_call(0, "server down");
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: server down\r\n\r\n");
    end();
}

static void test_a_request_that_cannot_be_sent(void **state)
{
    static const char *const bad[] = {"amp.call{}", "amp.call('Ping')", "amp.call{ Action = 'a\\r\\nb' }",
                                      "amp.call{ Action = 'Ping', timeout = 'soon' }", "amp.sleep('x')"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin(bad[i]);
        ask("Mine", "");
        if (strstr(host.out, "Message: Proxy action failed\r\n") == NULL)
            fail_msg("%s: %s", bad[i], host.out);
        assert_int_equal(host.call_count, 0);
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_has_its_parts),
        cmocka_unit_test(test_an_error_is_no_success),
        cmocka_unit_test(test_nothing_at_all_has_a_reason),
        cmocka_unit_test(test_a_request_that_cannot_be_sent),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
