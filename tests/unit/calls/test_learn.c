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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_c57_without_linkedid_the_dial_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
