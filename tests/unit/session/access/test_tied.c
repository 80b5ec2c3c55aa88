// tests/unit/session/access/test_tied.c: who is tied tries every action of the catalogue with every header that names
// something: his own, another's, both. Another's is never reached, and his own opens nothing but what takes it.
#include "ami/catalogue.h"
#include "ami/event_class.h"
#include "ami/scope.h"
#include "session/access/policy.h"
#include "session/connection/set.h"
#include "unit/ami/parse.h"
#include "unit/test.h"

#include <stdlib.h>

#define OWN "SIP/1-00000001"
#define OTHER "SIP/2-00000002"

struct scene {
    struct calls *calls;
    struct sessions sessions;
    struct servers_state *state;
    struct view view;
    struct user_config user;
    struct session session;
};

static void learn(struct scene *scene, const char *server, const char *name, const char *id)
{
    char text[256];
    struct list list = {0};
    struct parser *parser = parser_create(server);

    snprintf(text, sizeof text,
             "Event: Newchannel\r\nPrivilege: call,all\r\nChannel: %s\r\nUniqueid: %s\r\nLinkedid: %s\r\n\r\n", name,
             id, id);
    parse_feed(parser, span_of(text));
    parse_take(parser, &list);
    parser_destroy(parser);
    assert_int_equal(list.count, 1);
    calls_observe(scene->calls, list.messages[0], 1);
    list_fini(&list);
}

static int open_scene(void **state)
{
    static const struct call_rule rules[] = {{"a", "SIP/1", NULL, false}, {"b", "SIP/2", NULL, false}};
    static char channel[] = "SIP/1", context[] = "mine";
    struct scene *scene = memory_zero(1, sizeof *scene);

    scene->calls = calls_create(NULL, 0);
    calls_set_rules(scene->calls, rules, 2);
    scene->state = memory_zero(1, sizeof *scene->state + 2 * sizeof scene->state->servers[0]);
    scene->state->count = 2;
    scene->state->servers[0].name = "pbx1";
    scene->state->servers[1].name = "pbx2";
    scene->state->servers[0].up = scene->state->servers[1].up = true;
    scene->sessions.verdicts.calls = scene->calls;
    scene->sessions.state = scene->state;
    scene->view.rule = 0;
    scene->user = (struct user_config){.channel = channel, .out_context = context, .write = CLASS_ALL};
    scene->session = (struct session){.sessions = &scene->sessions,
                                      .user = &scene->user,
                                      .view = &scene->view,
                                      .write = CLASS_ALL,
                                      .authenticated = true};
    learn(scene, "pbx1", OWN, "1.1");
    learn(scene, "pbx1", OTHER, "2.2");
    learn(scene, "pbx2", OTHER, "3.3");
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;

    calls_destroy(scene->calls);
    free(scene->state);
    free(scene);
    return 0;
}

/** Pairs of names and values, up to a NULL. A name in small letters now and then: they have no case. */
static bool may(const struct scene *scene, const char *const *pairs)
{
    struct message_builder builder;
    struct message *action, *changed = NULL;
    const char *fault;

    message_builder_init(&builder);
    for (; pairs[0] != NULL; pairs += 2)
        message_addf(&builder, pairs[0], "%s", pairs[1]);
    action = message_build(&builder);
    fault = policy_refuse(&scene->session, action, &changed);
    message_unref(changed);
    message_unref(action);
    return fault == NULL;
}

#define MAY(scene, ...) may(scene, (const char *const[]){__VA_ARGS__, NULL})

static void test_f05_table_knows_every_action(void **state)
{
    (void)state;
    assert_int_equal(scope_count(), catalogue_count());
    for (uint32_t i = 0; i < catalogue_count(); i++) {
        const struct action_info *info = catalogue_at(i);
        const struct action_scope *scope = scope_find(span_of(info->name));
        if (scope == NULL || strcmp(scope->action, info->name) != 0)
            fail_msg("%s is not there", info->name);
        assert_int_equal(info->effect == EFFECT_SESSION, scope->scope == SCOPE_NEVER);
        if (scope->scope == SCOPE_OWN)
            assert_non_null(scope->headers[0].name);
        if (scope->scope == SCOPE_ALL && info->effect == EFFECT_CHANGES && !span_is(span_of(info->name), "UserEvent"))
            fail_msg("%s changes something", info->name);
        if (scope->scope == SCOPE_LISTS && (info->effect == EFFECT_CHANGES || info->sensitive))
            fail_msg("%s is more than a list", info->name);
    }
    assert_null(scope_find(span_of("NoSuch")));
    assert_null(scope_find(span_of("")));
    assert_null(scope_find(span_of("Hangu")));
    assert_ptr_equal(scope_find(span_of("hANGUP")), scope_find(span_of("Hangup")));
}

/** A value that is his, by what the header names; NULL: there is none. */
static const char *own_of(enum naming naming)
{
    switch (naming) {
    case NAMING_CHANNEL:
    case NAMING_BEGINNING:
    case NAMING_EITHER:
        return OWN;
    case NAMING_DIAL:
    case NAMING_DEVICE:
        return "SIP/1";
    case NAMING_PEER:
        return "SIP/1"; // `1` of PJSIP is another
    case NAMING_CONTEXT:
    case NAMING_TARGET:
        return "mine";
    case NAMING_ASSIGNMENTS:
        return "A=1";
    case NAMING_SET:
        return "A";
    case NAMING_GET:
    case NAMING_GETS:
        return "EXTEN";
    case NAMING_COMMAND:
        return "core show channel " OWN;
    case NAMING_EVENT:
        return "Hello";
    case NAMING_GRANTED:
    case NAMING_REFUSED:
        break;
    }
    return NULL;
}

// --- values that are not his ------------------------------------------------------------------------------------

static const char *const other_channels[] = {OTHER,
                                             "2.2",
                                             "3.3",
                                             "sip/2-00000002",
                                             "/^SIP/",
                                             "SIP/",
                                             "SIP/12-00000001",
                                             "SIP/1-x",
                                             "all",
                                             "*",
                                             "SIP/1-00000001 ",
                                             "SIP/1-00000001,SIP/2-00000002",
                                             "SIP/1-00000001;SIP/2-00000002",
                                             NULL};
static const char *const other_beginnings[] = {OTHER, "SIP/1-0",      "SIP/1-000000", "SIP/",
                                               "all", "participants", "SIP/1",        NULL};
static const char *const other_dials[] = {"SIP/2",   "SIP/1&SIP/2", "SIP/1@host", "Local/5@theirs",
                                          "Local/5", "SIP/12",      OTHER,        NULL};
static const char *const other_devices[] = {"SIP/2", "SIP/1&SIP/2", "Local/5@theirs", "SIP/12", "sip", NULL};
static const char *const other_eithers[] = {OTHER, "2.2", "SIP/2", "Local/5@theirs", NULL};
static const char *const other_peers[] = {"2", "12", "SIP/2", "PJSIP/1", NULL};
static const char *const other_contexts[] = {"theirs", "Mine", "mine ", "mine,1", "default", NULL};
static const char *const other_sets[] = {"FILE(/tmp/x)", "GLOBAL(x)",         "SHELL(x)",      "__FILE(x)",
                                         "MONITOR_EXEC", "_TRANSFER_CONTEXT", "CALLERID(num)", NULL};
static const char *const other_assignments[] = {"FILE(/tmp/x)=1",
                                                "A=1,FILE(/tmp/x)=owned",
                                                "A=1,FI\"LE\"(x)=1",
                                                "A=1,\\FILE(x)=1",
                                                "A=\"1,FILE(x)=1",
                                                "A=1|FILE(x)=1",
                                                "A=[,FILE(x)=1]",
                                                "A=(,FILE(x)=1",
                                                "A=1\\",
                                                "A=1,GOTO_ON_BLINDXFR=theirs^1^1",
                                                NULL};
static const char *const other_gets[] = {"SECRET",
                                         "ENV(PATH)",
                                         "IMPORT(SIP/2-00000002,PIN)",
                                         "CALLERID(num),ENV(PATH)",
                                         "SHARED(x,SIP/2-00000002)",
                                         "CDR(x)${SHELL(x)}",
                                         "exten",
                                         "GLOBAL(x)",
                                         NULL};
static const char *const other_lists[] = {
    "EXTEN,SECRET", "CALLERID(num),ENV(PATH)", "CALLERID(num),IMPORT(SIP/2-00000002,PIN)",
    "EXTEN|SECRET", "\"EXTEN,SECRET",          NULL};
static const char *const other_commands[] = {"core show channels",
                                             "core show channel " OTHER,
                                             "core stop now",
                                             "channel request hangup all",
                                             "core show channel \"" OTHER "\"",
                                             "core show channel " OWN " " OTHER,
                                             "core show channel " OWN "\t" OTHER,
                                             NULL};
static const char *const other_any[] = {"anything", "mine", OWN, "SIP/1", NULL};

static const char *const *others_of(enum naming naming)
{
    static const char *const nothing[] = {NULL};
    static const char *const *const others[] = {[NAMING_CHANNEL] = other_channels,
                                                [NAMING_BEGINNING] = other_beginnings,
                                                [NAMING_EITHER] = other_eithers,
                                                [NAMING_DIAL] = other_dials,
                                                [NAMING_DEVICE] = other_devices,
                                                [NAMING_PEER] = other_peers,
                                                [NAMING_CONTEXT] = other_contexts,
                                                [NAMING_TARGET] = other_contexts,
                                                [NAMING_ASSIGNMENTS] = other_assignments,
                                                [NAMING_SET] = other_sets,
                                                [NAMING_GET] = other_gets,
                                                [NAMING_GETS] = other_lists,
                                                [NAMING_COMMAND] = other_commands,
                                                [NAMING_EVENT] = nothing,
                                                [NAMING_GRANTED] = other_any,
                                                [NAMING_REFUSED] = other_any};

    return others[naming];
}

/** The action with all that it needs of his own, but for header `but`. Room for 2 pairs behind. */
static size_t complete(const struct action_scope *scope, const struct named_header *but, const char **pairs)
{
    size_t count = 0;

    pairs[count++] = "Action";
    pairs[count++] = scope->action;
    for (const struct named_header *header = scope->headers; header->name != NULL; header++) {
        if (header == but || own_of(header->naming) == NULL)
            continue;
        pairs[count++] = header->name;
        pairs[count++] = own_of(header->naming);
    }
    pairs[count] = NULL;
    return count;
}

static void try_header(const struct scene *scene, const struct action_scope *scope, const struct named_header *header)
{
    const char *pairs[40], *own = own_of(header->naming);
    size_t count = complete(scope, header, pairs);

    for (const char *const *other = others_of(header->naming); *other != NULL; other++) {
        if (scene->user.write_given && header->naming == NAMING_GRANTED)
            continue;
        const char *const order[][4] = {{header->name, *other, NULL},
                                        {header->name, own, header->name, *other},
                                        {header->name, *other, header->name, own},
                                        {header->name, "", header->name, own}};
        for (size_t i = 0; i < 4; i++) {
            size_t more = i == 0 ? 2 : own == NULL ? 0 : 4;
            if (more == 0 || (i == 3 && header->naming == NAMING_ASSIGNMENTS))
                continue;
            memcpy(pairs + count, order[i], more * sizeof *pairs);
            pairs[count + more] = NULL;
            if (may(scene, pairs))
                fail_msg("%s with %s: %s (way %zu)", scope->action, header->name, *other, i);
        }
    }
}

static void test_f03_f04_f05_every_header_of_every_action(void **state)
{
    struct scene *scene = *state;

    for (int granted = 0; granted < 2; granted++) {
        scene->user.write_given = granted != 0;
        for (size_t i = 0; i < scope_count(); i++) {
            const struct action_scope *scope = scope_at(i);
            const char *pairs[40];
            complete(scope, NULL, pairs);
            bool wanted =
                scope->scope == SCOPE_OWN || scope->scope == SCOPE_ALL || (granted && scope->scope != SCOPE_NEVER);
            if (may(scene, pairs) != wanted)
                fail_msg("%s of his own: %d", scope->action, !wanted);
            for (const struct named_header *header = scope->headers; header->name != NULL; header++)
                try_header(scene, scope, header);
        }
    }
}

static void test_f05_a_header_that_the_action_does_not_have_is_no_key(void **state)
{
    static const char *const keys[][2] = {{"Channel", OWN},
                                          {"channel", OWN},
                                          {"ExtraChannel", OWN},
                                          {"Channel1", OWN},
                                          {"Interface", "SIP/1"},
                                          {"Context", "mine"},
                                          {"Channel", "SIP/1-00000009"},
                                          {"Agent", "1"},
                                          {"Command", "core show channel " OWN}};
    struct scene *scene = *state;

    for (size_t i = 0; i < scope_count(); i++) {
        const struct action_scope *scope = scope_at(i);
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            bool is_key = scope->scope == SCOPE_ALL ||
                          (scope->scope == SCOPE_OWN && span_is(span_of(scope->headers[0].name), keys[k][0]));
            if (!is_key && MAY(scene, "Action", scope->action, keys[k][0], keys[k][1]))
                fail_msg("%s: %s is opened by %s", keys[k][0], keys[k][1], scope->action);
        }
        if (scope->scope != SCOPE_ALL && MAY(scene, "Action", scope->action))
            fail_msg("%s needs nothing", scope->action);
    }
    assert_false(MAY(scene, "Action", "VendorAction", "Channel", OWN)); // nobody knows what it takes
}

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

    scene->user.channel = NULL; // tied by what he sees alone
    static char context[] = "sales";
    const struct call_rule rule = {"a", NULL, "sales", false};
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
    scene->state->servers[0].up = false;
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1"));
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1", "Server", ""));
    scene->state->servers[1].up = false; // the hub may know better by then
    assert_false(MAY(scene, "Action", "Hangup", "Channel", "SIP/7-1"));
    scene->state->servers[0].up = scene->state->servers[1].up = true;
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

static void test_f03_variables_of_the_entry(void **state)
{
    static char pin[] = "MY_PIN", function[] = "CHANNEL(state)";
    static char *variables[] = {pin, function};
    struct scene *scene = *state;

    assert_false(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "MY_PIN"));
    scene->user.variables = variables;
    scene->user.variable_count = 2;
    assert_true(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "MY_PIN"));
    assert_true(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "CHANNEL(state)"));
    assert_true(MAY(scene, "Action", "Status", "Variables", "MY_PIN,CHANNEL(state),EXTEN:1"));
    assert_false(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "CHANNEL(accountcode)"));
    assert_false(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "my_pin"));
    assert_false(MAY(scene, "Action", "Getvar", "Variable", "MY_PIN")); // a global one
    assert_true(MAY(scene, "Action", "Getvar", "Channel", OWN, "Variable", "CALLERID(num)"));
    assert_true(MAY(scene, "Action", "Originate", "Channel", "SIP/1", "Context", "mine", "Exten", "1", "Variable",
                    "A=1,B=\"2,3\"", "Variable", "C=4"));
    assert_false(MAY(scene, "Action", "Originate", "Channel", "SIP/1", "Context", "mine", "Exten", "1", "Variable",
                     "A=1", "Variable", "C=4,FILE(x)=5"));
}

static void test_f05_a_user_event_names_nobody_else(void **state)
{
    static const char *const refused[][2] = {{"Channel", OTHER},   {"Uniqueid", "2.2"},     {"DestUniqueid", "2.2"},
                                             {"Linkedid", "2.2"},  {"Interface", "SIP/2"},  {"Event", "Hangup"},
                                             {"Privilege", "all"}, {"Response", "Success"}, {"Context", "theirs"},
                                             {"Device", "SIP/2"},  {"BridgeUniqueid", "x"}};
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

static void test_f03_an_account_is_not_set_behind_a_comma(void **state)
{
    struct scene *scene = *state;
    static char account[] = "mine";

    scene->user = (struct user_config){.account = account, .write = CLASS_ALL};
    scene->view.rule = VIEW_NO_RULE;
    assert_false(MAY(scene, "Action", "Originate", "Channel", "SIP/1", "Variable", "A=1,CHANNEL(accountcode)=other"));
    assert_false(MAY(scene, "Action", "Originate", "Channel", "SIP/1", "Variable", "A=1,C\"DR(account\"code)=other"));
    assert_false(MAY(scene, "Action", "Setvar", "Channel", OWN, "Variable", "CDR(accountcode)", "Value", "x"));
    assert_true(MAY(scene, "Action", "Originate", "Channel", "SIP/1", "Variable", "accountcode=x,FILE(y)=z"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_f05_table_knows_every_action),
        TEST(test_f03_f04_f05_every_header_of_every_action),
        TEST(test_f05_a_header_that_the_action_does_not_have_is_no_key),
        TEST(test_f05_what_is_anothers_is_refused_in_any_action),
        TEST(test_f06_judged_on_the_server_to_which_it_is_sent),
        TEST(test_f07_lists_of_what_is_nobodys),
        TEST(test_f03_variables_of_the_entry),
        TEST(test_f05_a_user_event_names_nobody_else),
        TEST(test_f03_an_account_is_not_set_behind_a_comma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
