// tests/unit/script/test_amp.c: amp.log, amp.count and the small functions of `amp`.
#include "unit/script/action_test.h"

static void test_count_and_log(void **state)
{
    (void)state;
    begin("for i = 1, 300 do amp.log.debug('x' .. i) amp.count('mine.calls') end\n"
          "assert(amp.time() > 0 and amp.worker == 0) reply:ok()");
    expect("Mine", "", "Response: Success\r\nActionID: 9\r\n\r\n");
    ask("Stats", "");
    assert_non_null(strstr(host.out, "mine.calls: 300\r\n"));
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count_and_log),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
