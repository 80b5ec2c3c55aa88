// tests/unit/calls/test_bridges.c: who sees a channel that is in a bridge with their own.
#include "unit/calls/calls_test.h"

static void test_bridged_later(void **state)
{
    play(*state,
         "BridgeCreate BridgeUniqueid=B1 BridgeType=basic|\n"
         "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
         "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
         "BridgeEnter BridgeUniqueid=B1 BridgeType=basic BridgeNumChannels=1 Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
         "BridgeEnter BridgeUniqueid=B1 BridgeType=basic BridgeNumChannels=2 Channel=SIP/1-0 Uniqueid=10 Linkedid=10|"
         "ad[a:Newc 50][d:Newc 50][a:Brid B1][d:Brid B1]\n"
         "BridgeLeave BridgeUniqueid=B1 BridgeType=basic Channel=SIP/5-0 Uniqueid=50 Linkedid=10|ad\n"
         "BridgeDestroy BridgeUniqueid=B1 BridgeType=basic|ad\n"
         "Hangup Channel=SIP/5-0 Uniqueid=50 Linkedid=10|ad\n");
}

static void test_a_conference_is_no_call(void **state)
{
    play(*state,
         "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
         "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
         "BridgeEnter BridgeUniqueid=C BridgeType=base BridgeNumChannels=1 Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
         "BridgeEnter BridgeUniqueid=C BridgeType=base BridgeNumChannels=2 Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
         "ConfbridgeTalking Conference=7 BridgeUniqueid=C Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
         "ConfbridgeEnd Conference=7 BridgeUniqueid=C|abd\n");
}

static void test_a_leg_that_joins_after_ones_own_left_is_not_ones_own(void **state)
{
    play(*state,
         "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
         "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=50|ad[a:Newc 50][d:Newc 50]\n"
         "Hangup Channel=SIP/1-0 Uniqueid=10 Linkedid=50|ad\n"
         "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=50|b[b:Newc 50]\n"
         "DialBegin Channel=SIP/5-0 Uniqueid=50 Linkedid=50 DestChannel=SIP/2-0 DestUniqueid=20 DestLinkedid=50|b\n"
         "Hangup Channel=SIP/2-0 Uniqueid=20 Linkedid=50|b\n"
         "Hangup Channel=SIP/5-0 Uniqueid=50 Linkedid=50|abd\n");
}

/** Other users come and go between the last BridgeLeave and the BridgeDestroy. */
static void test_a_bridge_stays_seen_with_other_rules(void **state)
{
    static const struct call_rule more[] = {{"new", "SIP/3", NULL, false, NULL}, TEST_RULES};
    struct scene *scene = *state;

    play(scene, "BridgeCreate BridgeUniqueid=B1 BridgeType=basic|\n"
                "BridgeEnter BridgeUniqueid=B1 BridgeType=basic Channel=SIP/2-0 Uniqueid=20|b[b:Brid B1]\n"
                "BridgeLeave BridgeUniqueid=B1 BridgeType=basic Channel=SIP/2-0 Uniqueid=20|b\n");
    calls_set_rules(scene->calls, more, RULES + 1);
    calls_set_rules(scene->calls, rules, RULES);
    play(scene, "BridgeDestroy BridgeUniqueid=B1 BridgeType=basic|b\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bridged_later),
        TEST(test_a_conference_is_no_call),
        TEST(test_a_leg_that_joins_after_ones_own_left_is_not_ones_own),
        TEST(test_a_bridge_stays_seen_with_other_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
