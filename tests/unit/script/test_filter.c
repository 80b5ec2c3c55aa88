// tests/unit/script/test_filter.c: filters: what they get, what they may return, how they fail.
#include "unit/script/filter_test.h"

static void test_verdicts(void **state)
{
    (void)state;
    assert_int_equal(judge_once("return { message = function(m) return true end }", VARSET), SCRIPT_PASS);
    assert_int_equal(judge_once("return { message = function(m) return false end }", VARSET), SCRIPT_DROP);
    assert_int_equal(judge_once("return { message = function(m) end }", VARSET), SCRIPT_PASS);
    assert_int_equal(judge_once("return { message = function(m) return 1 end }", VARSET), SCRIPT_FAIL);
    assert_int_equal(judge_once("return { message = function(m) error('x') end }", VARSET), SCRIPT_FAIL);
    assert_int_equal(judge_once("return { message = function(m) error({}) end }", VARSET), SCRIPT_FAIL);
    assert_int_equal(judge_once("return { message = function(m) error() end }", VARSET), SCRIPT_FAIL);
    assert_int_equal(judge_once("return { message = function(m) m.Value = 'x' return false end }", VARSET),
                     SCRIPT_DROP);
    assert_int_equal(judge_once("return {}", VARSET), SCRIPT_PASS);
}

static void test_not_asked_for_does_not_enter(void **unused)
{
    struct one one;
    struct error err;
    struct script_report report = {.name = NULL};
    (void)unused;
    one_begin(&one);
    assert_true(one_load(&one, "return { events = {'VarSet'}, message = function(m) error('entered') end }", &err));
    assert_int_equal(one_judge(&one, NEWCHANNEL, NULL), SCRIPT_PASS);
    assert_int_equal(one_judge(&one, VARSET, NULL), SCRIPT_FAIL);
    (void)report;
    one_end(&one);
}

static void test_per_class_is_shared(void **state)
{
    struct scripts scripts;
    struct error err;
    struct script_user dave = {.name = "dave"}, anna = {.name = "anna"};
    struct message *changed, *message = message_of(VARSET), *other = message_of(VARSET);
    (void)state;
    scripts_begin(&scripts);
    scripts_add(&scripts, SCRIPT_IS_FILTER, "f",
                "local opts, user = ... local n = 0\n"
                "return { per = 'class', message = function(m) assert(user == nil) n = n + 1 m.N = n end }");
    struct script_state *lua = scripts_load(&scripts, &err);
    struct script_filter *first = script_filter_create(lua, "f", NULL, &dave, false, &err);
    struct script_filter *second = script_filter_create(lua, "f", NULL, &anna, false, &err);
    assert_ptr_equal(first, second);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(script_filter_message(first, message, SCRIPT_EVENT, &changed), SCRIPT_CHANGE);
        struct span value;
        assert_true(message_find(changed, "N", &value) && span_is(value, "1"));
        message_unref(changed);
    }
    assert_int_equal(script_filter_message(second, other, SCRIPT_EVENT, &changed), SCRIPT_CHANGE);
    struct span value;
    assert_true(message_find(changed, "N", &value) && span_is(value, "2"));
    message_unref(changed);
    message_unref(message);
    message_unref(other);
    script_filter_unref(first);
    script_filter_unref(second);
    script_state_destroy(lua);
    scripts_end(&scripts);
}

static void test_answers(void **state)
{
    struct one one;
    struct error err;
    struct message *changed;
    struct message *response = message_of("Response: Success\r\nActionID: 1\r\nMessage: x\r\n\r\n");
    struct message *end = message_of("Event: ListComplete\r\nEventList: Complete\r\n\r\n");
    struct message *item = message_of("Event: Item\r\nX: y\r\n\r\n");
    (void)state;
    one_begin(&one);
    assert_true(one_load(&one, "return { message = function() return false end }", &err));
    assert_int_equal(script_filter_message(one.filter, response, SCRIPT_ANSWER, &changed), SCRIPT_PASS);
    assert_false(script_filter_has_answers(one.filter));
    one_end(&one);

    one_begin(&one);
    assert_true(
        one_load(&one,
                 "return { answers = true, events = {'Item', 'ListComplete'}, otherwise = true,\n"
                 "message = function(m) if m.kind == 'response' then m.Message = 'z' return end return false end }",
                 &err));
    assert_true(script_filter_has_answers(one.filter));
    assert_int_equal(script_filter_message(one.filter, response, SCRIPT_ANSWER, &changed), SCRIPT_CHANGE);
    message_unref(changed);
    assert_int_equal(script_filter_message(one.filter, item, SCRIPT_ANSWER, &changed), SCRIPT_DROP);
    assert_int_equal(script_filter_message(one.filter, end, SCRIPT_ANSWER, &changed), SCRIPT_PASS);
    one_end(&one);
    message_unref(response);
    message_unref(end);
    message_unref(item);
}

static void test_observe_and_on_error(void **state)
{
    struct scripts scripts;
    struct error err;
    struct message *changed, *message = message_of(VARSET);
    (void)state;
    scripts_begin(&scripts);
    scripts.setup.limits.pass_on_error = true;
    scripts_add(&scripts, SCRIPT_IS_FILTER, "f", "return { message = function(m) m.X = 'y' return false end }");
    scripts_add(&scripts, SCRIPT_IS_FILTER, "g", "return { message = function(m) error('no') end }");
    struct script_state *lua = scripts_load(&scripts, &err);
    struct script_filter *observed = script_filter_create(lua, "f", NULL, NULL, true, &err);
    struct script_filter *failing = script_filter_create(lua, "g", NULL, NULL, false, &err);
    assert_int_equal(script_filter_message(observed, message, SCRIPT_EVENT, &changed), SCRIPT_PASS);
    assert_null(changed);
    assert_int_equal(script_filter_message(failing, message, SCRIPT_EVENT, &changed), SCRIPT_PASS);
    message_unref(message);
    script_filter_unref(observed);
    script_filter_unref(failing);
    script_state_destroy(lua);
    scripts_end(&scripts);
}

static void on_report(void *visitor, const struct script_report *report)
{
    *(struct script_report *)visitor = *report;
}

static void test_quarantine(void **state)
{
    struct one one;
    struct error err;
    struct script_report report = {.name = NULL};
    (void)state;
    one_begin(&one);
    one.scripts.setup.limits.quarantine = 5;
    assert_true(one_load(&one, "return { message = function(m) error('no') end }", &err));
    for (int i = 0; i < 10; i++)
        assert_int_equal(one_judge(&one, VARSET, NULL), SCRIPT_FAIL);
    script_state_report(one.state, on_report, &report);
    assert_true(report.quarantined);
    assert_int_equal(report.failed, 5);
    assert_int_equal(report.seen, 10);
    one_end(&one);
}

/** The gauge follows the quarantine: it ends by a release, or with the filter. */
static void test_a_released_filter_is_not_counted(void **state)
{
    struct metrics *metrics = metrics_create(1);
    struct one one;
    struct error err;
    (void)state;
    one_begin(&one);
    one.scripts.setup.limits.quarantine = 2;
    one.scripts.setup.metrics = metrics;
    assert_true(one_load(&one, "return { message = function(m) error('no') end }", &err));
    struct metrics_script *counted = metrics_script(metrics, 0, METRICS_FILTER, "f");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++)
            assert_int_equal(one_judge(&one, VARSET, NULL), SCRIPT_FAIL);
        assert_int_equal(metric_get(&counted->quarantined), 1);
        assert_int_equal(script_state_release(one.state, span_of("f")), 1);
        assert_int_equal(metric_get(&counted->quarantined), 0);
        assert_int_equal(script_state_release(one.state, span_of("f")), 0);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(one_judge(&one, VARSET, NULL), SCRIPT_FAIL);
    assert_int_equal(metric_get(&counted->quarantined), 1);
    one_end(&one);
    assert_int_equal(metric_get(&counted->quarantined), 0);
    metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_not_asked_for_does_not_enter),
        cmocka_unit_test(test_per_class_is_shared),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_observe_and_on_error),
        cmocka_unit_test(test_quarantine),
        cmocka_unit_test(test_a_released_filter_is_not_counted),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
