// tests/unit/script/test_names.c: names are compared without regard to case, however a filter does it.
#include "unit/script/script_test.h"

#include "ami/vocabulary.h"

#include <ctype.h>
#include <strings.h>

static const char *const spellings[] = {"Originate",  "originate",    "ORIGINATE",   "oRiGiNaTe",
                                        " Originate", "\tORIGINATE ", "Originate \t"};

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

/** What the filter says of an action of this text; the action that goes on is the caller's if it is wanted. */
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
        "return { action = function(a) return ({ Originate = 1 })[a.Action] == nil end }"};
    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct one one;
        struct error err;
        one_begin(&one);
        if (!one_load(&one, filters[i], &err))
            fail_msg("%s", err.text);
        for (size_t k = 0; k < sizeof spellings / sizeof *spellings; k++) {
            char text[128];
            (void)snprintf(text, sizeof text, "Action: %s\r\nActionID: 1\r\n\r\n", spellings[k]);
            if (judge_action(&one, text, NULL) != SCRIPT_DROP)
                fail_msg("%s lets '%s' pass", filters[i], spellings[k]);
        }
        assert_int_not_equal(judge_action(&one, "Action: Ping\r\n\r\n", NULL), SCRIPT_DROP);
        one_end(&one);
    }
}

/** Asterisk takes the first that is not empty. */
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

/** The client's text goes on, and a name that nobody knows is given as it was sent. */
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

/** The same of events: in `message`, `events` and `where`. */
static void test_f45_events_in_every_spelling(void **state)
{
    static const char *const filters[] = {"return { message = function(m) return m.Event ~= 'VarSet' end }",
                                          "return { message = function(m) m.X = '1' return m.Event ~= 'VarSet' end }",
                                          "return { message = function(m) return m:copy().Event ~= 'VarSet' end }",
                                          "return { message = function(m) return not m:is('Event', 'varset') end }",
                                          "return { events = { 'varSET' }, otherwise = true }",
                                          "return { events = { 'VARS*' }, otherwise = true }",
                                          "return { where = { Event = 'VarSet' }, otherwise = true }",
                                          "return { where = { event = 'VARS*' }, otherwise = true }",
                                          "return { where = { Event = { 'Hangup', 'VarSet' } }, otherwise = true }",
                                          "return { where = { Event = amp.set{ 'VarSet' } }, otherwise = true }",
                                          "return { where = { Event = amp.names{ 'VarSet' } }, otherwise = true }"};
    static const char *const names[] = {"VarSet", "varset", "VARSET", "vArSeT"};
    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct one one;
        struct error err;
        one_begin(&one);
        if (!one_load(&one, filters[i], &err))
            fail_msg("%s", err.text);
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            char text[128];
            (void)snprintf(text, sizeof text, "Event: %s\r\nVariable: a\r\n\r\n", names[k]);
            if (one_judge(&one, text, NULL) != SCRIPT_DROP)
                fail_msg("%s lets %s pass", filters[i], names[k]);
        }
        assert_int_not_equal(one_judge(&one, "Event: VarSets\r\nVariable: a\r\n\r\n", NULL), SCRIPT_FAIL);
        one_end(&one);
    }
}

/** A text that compares with another spelling would never be true: it is not loaded, with its line. */
static void test_f45_other_spellings_are_not_loaded(void **state)
{
    struct one one;
    struct error err;
    (void)state;
    load_bad("return { action = function(a)\n return a.Action ~= 'originate' end }", ":2: \"originate\"");
    load_bad("return { action = function(a) return not (\"ORIGINATE\" == a.Action) end }", "expected \"Originate\"");
    load_bad("return { message = function(m)\n--[[ x\n]]\n return m.Event --[=[ ] ]=]\n == [==[x]==] or m.Event == "
             "'newchannel' "
             "end }",
             ":5: \"newchannel\"");
    one_begin(&one);
    if (!one_load(
            &one,
            "-- a.Action == 'originate'\nlocal text = [[ a.Action == 'originate' ]]\n"
            "return { action = function(a) return a.Action:lower() ~= 'originate' and a.Number == 'originate' and\n"
            "'originate' ~= a.Action:lower() and a.Action ~= 'myown' end }",
            &err))
        fail_msg("%s", err.text);
    one_end(&one);
}

static void test_vocabulary(void **state)
{
    (void)state;
    assert_true(vocabulary_count() > 250);
    for (size_t i = 0; i < vocabulary_count(); i++) {
        const char *name = vocabulary_at(i);
        char upper[80];
        if (i > 0 && strcasecmp(vocabulary_at(i - 1), name) >= 0)
            fail_msg("%s is out of order", name);
        for (size_t k = 0; k <= strlen(name); k++)
            upper[k] = (char)toupper((unsigned char)name[k]);
        assert_string_equal(vocabulary_event(span_of(name)), name);
        assert_string_equal(vocabulary_event(span_of(upper)), name);
    }
    assert_null(vocabulary_event(span_of("")));
    assert_null(vocabulary_event(span_of("Hangu")));
    assert_null(vocabulary_event(span_of("Hangups")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f45_filters_refuse_every_spelling),
        cmocka_unit_test(test_f45_of_several_actions_the_one_that_counts),
        cmocka_unit_test(test_f45_what_is_sent_stays),
        cmocka_unit_test(test_f45_events_in_every_spelling),
        cmocka_unit_test(test_f45_other_spellings_are_not_loaded),
        cmocka_unit_test(test_vocabulary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
