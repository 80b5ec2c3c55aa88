// tests/unit/calls/test_tenants.c: who sees the channels of which tenant. The users: A and B have a tenant alone, p a
// phone in tenant A, c a context in tenant A, f a phone and no tenant.
#define TEST_RULES                                                                                           \
    {"A", NULL, NULL, false, "acme"}, {"B", NULL, NULL, false, "bolt"}, {"p", "SIP/1", NULL, false, "acme"}, \
        {"c", NULL, "sales", false, "acme"}, {"f", "SIP/7", NULL, false, NULL},
#include "unit/calls/calls_test.h"

static void test_each_tenant_sees_their_own(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Tenantid=acme|Ap\n"
                 "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20 Tenantid=acme|A\n"
                 "Newchannel Channel=SIP/3-0 Uniqueid=30 Linkedid=30 Tenantid=bolt|B\n"
                 "Newchannel Channel=SIP/4-0 Uniqueid=40 Linkedid=40 Tenantid=acme Context=sales|Ac\n"
                 "Newchannel Channel=SIP/5-0 Uniqueid=50 Linkedid=50|\n"
                 "Newchannel Channel=SIP/7-0 Uniqueid=70 Linkedid=70 Tenantid=other|f\n"
                 "Newexten Channel=SIP/2-0 Uniqueid=20|A\n"
                 "CEL EventName=X Channel=SIP/3-0 UniqueID=30 LinkedID=30 TenantID=bolt Peer=|B\n"
                 "Hangup Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Tenantid=acme|Ap\n"
                 "Cdr Channel=SIP/1-0 UniqueID=10 DestinationChannel=|Ap\n"
                 "Cdr Channel=SIP/1-0 UniqueID=10 DestinationChannel=SIP/2-0|A\n"
                 "Cdr Channel=SIP/3-0 UniqueID=30 DestinationChannel=SIP/2-0|\n");
}

static void test_an_id_is_compared_byte_by_byte(void **state)
{
    play(*state, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Tenantid=Acme|\n"
                 "Newchannel Channel=SIP/1-1 Uniqueid=11 Linkedid=11 Tenantid=acme2|\n"
                 "Newchannel Channel=SIP/1-2 Uniqueid=12 Linkedid=12 Tenantid=acm|\n"
                 "Newchannel Channel=SIP/1-3 Uniqueid=13 Linkedid=13 Tenantid=none|\n"
                 "Newchannel Channel=SIP/1-4 Uniqueid=14 Linkedid=14 TENANTID=acme|Ap\n"
                 "Newchannel Channel=SIP/1-5 Uniqueid=15 Linkedid=13 Tenantid=acme|Ap\n"
                 "Newexten Channel=SIP/1-3 Uniqueid=13|\n");
}

/** `none` is no missing value: a call with it is of two tenants. */
static void test_a_tenant_that_is_set_later(void **state)
{
    play(*state, "Newchannel Channel=SIP/9-0 Uniqueid=90 Linkedid=90|\n"
                 "Newexten Channel=SIP/9-0 Uniqueid=90 Linkedid=90|\n"
                 "VarSet Channel=SIP/9-0 Uniqueid=90 Linkedid=90 Tenantid=acme|A[A:Newc 90]\n"
                 "Newexten Channel=SIP/9-0 Uniqueid=90 Linkedid=90|A\n"
                 "Newstate Channel=SIP/9-0 Uniqueid=90 Linkedid=90 Tenantid=bolt|B[B:Newc 90]\n"
                 "Newexten Channel=SIP/9-0 Uniqueid=90 Linkedid=90|B\n"
                 "CEL Channel=SIP/9-0 UniqueID=90 LinkedID=90 TenantID=acme|\n" // told late
                 "Hangup Channel=SIP/9-0 Uniqueid=90 Linkedid=90 Tenantid=bolt|B\n"
                 "Newstate Channel=SIP/9-0 Uniqueid=90 Tenantid=acme|\n"
                 "Cdr Channel=SIP/9-0 UniqueID=90 DestinationChannel=|B\n");
}

static void test_a_first_message_with_another_tenant_is_not_revealed(void **state)
{
    play(*state, "Newchannel Channel=SIP/9-0 Uniqueid=90 Linkedid=90 Tenantid=acme|A\n"
                 "Newexten Channel=SIP/9-0 Uniqueid=90 Linkedid=90 Tenantid=bolt|B\n"
                 "Newstate Channel=SIP/9-0 Uniqueid=90 Linkedid=90 Tenantid=bolt|B\n"
                 "Newchannel Channel=SIP/9-1 Uniqueid=91 Linkedid=91 Tenantid= Tenantid=bolt|B\n"
                 "Newexten Channel=SIP/9-1 Uniqueid=91 Linkedid=91 Tenantid=acme|A\n"
                 "Newchannel Channel=SIP/9-2 Uniqueid=92 Linkedid=92 Tenantid=bolt Tenantid=acme|\n"
                 "Newexten Channel=SIP/9-2 Uniqueid=92 Linkedid=92 Tenantid=acme|A\n");
}

/** A leg on a shared trunk has no tenant: it is its caller's. */
static void test_a_channel_without_a_tenant_follows_its_call(void **state)
{
    play(*state,
         "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Tenantid=acme|Ap\n"
         "Newchannel Channel=SIP/9-0 Uniqueid=90 Linkedid=10|Ap\n"
         "DialBegin Channel=SIP/1-0 Uniqueid=10 Tenantid=acme DestChannel=SIP/9-0 DestUniqueid=90 DestLinkedid=10|Ap\n"
         "Hangup Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Tenantid=acme|Ap\n"
         "Newchannel Channel=SIP/8-0 Uniqueid=80 Linkedid=10|\n" // nobody's: the last one has left
         "Hangup Channel=SIP/9-0 Uniqueid=90 Linkedid=10|Ap\n");
}

static void test_a_caller_goes_from_one_tenant_to_the_other(void **state)
{
    play(*state,
         "Newchannel Channel=SIP/9-0 Uniqueid=90 Linkedid=90|\n"
         "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=90 Tenantid=acme|A[A:Newc 90]\n"
         "VarSet Channel=SIP/9-0 Uniqueid=90 Linkedid=90|A\n"
         "Newchannel Channel=SIP/3-0 Uniqueid=30 Linkedid=90 Tenantid=bolt|B\n" // both ring
         "DialBegin Channel=SIP/9-0 Uniqueid=90 DestChannel=SIP/3-0 DestUniqueid=30 DestTenantid=bolt|\n"
         "VarSet Channel=SIP/9-0 Uniqueid=90 Linkedid=90 Value=SIP/3-0|\n"
         "Hangup Channel=SIP/2-0 Uniqueid=20 Linkedid=90 Tenantid=acme|A[B:Newc 90]\n"
         "VarSet Channel=SIP/9-0 Uniqueid=90 Linkedid=90 Value=SIP/3-0|B\n"
         "Hangup Channel=SIP/3-0 Uniqueid=30 Linkedid=90 Tenantid=bolt|B\n"
         "Hangup Channel=SIP/9-0 Uniqueid=90 Linkedid=90|B\n"
         "Cdr Channel=SIP/9-0 UniqueID=90 DestinationChannel=SIP/2-0|\n"
         "Cdr Channel=SIP/9-0 UniqueID=90 DestinationChannel=SIP/3-0|B\n");
}

static void test_tenants_who_talk_to_each_other(void **state)
{
    play(*state,
         "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20 Tenantid=acme|A\n"
         "Newchannel Channel=SIP/3-0 Uniqueid=30 Linkedid=20 Tenantid=bolt|B\n"
         "DialBegin Channel=SIP/2-0 Uniqueid=20 Tenantid=acme DestChannel=SIP/3-0 DestUniqueid=30 DestTenantid=bolt|\n"
         "BridgeCreate BridgeUniqueid=B1 BridgeType=basic|\n"
         "BridgeEnter BridgeUniqueid=B1 BridgeType=basic Channel=SIP/2-0 Uniqueid=20 Tenantid=acme|A[A:Brid B1]\n"
         "BridgeEnter BridgeUniqueid=B1 BridgeType=basic Channel=SIP/3-0 Uniqueid=30 Tenantid=bolt|B[B:Brid B1]\n"
         "Newchannel Channel=SIP/9-0 Uniqueid=90 Linkedid=20|\n" // of both: nobody's
         "BridgeDestroy BridgeUniqueid=B1 BridgeType=basic|AB\n"
         "Cdr Channel=SIP/2-0 UniqueID=20 DestinationChannel=SIP/3-0|\n");
}

/** Bridging gives the Linkedid of the older channel, and its tenant, to the other one. */
static void test_a_header_that_bridging_takes_away(void **state)
{
    play(*state, "Newchannel Channel=SIP/9-0 Uniqueid=90 Linkedid=90|\n"
                 "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20 Tenantid=acme|A\n"
                 "BridgeEnter BridgeUniqueid=B1 BridgeType=basic Channel=SIP/9-0 Uniqueid=90 Linkedid=90|\n"
                 "BridgeEnter BridgeUniqueid=B1 BridgeType=basic Channel=SIP/2-0 Uniqueid=20 Linkedid=90|A[A:Newc 90]\n"
                 "Newexten Channel=SIP/2-0 Uniqueid=20 Linkedid=90|A\n"
                 "Newchannel Channel=SIP/3-0 Uniqueid=30 Linkedid=90 Tenantid=bolt|B\n"
                 "Newexten Channel=SIP/2-0 Uniqueid=20 Linkedid=90|A\n"
                 "Newexten Channel=SIP/9-0 Uniqueid=90 Linkedid=90|\n");
}

static void test_messages_without_a_channel(void **state)
{
    play(*state, "PJSIPMaintenanceStatus Endpoint=SIP/1 Status=enabled|p\n"
                 "PJSIPMaintenanceStatus Endpoint=1 Status=enabled|\n" // of PJSIP
                 "PeerEntry Channeltype=SIP ObjectName=1 Tenantid=acme|Ap\n"
                 "EndpointDetail ObjectType=endpoint ObjectName=3 Tenantid=bolt|B\n"
                 "UserEvent UserEvent=x Tenantid=acme|A\n"
                 "UserEvent UserEvent=x Tenantid=acme SourceTenantid=bolt|\n"
                 "UserEvent UserEvent=x Tenantid=acme tenantid=bolt|\n"
                 "Registry Domain=x|\n"
                 "?QueueParams Queue=q|ABpcf\n"
                 "?QueueParams Queue=q Tenantid=acme|Apcf\n");
}

/** A UserEvent changes no channel: dialplans and clients write them. */
static void test_a_user_event_moves_no_channel(void **state)
{
    play(*state, "Newchannel Channel=SIP/3-0 Uniqueid=30 Linkedid=30 Tenantid=bolt|B\n"
                 "UserEvent UserEvent=x Channel=SIP/3-0 Uniqueid=30 Linkedid=30 Tenantid=acme|\n"
                 "UserEvent UserEvent=x Channel=SIP/3-0 Uniqueid=30 Linkedid=30|B\n"
                 "UserEvent UserEvent=x Channel=SIP/8-0 Uniqueid=80 Linkedid=30 Tenantid=acme|A\n"
                 "Newexten Channel=SIP/3-0 Uniqueid=30|B\n");
}

static void test_a_uniqueid_that_is_used_again(void **state)
{
    play(*state, "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20 Tenantid=acme|A\n"
                 "Hangup Channel=SIP/2-0 Uniqueid=20 Linkedid=20 Tenantid=acme|A\n"
                 "Newchannel Channel=SIP/3-0 Uniqueid=20 Linkedid=20 Tenantid=bolt|B\n"
                 "Newexten Channel=SIP/3-0 Uniqueid=20|B\n"
                 "Cdr Channel=SIP/3-0 UniqueID=20 DestinationChannel=|B\n"
                 "Newchannel Channel=SIP/5-0 Uniqueid=20 Linkedid=20|\n" // its Hangup was lost
                 "Newexten Channel=SIP/5-0 Uniqueid=20|\n"
                 "Hangup Channel=SIP/5-0 Uniqueid=20|\n"
                 "Newchannel Channel=SIP/3-0 Uniqueid=20 Linkedid=20|\n"
                 "Newexten Channel=SIP/3-0 Uniqueid=20|\n");
}

static void test_lists_know_tenants(void **state)
{
    struct scene *scene = *state;

    play(scene, "?CoreShowChannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20 Tenantid=acme|A\n"
                "?CoreShowChannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20|\n"
                "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20 Tenantid=acme|A\n"
                "?CoreShowChannel Channel=SIP/5-0 Uniqueid=50 Linkedid=20|A\n"
                "?CoreShowChannel Channel=SIP/3-0 Uniqueid=30 Linkedid=20 Tenantid=bolt|B\n"
                "?QueueEntry Queue=q Channel=SIP/2-0|A\n");
    list(scene, "pbx", "Response: Success\r\nEventList: start", false);
    list(scene, "pbx",
         "Event: Status\r\nPrivilege: Call\r\nChannel: SIP/3-1\r\nUniqueid: 31\r\nLinkedid: 31\r\nTenantid: bolt",
         false);
    assert_int_equal(calls_revealed(scene->calls), 1);
    assert_null(calls_reveal(scene->calls, 0, 0));
    const struct message *made = calls_reveal(scene->calls, 0, 1);
    struct span tenant;
    assert_true(made != NULL && message_find(made, "Tenantid", &tenant) && span_is(tenant, "bolt"));
    list(scene, "pbx", "Event: StatusComplete\r\nEventList: Complete\r\nListItems: 1", true);
    play(scene, "Newexten Channel=SIP/3-1 Uniqueid=31|B\n");
}

static void test_who_may_act(void **state)
{
    static const bool may[] = {true, false, true, false, false};
    struct scene *scene = *state;

    play(scene, "Newchannel Channel=SIP/1-0 Uniqueid=10 Linkedid=10 Tenantid=acme|Ap\n"
                "Newchannel Channel=SIP/1-1 Uniqueid=11 Linkedid=11 Tenantid=bolt|B\n");
    for (size_t rule = 0; rule < RULES; rule++) {
        assert_int_equal(calls_may_touch(scene->calls, rule, span_of("pbx"), span_of("SIP/1-0")), may[rule]);
        assert_int_equal(calls_may_touch(scene->calls, rule, span_of(""), span_of("10")), may[rule]);
        assert_int_equal(calls_sees_channel(scene->calls, rule, span_of("pbx"), span_of("SIP/1-0")), may[rule]);
        assert_int_equal(calls_may_touch(scene->calls, rule, span_of("pbx"), span_of("SIP/1-1")), rule == 1);
    }
    assert_false(
        calls_may_touch(scene->calls, 2, span_of("pbx"), span_of("SIP/1-00000077"))); // whose it is, is not known
    assert_int_equal(snapshot_size(scene, 0), 1);
    assert_int_equal(snapshot_size(scene, 1), 1);
}

/** Rules with a tenant come and go while channels are up. */
static void test_other_rules(void **state)
{
    static const struct call_rule without[] = {{"f", "SIP/7", NULL, false, NULL}};
    struct scene *scene = *state;

    play(scene, "Newchannel Channel=SIP/2-0 Uniqueid=20 Linkedid=20 Tenantid=acme|A\n"
                "Newchannel Channel=SIP/9-0 Uniqueid=90 Linkedid=20|A\n");
    calls_set_rules(scene->calls, without, 1);
    struct message *message = event_of("Newchannel Channel=SIP/3-0 Uniqueid=30 Linkedid=30 Tenantid=bolt", 72);
    calls_observe(scene->calls, message, scene->now_ms);
    message_unref(message);
    calls_set_rules(scene->calls, rules, RULES);
    play(scene, "Newexten Channel=SIP/2-0 Uniqueid=20|A\n"
                "Newexten Channel=SIP/9-0 Uniqueid=90|A\n"
                "Newexten Channel=SIP/3-0 Uniqueid=30|B\n"
                "Newchannel Channel=SIP/3-1 Uniqueid=31 Linkedid=20 Tenantid=bolt|B\n"
                "Newexten Channel=SIP/9-0 Uniqueid=90|\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_tenant_sees_their_own),
        TEST(test_an_id_is_compared_byte_by_byte),
        TEST(test_a_tenant_that_is_set_later),
        TEST(test_a_first_message_with_another_tenant_is_not_revealed),
        TEST(test_a_channel_without_a_tenant_follows_its_call),
        TEST(test_a_caller_goes_from_one_tenant_to_the_other),
        TEST(test_tenants_who_talk_to_each_other),
        TEST(test_a_header_that_bridging_takes_away),
        TEST(test_messages_without_a_channel),
        TEST(test_a_user_event_moves_no_channel),
        TEST(test_a_uniqueid_that_is_used_again),
        TEST(test_lists_know_tenants),
        TEST(test_who_may_act),
        TEST(test_other_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
