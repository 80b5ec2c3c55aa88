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

/** Before 12 a masquerade leaves the Uniqueid with the channel that gets the other's name and device. */
static void test_who_transfers_a_call_does_not_own_it_further(void **state)
{
    play(*state, "Newchannel Channel=SIP/5-0 Uniqueid=50|\n"
                 "Newchannel Channel=SIP/1-0 Uniqueid=10|ad\n"
                 "Dial Channel=SIP/5-0 Destination=SIP/1-0 UniqueID=50 DestUniqueID=10|ad[a:Newc 50][d:Newc 50]\n"
                 "Newchannel Channel=SIP/1-1 Uniqueid=11|ad\n"
                 "Newchannel Channel=SIP/2-0 Uniqueid=20|b\n"
                 "Dial Channel=SIP/1-1 Destination=SIP/2-0 UniqueID=11 DestUniqueID=20|"
                 "abd[b:Newc 11][a:Newc 20][d:Newc 20]\n"
                 "Masquerade Clone=SIP/5-0 Original=SIP/1-1|abd[b:Newc 50][b:Newc 10]\n"
                 "Rename Channel=SIP/5-0 Newname=SIP/5-0<MASQ> Uniqueid=50|abd\n"
                 "Rename Channel=SIP/1-1 Newname=SIP/5-0 Uniqueid=11|abd\n"
                 "Rename Channel=SIP/5-0<MASQ> Newname=SIP/1-1<ZOMBIE> Uniqueid=50|abd\n"
                 "CEL Channel=SIP/1-1 UniqueID=11|abd\n"
                 "Hangup Channel=SIP/1-1<ZOMBIE> Uniqueid=50|abd\n"
                 "Hangup Channel=SIP/1-0 Uniqueid=10|abd\n"
                 "Cdr Channel=SIP/1-1 UniqueID=11 DestinationChannel=SIP/2-0|abd\n"
                 "Newchannel Channel=SIP/6-0 Uniqueid=60|\n"
                 "Dial Channel=SIP/2-0 Destination=SIP/6-0 UniqueID=20 DestUniqueID=60|b[b:Newc 60]\n"
                 "Bridge Channel1=SIP/5-0 Channel2=SIP/2-0 Uniqueid1=11 Uniqueid2=20|abd\n");
}

/** A redirected channel goes on under the Uniqueid of one that was made for it. */
static void test_a_redirected_channel_is_own_again(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10|ad\n"
                 "Newchannel Channel=AsyncGoto/SIP/1-0 Uniqueid=30|\n"
                 "Masquerade Clone=SIP/1-0 Original=AsyncGoto/SIP/1-0|ad[a:Newc 30][d:Newc 30]\n"
                 "Rename Channel=SIP/1-0 Newname=SIP/1-0<MASQ> Uniqueid=10|ad\n"
                 "Rename Channel=AsyncGoto/SIP/1-0 Newname=SIP/1-0 Uniqueid=30|ad\n"
                 "Rename Channel=SIP/1-0<MASQ> Newname=AsyncGoto/SIP/1-0<ZOMBIE> Uniqueid=10|ad\n"
                 "Hangup Channel=AsyncGoto/SIP/1-0<ZOMBIE> Uniqueid=10|ad\n"
                 "Newchannel Channel=SIP/6-0 Uniqueid=60|\n"
                 "Dial Channel=SIP/1-0 Destination=SIP/6-0 UniqueID=30 DestUniqueID=60|ad[a:Newc 60][d:Newc 60]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_c57_without_linkedid_the_dial_tells),
        TEST(test_old_queues_name_two_channels_in_one),
        TEST(test_new_queues_name_each),
        TEST(test_who_transfers_a_call_does_not_own_it_further),
        TEST(test_a_redirected_channel_is_own_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
