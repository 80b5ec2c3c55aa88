// tests/unit/calls/test_learn.c: what events of old servers say about calls.
#include "unit/calls/calls_test.h"

static void test_c57_without_linkedid_the_dial_tells(void **state)
{
    play(
        *state,
        "Newchannel Channel=SIP/5-0 Uniqueid=50|\n"
        "Newchannel Channel=SIP/1-0 Uniqueid=10|ad\n"
        "Dial SubEvent=Begin Channel=SIP/5-0 Destination=SIP/1-0 UniqueID=50 DestUniqueID=10|ad[a:Newc 50][d:Newc 50]\n"
        "Newchannel Channel=SIP/6-0 Uniqueid=60|\n"
        "Newchannel Channel=SIP/2-0 Uniqueid=20|b\n"
        "Dial Source=SIP/6-0 Destination=SIP/2-0 SrcUniqueID=60 DestUniqueID=20|b[b:Newc 60]\n"
        "Link Channel1=SIP/6-0 Channel2=SIP/2-0 Uniqueid1=60 Uniqueid2=20|b\n"
        "Bridge Bridgestate=Link Channel1=SIP/5-0 Channel2=SIP/1-0 Uniqueid1=50 Uniqueid2=10|ad\n"
        "Hangup Channel=SIP/5-0 Uniqueid=50|ad\n");
}

/** app_queue.c of 1.0 to 11 puts the caller's Uniqueid beside the name of the member's channel. */
static void test_old_queues_name_two_channels_in_one(void **state)
{
    play(*state, "Newchannel Channel=SIP/5-0 Uniqueid=50|\n"
                 "Join Channel=SIP/5-0 Queue=q Uniqueid=50|\n"
                 "Newchannel Channel=SIP/1-0 Uniqueid=10|ad\n"
                 "AgentCalled Queue=q AgentCalled=SIP/1 ChannelCalling=SIP/5-0 DestinationChannel=SIP/1-0 Uniqueid=50|"
                 "ad[a:Newc 50][d:Newc 50]\n"
                 "AgentConnect Queue=q Uniqueid=50 Channel=SIP/1-0 Member=SIP/1 BridgedChannel=10|ad\n"
                 "AgentComplete Queue=q Uniqueid=50 Channel=SIP/1-0 Member=SIP/1|ad\n"
                 "AgentDump Queue=q Uniqueid=50 Channel=SIP/1-0 Member=SIP/1|ad\n"
                 "Hangup Channel=SIP/1-0 Uniqueid=10|ad\n"
                 "Newchannel Channel=SIP/2-0 Uniqueid=20|b\n"
                 "AgentCalled Queue=q AgentCalled=SIP/2 ChannelCalling=SIP/5-0 DestinationChannel=SIP/2-0 Uniqueid=50|"
                 "b[b:Newc 50]\n"
                 "AgentConnect Queue=q Uniqueid=50 Channel=SIP/2-0 Member=SIP/2 BridgedChannel=20|b\n"
                 "?Status Channel=SIP/5-0 State=Up|abd\n");
}

/** In 12 and later the events have a block for each of them. */
static void test_new_queues_name_each(void **state)
{
    play(*state,
         "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
         "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=50|ad[a:Newc 50][d:Newc 50]\n"
         "AgentConnect Queue=q Channel=SIP/5-0 Uniqueid=50 DestChannel=SIP/1-0 DestUniqueid=10 Interface=SIP/1|ad\n"
         "AgentComplete Queue=q Channel=SIP/5-0 Uniqueid=50 Interface=SIP/1|ad\n"
         "?Status Channel=SIP/5-0 State=Up|ad\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_c57_without_linkedid_the_dial_tells),
        TEST(test_old_queues_name_two_channels_in_one),
        TEST(test_new_queues_name_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
