// tests/unit/script/test_filter_action.c: verdicts of filters on a client's actions.
#include "unit/script/filter_test.h"

/** The result of script_filter_action(). */
struct judged {
    int count;
    enum script_verdict verdict;
    char reason[128], wire[256];
};

static void on_judged(void *context, struct handle session, enum script_verdict verdict, struct message *action,
                      const char *reason)
{
    (void)session;
    struct judged *judged = context;
    struct span wire = message_wire(action);
    judged->count++;
    judged->verdict = verdict;
    (void)snprintf(judged->reason, sizeof judged->reason, "%s", reason == NULL ? "" : reason);
    (void)snprintf(judged->wire, sizeof judged->wire, "%.*s", (int)wire.length, wire.bytes);
}

static struct judged judge_action(const char *script)
{
    struct one one;
    struct error err;
    struct judged judged = {.count = 0};
    struct message *action = message_of("Action: Originate\r\nActionID: 7\r\nContext: x\r\n\r\n");
    one_begin(&one);
    if (!one_load(&one, script, &err))
        fail_msg("%s", err.text);
    script_filter_action(one.filter, action, (struct handle){0}, on_judged, &judged);
    message_unref(action);
    one_end(&one);
    assert_int_equal(judged.count, 1);
    return judged;
}

static void test_actions(void **state)
{
    (void)state;
    assert_int_equal(judge_action("return {}").verdict, SCRIPT_PASS);
    assert_int_equal(judge_action("return { action = function(a, s) return true end }").verdict, SCRIPT_PASS);
    struct judged judged =
        judge_action("return { action = function(a, s) return false, 'Context is not\\nyours' end }");
    assert_int_equal(judged.verdict, SCRIPT_DROP);
    assert_string_equal(judged.reason, "Context is not yours");
    judged = judge_action("return { action = function(a, s) return false end }");
    assert_string_equal(judged.reason, "Action Filtered");
    judged = judge_action("return { action = function(a, s) a.Context = 'y' end }");
    assert_int_equal(judged.verdict, SCRIPT_CHANGE);
    assert_string_equal(judged.wire, "Action: Originate\r\nActionID: 7\r\nContext: y\r\n\r\n");
    judged = judge_action("return { action = function(a, s) error('secret detail') end }");
    assert_int_equal(judged.verdict, SCRIPT_FAIL);
    assert_null(strstr(judged.reason, "secret"));
    assert_int_equal(judge_action("return { action = function(a, s) return 5 end }").verdict, SCRIPT_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_actions),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
