// tests/unit/session/access/test_tied.c: a tied user tries every action of the catalogue with every header that names
// something: their own, another's, both.
#include "unit/session/access/scene.h"

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
static const char *const other_extensions[] = {"5@theirs", "5@theirs/n", "5/n", "@", "/", NULL};
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
static const char *const other_addresses[] = {"sip:2@host", "SIP/1", "1", "SIP/2", NULL};
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
                                                [NAMING_ANYONE] = other_addresses,
                                                [NAMING_CONTEXT] = other_contexts,
                                                [NAMING_TARGET] = other_contexts,
                                                [NAMING_EXTENSION] = other_extensions,
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
                fail_msg("%s of their own: %d", scope->action, !wanted);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_f03_f04_f05_every_header_of_every_action),
        TEST(test_f05_a_header_that_the_action_does_not_have_is_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
