// tests/unit/session/access/test_policy.c: what the entry of a tied user refuses, whatever their rights.
#include "unit/session/access/scene.h"

/** In any action, known or not, with any right. */
static void test_f05_what_is_anothers_is_refused_in_any_action(void **state)
{
    static const char *const others[][2] = {
        {"Channel", OTHER},     {"CHANNEL", "2.2"},          {"ExtraChannel", OTHER}, {"Channel2", OTHER},
        {"Interface", "SIP/2"}, {"StateInterface", "SIP/2"}, {"Context", "theirs"},   {"ExtraContext", "theirs"},
        {"FooChannel", OTHER},  {"ChannelId", "x"},          {"OtherChannelId", "x"}, {"Variable", "A=1,FILE(x)=1"}};
    struct scene *scene = *state;

    scene->user.write_given = true;
    for (size_t i = 0; i <= scope_count(); i++) {
        const char *name = i < scope_count() ? scope_at(i)->action : "VendorAction";
        for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
            const char *pairs[40] = {"Action", name};
            size_t count = i < scope_count() ? complete(scope_at(i), NULL, pairs) : 2;
            pairs[count] = others[k][0];
            pairs[count + 1] = others[k][1];
            pairs[count + 2] = NULL;
            if (may(scene, pairs))
                fail_msg("%s with %s: %s", name, others[k][0], others[k][1]);
        }
    }
}

static void test_f06_judged_on_the_server_to_which_it_is_sent(void **state)
{
    struct scene *scene = *state;
    static char second[] = "pbx2";

    scene->user.channel = NULL; // tied only by what they see
    static char context[] = "sales";
    const struct call_rule rule = {"a", NULL, "sales", false, NULL};
    struct list list = {0};
    struct parser *parser = parser_create("pbx1");
    scene->user.in_context = context;
    calls_set_rules(scene->calls, &rule, 1);
    parse_feed(parser, span_of("Event: Newchannel\r\nChannel: SIP/7-1\r\nUniqueid: 7.1\r\nContext: sales\r\n\r\n"));
    parse_take(parser, &list);
    calls_observe(scene->calls, list.messages[0], 1);
    list_fini(&list);
    parser_destroy(parser);
    learn(scene, "pbx2", "SIP/7-1", "8.1"); // another's, by the same name

    assert_true(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1"));
    assert_true(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1", "Server", "PBX1"));
    assert_true(MAY(scene, "Action", "Hangup", "Channel", "7.1", "Server", "", "server", "pbx1"));
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1", "Server", "pbx2"));
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1", "Server", "", "SERVER", "pbx2"));
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1", "Server", "*"));
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1", "Server", "nowhere"));
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1", "Server", "[]"));
    serve(scene, false, true);
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1"));
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1", "Server", ""));
    serve(scene, false, false); // the hub may know better by then
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1"));
    serve(scene, true, true);
    scene->user.server = second; // wins over the header
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1", "Server", "pbx1"));
}

static void test_f07_lists_of_what_is_nobodys(void **state)
{
    static const char *const names[] = {"ShowDialPlan",      "VoicemailUsersList", "Agents",      "ExtensionStateList",
                                        "MailboxStatus",     "QueueSummary",       "Parkinglots", "ConfbridgeListRooms",
                                        "PresenceStateList", "MailboxCount",       "FAXStats",    "IAXnetstats"};
    struct scene *scene = *state;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_false(MAY(scene, "Action", names[i]));
        scene->user.lists_given = true;
        assert_true(MAY(scene, "Action", names[i]));
        scene->user.lists_given = false;
        scene->user.write_given = true;
        assert_true(MAY(scene, "Action", names[i]));
        scene->user.write_given = false;
    }
    scene->user.lists_given = true;
    assert_false(MAY(scene, "Action", "DBGetTree")); // shows secrets
    assert_false(MAY(scene, "Action", "GetConfig", "Filename", "sip.conf"));
}

/** A tenant acts on what has their tenant now, whatever its name; no action gives a channel another tenant. */
static void test_a_tenant_acts_on_their_own_calls(void **state)
{
    static char tenant[] = "acme";
    static const struct call_rule rule = {"a", NULL, NULL, false, "acme"};
    static const char *const spoofs[][3] = {{"Setvar", "Variable", "CHANNEL(tenantid)"},
                                            {"Setvar", "Variable", "__CHANNEL(tenantid)"},
                                            {"Setvar", "Variable", "CDR(tenantid)"},
                                            {"Originate", "Variable", "CHANNEL(tenantid)=bolt"},
                                            {"Originate", "Variable", "A=1,CHANNEL(tenantid)=x"},
                                            {"Originate", "ChannelId", "2.2"},
                                            {"UserEvent", "Tenantid", "bolt"},
                                            {"UserEvent", "DestTENANTID", "bolt"},
                                            {"UserEvent", "Tenantid", "acme "},
                                            {"UserEvent", "Tenantid", "ACME"},
                                            {"UserEvent", "Channel", OTHER},
                                            {"UserEvent", "Uniqueid", "2.2"}};
    struct scene *scene = *state;

    calls_set_rules(scene->calls, &rule, 1);
    scene->user.channel = NULL;
    scene->user.tenant = tenant;
    learn(scene, "pbx1", "SIP/7-1", "7.1\r\nTenantid: acme");
    assert_true(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1"));
    assert_true(MAY(scene, "Action", "Hangup", "Channel", "7.1"));
    assert_false(MAY(scene, "Action", "Hangup", "Channel", OTHER));
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-9"));
    assert_false(MAY(scene, "Action", "Bridge", "Channel1", "SIP/7-1", "Channel2", OTHER));
    assert_false(MAY(scene, "Action", "Redirect", "Channel", "SIP/7-1", "ExtraChannel", OTHER, "Context", "mine"));
    assert_false(MAY(scene, "Action", "QueueAdd", "Interface", "SIP/7", "Queue", "q"));
    assert_false(MAY(scene, "Action", "Originate", "Channel", "SIP/7", "Context", "mine"));
    assert_true(MAY(scene, "Action", "Originate", "Channel", "Local/5@mine", "Context", "mine"));
    assert_true(MAY(scene, "Action", "UserEvent", "UserEvent", "Hello", "Tenantid", "acme", "Channel", "SIP/7-1"));
    for (size_t i = 0; i < sizeof spoofs / sizeof spoofs[0]; i++) {
        const char *const *one = spoofs[i];
        const char *channel = one[0][0] == 'O' ? "Local/5@mine" : "SIP/7-1";
        if (one[0][0] == 'U' ? MAY(scene, "Action", one[0], "UserEvent", "Hello", one[1], one[2])
                             : MAY(scene, "Action", one[0], "Channel", channel, "Context", "mine", one[1], one[2]))
            fail_msg("%s %s: %s", one[0], one[1], one[2]);
    }
}

static void test_f05_a_user_event_names_nobody_else(void **state)
{
    static const char *const refused[][2] = {{"Channel", OTHER},   {"Uniqueid", "2.2"},     {"DestUniqueid", "2.2"},
                                             {"Linkedid", "2.2"},  {"Interface", "SIP/2"},  {"Event", "Hangup"},
                                             {"Privilege", "all"}, {"Response", "Success"}, {"Context", "theirs"},
                                             {"Device", "SIP/2"},  {"BridgeUniqueid", "x"}, {"Tenantid", "acme"}};
    struct scene *scene = *state;

    assert_true(MAY(scene, "Action", "UserEvent", "UserEvent", "Hello", "Text", "there"));
    assert_true(MAY(scene, "Action", "UserEvent", "UserEvent", "Hello", "Channel", OWN, "Uniqueid", "1.1", "Interface",
                    "SIP/1"));
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        bool is_linked = i == 3; // counts with a channel only
        if (is_linked ? MAY(scene, "Action", "UserEvent", "UserEvent", "x", "Channel", "SIP/1-00000077", refused[i][0],
                            refused[i][1])
                      : MAY(scene, "Action", "UserEvent", "UserEvent", "x", refused[i][0], refused[i][1]))
            fail_msg("%s: %s", refused[i][0], refused[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_f05_what_is_anothers_is_refused_in_any_action),
        TEST(test_f06_judged_on_the_server_to_which_it_is_sent),
        TEST(test_f07_lists_of_what_is_nobodys),
        TEST(test_a_tenant_acts_on_their_own_calls),
        TEST(test_f05_a_user_event_names_nobody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
