// tests/unit/script/test_lua_reply.c: the answers that a proxy action gives.
#include "unit/script/action_test.h"

static void test_replies(void **state)
{
    (void)state;
    begin("reply:begin{ Message = 'Follow' } reply:item{ Event = 'Thing', B = 2, A = 1, 'C: 3' } "
          "reply:finish{ Event = 'Done', X = 'y' }");
    expect("Mine", "",
           "Response: Success\r\nActionID: 9\r\nEventList: start\r\nMessage: Follow\r\n\r\n"
           "Event: Thing\r\nActionID: 9\r\nC: 3\r\nA: 1\r\nB: 2\r\n\r\n"
           "Event: Done\r\nActionID: 9\r\nX: y\r\nEventList: Complete\r\nListItems: 1\r\n\r\n");
    end();
    begin("");
    expect("Mine", "", "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
    begin("error('a secret')");
    expect("Mine", "", "Response: Error\r\nActionID: 9\r\nMessage: Proxy action failed\r\n\r\n");
    end();
    begin("reply:begin{} reply:item{ Event = 'E' } error({})");
    ask("Mine", "");
    assert_non_null(strstr(host.out, "Event: MineComplete\r\nActionID: 9\r\nEventList: Cancelled\r\nListItems: 1\r\n"));
    assert_int_equal(host.finals, 1);
    end();
    begin("reply:ok() reply:ok()");
    expect("Mine", "", "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
    begin("reply:ok{ ['X'] = 'a\\r\\nEvent: b' }");
    expect("Mine", "", "Response: Error\r\nActionID: 9\r\nMessage: Proxy action failed\r\n\r\n");
    end();
    begin("reply:error('a\\r\\nb')");
    expect("Mine", "", "Response: Error\r\nActionID: 9\r\nMessage: a  b\r\n\r\n");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
