// tests/unit/script/test_canonical.c: names of actions, however a client spells them.
#include "unit/script/names_test.h"

struct judged {
    enum script_verdict verdict;
    struct message *action;
};

static void on_judged(void *context, struct handle session, enum script_verdict verdict, struct message *action,
                      const char *reason)
{
    struct judged *judged = context;
    (void)session;
    (void)reason;
    judged->verdict = verdict;
    judged->action = message_ref(action);
}

/** Runs the filter on an action of this text. The caller owns the action that passes, if it asks for it. */
static enum script_verdict judge_action(struct one *one, const char *text, struct message **goes_on)
{
    struct message *message = message_of(text);
    struct judged judged = {.verdict = SCRIPT_FAIL};
    script_filter_action(one->filter, message, (struct handle){0}, on_judged, &judged);
    message_unref(message);
    if (goes_on != NULL)
        *goes_on = judged.action;
    else
        message_unref(judged.action);
    return judged.verdict;
}

static enum script_verdict judge_only(struct one *one, const char *text)
{
    enum script_verdict verdict = judge_action(one, text, NULL);

    return verdict == SCRIPT_CHANGE ? SCRIPT_PASS : verdict;
}

/** Each way to ask refuses each spelling, and nothing else. */
static void test_f45_filters_refuse_every_spelling(void **state)
{
    static const char *const filters[] = {
        "return { action = function(a) return a.Action ~= 'Originate' end }",
        "return { action = function(a) return not ('Originate' == a.action) end }",
        "return { action = function(a) return a:get('ACTION') ~= 'Originate' end }",
        "return { action = function(a) return a:all('Action')[#a:all('Action')] ~= 'Originate' end }",
        "return { action = function(a) return not a:is('Action', 'originate') end }",
        "return { action = function(a) return not a:starts('Action', 'ORIG') end }",
        "return { action = function(a) return not a:ends('Action', 'nate') end }",
        "return { action = function(a) return not a:contains('Action', 'IGIN') end }",
        "return { action = function(a) return a:copy().Action ~= 'Originate' end }",
        "return { action = function(a) return not amp.set{ 'Originate' }[a.Action] end }",
        "return { action = function(a) return not amp.names{ 'oRIGINATE' }[a.Action] end }",
        "return { action = function(a) for n, v in pairs(a) do if n:lower() == 'action' and v == 'Originate' then "
        "return false end end end }",
        "return { action = function(a) a.Note = 'x' return a.Action ~= 'Originate' end }",
        "return { action = function(a) a.Action = a.Action return a.Action ~= 'Originate' end }",
        "return { action = function(a) return ({ Originate = 1 })[a.Action] == nil end }",
        NULL};
    static const char *const spellings[] = {"Originate",  "originate",    "ORIGINATE",    "oRiGiNaTe",
                                            " Originate", "\tORIGINATE ", "Originate \t", NULL};

    (void)state;
    refuse_every_spelling(filters, spellings, "Action: %s\r\nActionID: 1\r\n\r\n", "Action: Ping\r\n\r\n", judge_only);
}

/** Asterisk uses the first header that is not empty. */
static void test_f45_of_several_actions_the_one_that_counts(void **state)
{
    struct one one;
    struct error err;
    (void)state;
    one_begin(&one);
    assert_true(one_load(&one, "return { action = function(a) return a.Action ~= 'Originate' end }", &err));
    assert_int_equal(judge_action(&one, "Action: \r\nAction: originate\r\n\r\n", NULL), SCRIPT_DROP);
    assert_int_equal(judge_action(&one, "Foo: Ping\r\nACTION:   \r\naction: ORIGINATE\r\nAction: Ping\r\n\r\n", NULL),
                     SCRIPT_DROP);
    assert_int_equal(judge_action(&one, "Action: Ping\r\nAction: Originate\r\n\r\n", NULL), SCRIPT_PASS);
    one_end(&one);
}

/** The server gets the client's text. An unknown name is unchanged. */
static void test_f45_what_is_sent_stays(void **state)
{
    struct one one;
    struct error err;
    struct message *goes_on;
    struct span value;
    (void)state;
    one_begin(&one);
    assert_true(one_load(&one,
                         "return { action = function(a) if a.Action == 'Originate' then a.Note = 'seen' end\n"
                         "if a.Action == 'MyOwnAction' then return false end end }",
                         &err));
    assert_int_equal(judge_action(&one, "Action: oriGinate\r\nChannel: x\r\n\r\n", &goes_on), SCRIPT_CHANGE);
    assert_true(message_find(goes_on, "Action", &value) && span_equals(value, span_of("oriGinate")));
    assert_true(message_find(goes_on, "Note", &value));
    message_unref(goes_on);
    assert_int_equal(judge_action(&one, "Action: MyOwnAction\r\n\r\n", NULL), SCRIPT_DROP);
    assert_int_equal(judge_action(&one, "Action: myownaction\r\n\r\n", NULL), SCRIPT_PASS);
    one_end(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f45_filters_refuse_every_spelling),
        cmocka_unit_test(test_f45_of_several_actions_the_one_that_counts),
        cmocka_unit_test(test_f45_what_is_sent_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
