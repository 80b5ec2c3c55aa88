// tests/unit/calls/test_identity.c: which channels and devices a message names.
#include "unit/calls/calls_test.h"

static void test_foreign_and_own_in_one_message(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
                 "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
                 "ChanSpyStart SpyerChannel=SIP/2-0 SpyerUniqueid=20 SpyeeChannel=SIP/1-0 SpyeeUniqueid=10|\n"
                 "CEL Channel=SIP/1-0 UniqueID=10 LinkedID=10 Peer=SIP/2-0|\n"
                 "CEL Channel=SIP/1-0 UniqueID=10 LinkedID=10 Peer=SIP/1-0,SIP/1-9|ad\n"
                 "UserEvent UserEvent=x Uniqueid=10 Linkedid=20|ad\n"
                 "UserEventHello Uniqueid=10 Linkedid=20|ad\n"
                 "Newstate Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n");
}

static void test_c53_messages_without_channel(void **state)
{
    play(*state, "Reload Module=x|m\n"
                 "PeerStatus ChannelType=SIP Peer=SIP/1|amd\n"
                 "QueueMemberStatus Queue=q Interface=SIP/2 StateInterface=SIP/2|bm\n"
                 "DeviceStateChange Device=SIP/1 State=INUSE|amd\n"
                 "VarSet Channel=none Uniqueid=none Variable=x|m\n"
                 "ExtensionStatus Exten=1 Context=sales Hint=SIP/1|mc\n"
                 "ExtensionStatus Exten=1 Context=other|m\n"
                 "?QueueParams Queue=q|abmcd\n"
                 "?QueueMember Queue=q Interface=SIP/2|bm\n"
                 "?PeerEntry Channeltype=SIP ObjectName=1|amd\n");
}

/** Agents of app_agent_pool have a block about their channel besides, those of chan_agent have not. */
static void test_c53_agents_and_who_talks_to_them(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10|ad\n"
                 "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
                 "?Agents Agent=1 Status=AGENT_ONCALL LoggedInChan=SIP/1-0 TalkingToChan=SIP/2-0|\n"
                 "?Agents Agent=1 Status=AGENT_ONCALL LoggedInChan=SIP/1-0 TalkingToChan=n/a|ad\n"
                 "?Agents Agent=2 Status=AGENT_ONCALL TalkingToChan=SIP/2-0 Channel=SIP/1-0 Uniqueid=10|\n"
                 "?Agents Agent=3 Status=AGENT_ONCALL talkingtochan=SIP/2-0|b\n"
                 "?Agents Agent=4 Status=AGENT_LOGGEDOFF LoggedInChan=n/a TalkingToChan=n/a|abmcd\n"
                 "?Agents Agent=5 Status=AGENT_IDLE LoggedInChan=3000@agents|\n"
                 "UserEvent UserEvent=x TalkingToChan=SIP/2-0|b\n");
}

/** Old releases write extensions, numbers, files and drivers as if they were channels. */
static void test_what_is_called_a_channel_and_is_none(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10|ad\n"
                 "Agentcallbacklogin Agent=1 Loginchan=SIP/2@agents Uniqueid=10|ad\n"
                 "Agentcallbacklogoff Agent=1 Loginchan=1000@agents Reason=CommandLogoff|m\n"
                 "?Status Channel=SIP/1-0 State=Up|ad\n"
                 "JitterBufStats Owner=SIP/2-0 Ping=1|b\n"
                 "Alarm Alarm=Red Channel=5|m\n"
                 "AlarmClear Channel=5|m\n"
                 "LogChannel Channel=full Enabled=Yes|m\n"
                 "ChannelReload Channel=SIP ReloadReason=RELOAD|m\n"
                 "DNDState Channel=SIP/2 Status=enabled|bm\n"
                 "SIPQualifyPeerDone Peer=2|bm\n");
}

/** The context of a mailbox may be called like one of the dialplan. */
static void test_new_passwords_of_mailboxes_are_not_of_a_context(void **state)
{
    play(*state, "ExtensionStatus Exten=1 Context=sales Hint=SIP/1|mc\n"
                 "VoicemailPasswordChange Context=sales Mailbox=1 NewPassword=1234|m\n");
}

/** PJSIP's lists name the endpoint of a contact, subscription or registration. */
static void test_c53_endpoints_in_lists(void **state)
{
    play(*state, "?InboundSubscriptionDetail Role=Notifier Endpoint=2 Mailboxes=2|m\n"
                 "?OutboundRegistrationDetail ObjectType=registration ObjectName=trunk Endpoint=2|m\n"
                 "?ContactList ObjectType=contact ObjectName=2;@1 Endpoint=2|m\n");
}

/** Whole devices, not beginnings of names: `SIP/1` is neither `SIP/10` nor `SIP/1-office`. */
static void test_f09_devices_whose_names_begin_alike(void **state)
{
    struct scene *scene = *state;
    static const char *const foreign[] = {
        "SIP/10-0000001f", "SIP/1-office-0000001f", "SIP/1@evil.example-0000001f", "SIP/1@evil.example", "SIP/1/x",
        "SIP/1&SIP/2",     "SIP/1-office"};

    play(scene, "Newchannel Channel=sip/1-0000001F Uniqueid=10|ad\n"
                "Newchannel Channel=SIP/10-0000001f Uniqueid=100|\n"
                "Newchannel Channel=SIP/1-office-0000001f Uniqueid=101|\n"
                "Newchannel Channel=SIP/1@evil.example-0000001f Uniqueid=102|\n"
                "Rename Channel=SIP/1-0000001f Newname=SIP/1-0000001f<ZOMBIE> Uniqueid=10|ad\n"
                "QueueMemberStatus Queue=q Interface=SIP/10|m\n"
                "DeviceStateChange Device=SIP/1-office State=INUSE|m\n"
                "?PeerEntry ObjectName=1|amd\n"
                "?PeerEntry ObjectName=10|m\n"
                "?PeerEntry ObjectName=1-office|m\n");
    assert_true(calls_may_touch(scene->calls, 0, span_of(""), span_of("SIP/1-000000ff")));
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        assert_false(calls_may_touch(scene->calls, 0, span_of(""), span_of(foreign[i])));
}

/** Headers with names of their own, in any case: each names the channel or the device of the second user. */
static void test_i15_headers_that_are_exceptions(void **state)
{
    play(*state, "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20|b\n"
                 "Agentlogin loginchan=SIP/2-0|b\n"
                 "UserEvent ChannelCalling=SIP/2-0|b\n"
                 "UserEvent CHANNEL1=SIP/2-0|b\n"
                 "UserEvent channel2=SIP/2-0|b\n"
                 "Dial Source=SIP/2-0|b\n"
                 "Dial destination=SIP/2-0|b\n"
                 "UserEvent DestinationChannel=SIP/2-0|b\n"
                 "UserEvent BridgedChannel=SIP/2-0|b\n"
                 "Status Link=SIP/2-0|b\n"
                 "ParkedCall FROM=SIP/2-0|b\n"
                 "UnParkedCall From=SIP/2-0|b\n"
                 "UserEvent BridgePreviousVideoSource=20|b\n"
                 "QueueMember Location=SIP/2|bm\n"
                 "QueueMember stateinterface=SIP/2|bm\n"
                 "AgentCalled AgentCalled=SIP/2|bm\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_foreign_and_own_in_one_message),       TEST(test_c53_messages_without_channel),
        TEST(test_c53_agents_and_who_talks_to_them),     TEST(test_c53_endpoints_in_lists),
        TEST(test_f09_devices_whose_names_begin_alike),  TEST(test_i15_headers_that_are_exceptions),
        TEST(test_what_is_called_a_channel_and_is_none), TEST(test_new_passwords_of_mailboxes_are_not_of_a_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
