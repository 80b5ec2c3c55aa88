// tests/unit/script/test_event_names.c: names of events, however a server spells them.
#include "unit/script/names_test.h"

static enum script_verdict judge_only(struct one *one, const char *text)
{
    enum script_verdict verdict = one_judge(one, text, NULL);

    return verdict == SCRIPT_CHANGE ? SCRIPT_PASS : verdict;
}

/** Filters get the name so in `message`, `events` and `where`. */
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
                                          "return { where = { Event = amp.names{ 'VarSet' } }, otherwise = true }",
                                          NULL};
    static const char *const names[] = {"VarSet", "varset", "VARSET", "vArSeT", NULL};

    (void)state;
    refuse_every_spelling(filters, names, "Event: %s\r\nVariable: a\r\n\r\n",
                          "Event: Newchannel\r\nVariable: a\r\n\r\n", judge_only);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f45_events_in_every_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
