// tests/unit/calls/test_calls.c: who sees what: contexts, what an action touches, the channels that are up, other
// rules.
#include "unit/calls/calls_test.h"

static void test_c51_contexts(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Context=from-phone|a\n"
                 "Newexten Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Context=sales|acd\n"
                 "Newexten Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Context=Sales|a\n"
                 "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=10 Context=trunk|a\n"
                 "Cdr Channel=SIP/1-0 UniqueID=10|acd\n");
}

static void test_touching(void **state)
{
    struct scene *scene = *state;

    play(scene, "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50 Server=x|\n"
                "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=50 Server=x|ad[a:Newc 50][d:Newc 50]\n"
                "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20 Server=x|b\n");
    assert_true(calls_may_touch(scene->calls, 0, span_of(""), span_of("sip/1-77")));
    assert_true(calls_may_touch(scene->calls, 0, span_of("x"), span_of("SIP/5-0")));
    assert_true(calls_may_touch(scene->calls, 0, span_of(""), span_of("50")));
    assert_false(calls_may_touch(scene->calls, 0, span_of("y"), span_of("SIP/5-0")));
    assert_false(calls_may_touch(scene->calls, 0, span_of(""), span_of("SIP/2-0")));
    assert_false(calls_may_touch(scene->calls, 0, span_of(""), span_of("20")));
    assert_false(calls_may_touch(scene->calls, 3, span_of(""), span_of("SIP/1-0")));
}

/** Of two calls over one trunk, one has a name with which the other's begins. */
static void test_a_name_may_be_the_beginning_of_another(void **state)
{
    struct scene *scene = *state;
    const struct span server = span_of("pbx"), name = span_of("DAHDI/i1/5551234-1");

    play(scene, "Newchannel Channel=DAHDI/i1/5551234-1 Uniqueid=1 Linkedid=1 Context=sales|c\n");
    assert_true(calls_sees_channel(scene->calls, 3, server, name));
    play(scene, "Newchannel Server=other Channel=DAHDI/i1/5551234-1a Uniqueid=2 Linkedid=2 Context=help|\n"
                "Newchannel Channel=DAHDI/i1/5551234-2 Uniqueid=3 Linkedid=3 Context=help|\n"
                "Newchannel Channel=DAHDI/i1/5551234-1b Uniqueid=4 Linkedid=4 Context=sales|c\n");
    assert_true(calls_sees_channel(scene->calls, 3, server, name));
    play(scene, "Newchannel Channel=dahdi/i1/5551234-1C Uniqueid=5 Linkedid=5 Context=help|\n");
    assert_false(calls_sees_channel(scene->calls, 3, server, name));
    assert_true(calls_may_touch(scene->calls, 3, server, name)); // where Asterisk compares whole names
    play(scene, "Hangup Channel=dahdi/i1/5551234-1C Uniqueid=5|\n");
    assert_true(calls_sees_channel(scene->calls, 3, server, name));
}

static void test_snapshot_and_other_rules(void **state)
{
    struct scene *scene = *state;
    static const struct call_rule others[] = {{"b", "SIP/2", NULL, false, NULL}, {"e", "SIP/5", NULL, false, NULL}};

    play(scene, "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
                "Newstate Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
                "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=50|b[b:Newc 50][b:News 50]\n");
    assert_int_equal(snapshot_size(scene, 1), 3);
    assert_int_equal(snapshot_size(scene, 0), 0);
    assert_int_equal(snapshot_size(scene, CALLS_ANY), 3);
    calls_set_rules(scene->calls, others, 2);
    assert_int_equal(snapshot_size(scene, 0), 3);
    assert_int_equal(snapshot_size(scene, 1), 3);
    calls_set_rules(scene->calls, rules, RULES);
    assert_int_equal(snapshot_size(scene, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_c51_contexts),
        TEST(test_touching),
        TEST(test_a_name_may_be_the_beginning_of_another),
        TEST(test_snapshot_and_other_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
