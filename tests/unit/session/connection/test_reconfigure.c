// tests/unit/session/connection/test_reconfigure.c: sessions of a worker change over to another configuration.
#include "unit/session/fake_session.h"

#define HEAD                                                     \
    "listen: [{port: 0, input: standard, tls: off}]\n"           \
    "servers: [{name: pbx1, host: h, username: u, secret: s}]\n" \
    "plugins: {load: [standard]}\nscripts: {path: " AMP_SOURCE "/lua}\n"

static void test_a_user_who_is_gone_ends(void **state)
{
    struct fake *fake = *state;
    size_t anna = fake_login(fake, "anna", "off"), bert = fake_login(fake, "bert", "off");

    fake_configure(fake, HEAD "users: [{name: anna, secret: anna-secret}]\n");
    assert_non_null(fake_session(fake, anna));
    assert_null(fake_session(fake, bert));
    assert_non_null(strstr(fake_read(fake, bert), "(end)"));
    assert_non_null(strstr(fake_say(fake, anna, "Action: Ping\r\nActionID: 1\r\n\r\n"), "ActionID: 1\r\n"));
}

static void test_rights_are_the_new_ones(void **state)
{
    struct fake *fake = *state;
    size_t bert = fake_login(fake, "bert", "on");

    fake_say(fake, bert, "Action: Hangup\r\nChannel: SIP/1-1\r\nActionID: 1\r\n\r\n");
    assert_int_equal(fake->ask_count, 1);
    fake_configure(fake, HEAD "users: [{name: bert, secret: bert-secret, read: [system], write: [user]}]\n");
    assert_int_equal(ask_withdrawal(fake->asks[0]), ASK_DENIED); // what no server has yet
    fake_deliver(fake, "Event: Hangup\r\nPrivilege: call,all\r\nX: y\r\n\r\n", NULL, ENTRY_EVENT, false);
    fake_deliver(fake, "Event: Registry\r\nPrivilege: system,all\r\nX: y\r\n\r\n", NULL, ENTRY_EVENT, false);
    const char *text = fake_read(fake, bert);
    assert_null(strstr(text, "Event: Hangup"));
    assert_non_null(strstr(text, "Event: Registry"));
}

/** What frees 100,000 rules takes long: the worker's owner does it elsewhere. */
static void test_rules_that_were_replaced_are_handed_out(void **state)
{
    struct fake *fake = *state;

    assert_null(sessions_take_replaced(fake->sessions));
    fake_configure(fake, HEAD "users: [{name: anna, secret: anna-secret, channel: SIP/1}]\n");
    assert_null(sessions_take_replaced(fake->sessions)); // there were none before
    fake_configure(fake, HEAD "users: [{name: anna, secret: anna-secret, channel: SIP/2}]\n");
    struct calls *replaced = sessions_take_replaced(fake->sessions);
    assert_non_null(replaced);
    calls_destroy(replaced);
    assert_null(sessions_take_replaced(fake->sessions));
    fake_configure(fake, HEAD "users: [{name: anna, secret: anna-secret, channel: SIP/3}]\n");
    fake_configure(fake, FAKE_CONFIG); // no rules any more; what nobody took goes with the sessions
}

static void test_a_waiting_event_action_is_answered(void **state)
{
    struct fake *fake = *state;
    size_t anna = fake_login(fake, "anna", "on");

    fake_say(fake, anna, "Action: WaitEvent\r\nActionID: w\r\n\r\n");
    fake_configure(fake, FAKE_CONFIG);
    assert_non_null(strstr(fake_read(fake, anna), "Event: WaitEventComplete\r\nActionID: w\r\n"));
    assert_int_equal(fake_session(fake, anna)->wait.why, WAIT_NONE);
}

static void test_what_is_in_flight_is_answered_once(void **state)
{
    struct fake *fake = *state;
    size_t anna = fake_login(fake, "anna", "off");

    fake_say(fake, anna, "Action: CoreStatus\r\nActionID: 1\r\n\r\n");
    for (int i = 0; i < 3; i++)
        fake_configure(fake, FAKE_CONFIG);
    assert_int_equal(ask_withdrawal(fake->asks[0]), ASK_WANTED);
    fake_deliver(fake, "Response: Success\r\nX: y\r\n\r\n", fake->asks[0], ENTRY_ANSWER, true);
    assert_string_equal(fake_read(fake, anna), "Response: Success\r\nActionID: 1\r\nX: y\r\n\r\n");
    assert_int_equal(fake->ask_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_a_user_who_is_gone_ends),
        FAKE_TEST(test_rights_are_the_new_ones),
        FAKE_TEST(test_rules_that_were_replaced_are_handed_out),
        FAKE_TEST(test_a_waiting_event_action_is_answered),
        FAKE_TEST(test_what_is_in_flight_is_answered_once),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
