// tests/unit/session/connection/test_actions.c: an action is answered here, refused, or asked of a server.
#include "session/connection/actions.h"
#include "session/delivery/reply.h"

#include "unit/session/fake_session.h"

static void test_a_ping_is_answered_here(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    const char *answer = fake_say(fake, client, "Action: pING\r\nActionID: 5\r\n\r\n");

    assert_non_null(strstr(answer, "Response: Success\r\nActionID: 5\r\nPing: Pong\r\n"));
    assert_int_equal(fake->ask_count, 0);
}

static void test_before_a_login_nothing_is_asked(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_connect(fake);

    assert_non_null(strstr(fake_say(fake, client, "Action: CoreStatus\r\nActionID: 5\r\n\r\n"),
                           "Response: Error\r\nActionID: 5\r\nMessage: Permission denied\r\n"));
    assert_int_equal(fake->ask_count, 0);
}

static void test_an_ask_knows_its_server_and_its_asker(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");

    fake_say(fake, client, "Action: CoreStatus\r\nServer: PBX2\r\nActionID: 5\r\n\r\n");
    assert_int_equal(fake->ask_count, 1);
    assert_true(fake->asks[0]->server_named);
    assert_true(span_is(span_of(fake->asks[0]->server), "pbx2"));
    assert_int_equal(fake->asks[0]->session_id, client + 1);
    assert_ptr_equal(sessions_find(fake->sessions, fake->asks[0]->session), fake_session(fake, client));
    fake_deliver(fake, "Response: Success\r\nX: y\r\n\r\n", fake->asks[0], ENTRY_ANSWER, true);
    assert_string_equal(fake_read(fake, client), "Response: Success\r\nActionID: 5\r\nX: y\r\n\r\n");
    assert_true(fake->asks[0]->over);
}

static void test_rights_are_those_of_the_entry(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "bert", "off");
    const char *answer = fake_say(fake, client, "Action: Command\r\nCommand: x\r\nActionID: 5\r\n\r\n");

    assert_non_null(strstr(answer, "Response: Error\r\nActionID: 5\r\nMessage: Permission denied\r\n"));
    fake_say(fake, client, "Action: Hangup\r\nChannel: SIP/1-1\r\nActionID: 6\r\n\r\n");
    assert_int_equal(fake->ask_count, 1);
    assert_true(span_is(message_name(fake->asks[0]->action), "Hangup"));
}

static void test_what_may_not_be_sent_any_more_is_denied(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "bert", "off");

    fake_say(fake, client, "Action: Hangup\r\nChannel: SIP/1-1\r\nActionID: 6\r\n\r\n");
    actions_judge_again(fake_session(fake, client));
    assert_int_equal(ask_withdrawal(fake->asks[0]), ASK_WANTED);
    fake_session(fake, client)->write = 0;
    actions_judge_again(fake_session(fake, client));
    assert_int_equal(ask_withdrawal(fake->asks[0]), ASK_DENIED);
}

static void test_the_parts_of_an_answer(void **state)
{
    struct message *with = parse_one("Action: x\r\nActionID: 7\r\n\r\n"),
                   *without = parse_one("Action: x\r\nA: b\r\n\r\n");
    struct message *error = reply_error(with, "No"), *plain = reply_error(without, "No");
    struct message_builder builder;

    (void)state;
    assert_int_equal(error->header_count, 3);
    assert_true(span_is(message_action_id(error), "7"));
    assert_int_equal(plain->header_count, 2); // who gave no id gets none
    message_builder_init(&builder);
    reply_begin_proxy(&builder, with, "Success");
    struct message *proxy = message_build(&builder);
    struct span value;
    assert_true(message_find(proxy, "ProxyResponse", &value) && span_is(value, "Success"));
    message_unref(with);
    message_unref(without);
    message_unref(error);
    message_unref(plain);
    message_unref(proxy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_a_ping_is_answered_here),
        FAKE_TEST(test_before_a_login_nothing_is_asked),
        FAKE_TEST(test_an_ask_knows_its_server_and_its_asker),
        FAKE_TEST(test_rights_are_those_of_the_entry),
        FAKE_TEST(test_what_may_not_be_sent_any_more_is_denied),
        cmocka_unit_test(test_the_parts_of_an_answer),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
