// tests/unit/session/client/test_session.c: the life of one session, to its end.
#include "session/delivery/give.h"

#include "unit/session/fake_session.h"

static void test_a_logoff_is_answered_before_the_end(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    const char *text =
        fake_say(fake, client, "Action: Logoff\r\nActionID: 1\r\n\r\nAction: Ping\r\nActionID: 2\r\n\r\n");

    assert_non_null(strstr(text, "Response: Goodbye\r\nActionID: 1\r\n"));
    assert_null(strstr(text, "ActionID: 2\r\n")); // it is over
    assert_non_null(strstr(text, "(end)"));
    fake_hang_up(fake, client);
    assert_null(fake_session(fake, client));
}

static void test_an_end_withdraws_what_was_asked(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");

    fake_say(fake, client, "Action: CoreStatus\r\nActionID: 1\r\n\r\n");
    struct session *session = fake_session(fake, client);
    session_end(session, END_BY_OPERATOR);
    session_end(session, END_BY_OPERATOR); // again: nothing
    fake_turn(fake);
    assert_int_equal(ask_withdrawal(fake->asks[0]), ASK_UNAWAITED);
    assert_int_equal(fake->session_count, 0);
    assert_string_equal(fake_read(fake, client), "(end)");
}

static void test_what_is_given_is_written_in_its_format(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");

    assert_true(session_is_encoded(fake_session(fake, client)));
    session_send(fake_session(fake, client), parse_one("Response: Success\r\nX: y\r\n\r\n"));
    session_give(fake_session(fake, client), parse_one("Event: Hello\r\nX: y\r\n\r\n"), AMP_DELIVERY_EVENT, false,
                 AMP_REASON_NONE);
    assert_string_equal(fake_read(fake, client), "Response: Success\r\nX: y\r\n\r\nEvent: Hello\r\nX: y\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_a_logoff_is_answered_before_the_end),
        FAKE_TEST(test_an_end_withdraws_what_was_asked),
        FAKE_TEST(test_what_is_given_is_written_in_its_format),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
