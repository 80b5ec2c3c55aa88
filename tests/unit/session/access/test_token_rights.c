// tests/unit/session/access/test_token_rights.c: a token permits what it lists, only reads if it says so, and makes no
// other token.
#include "session/access/token_rights.h"

#include "unit/test.h"

static struct by_token held;
static struct session session;

static bool permits(const char *header, const char *name)
{
    struct message_builder builder;
    struct message *action;

    message_builder_init(&builder);
    message_addf(&builder, header, "%s", name);
    action = message_build(&builder);
    bool may = token_rights_permit(&session, span_of(name), action);
    message_unref(action);
    return may;
}

static void hold(const char *actions, bool only_reads)
{
    held.token.claims =
        (struct token_claims){.actions = span_of(actions), .listed = actions != NULL, .only_reads = only_reads};
    session = (struct session){.token = &held, .read = 1, .admin = true};
    token_rights_reduce(&session);
}

static void test_what_each_permits(void **state)
{
    (void)state;

    session = (struct session){.token = NULL};
    assert_true(permits("ProxyAction", "CreateToken") && permits("Action", "Originate"));
    hold(NULL, false);
    assert_true(permits("Action", "Originate") && session.read == 1 && !session.admin);
    assert_false(permits("ProxyAction", "createtoken") || permits("ProxyAction", "ListRevokedTokens"));
    assert_true(permits("ProxyAction", "RevokeToken")); // its own alone: token_host.h
    hold("Originate, CreateToken", false);
    assert_true(permits("Action", "originate") && session.read == 0 && session.admin);
    assert_false(permits("Action", "CoreStatus") || permits("ProxyAction", "CreateToken"));
    assert_true(token_rights_permit_local(&session, span_of("Ping")));
    assert_false(token_rights_permit_local(&session, span_of("Events")));
    hold("*", false);
    assert_true(permits("Action", "Originate") && permits("ProxyAction", "Reload"));
    assert_true(session.read == 1 && session.admin && token_rights_permit_local(&session, span_of("Events")));
    assert_false(permits("ProxyAction", "CreateToken") || permits("ProxyAction", "ListRevokedTokens"));
    hold("*", true);
    assert_true(permits("Action", "CoreStatus") && !permits("Action", "Originate") &&
                !permits("ProxyAction", "Reload"));
    hold("Originate,Events", true);
    assert_false(permits("Action", "Originate"));
    assert_true(session.read == 1 && token_rights_permit_local(&session, span_of("Filter")));
    hold(NULL, true);
    assert_true(permits("Action", "CoreStatus") && permits("ProxyAction", "ListSessions"));
    assert_false(permits("Action", "Command") || permits("ProxyAction", "Reload") || permits("Action", "NoSuch"));
    assert_false(permits("ProxyAction", "RevokeToken"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_each_permits)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
