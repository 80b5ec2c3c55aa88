// tests/unit/session/connection/test_expire.c: what happens when a time limit of a session is reached.
#include "session/connection/expire.h"

#include "unit/session/fake_session.h"

static void test_who_does_not_log_in_in_time_ends(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_connect(fake);
    struct session *session = fake_session(fake, client);
    uint64_t by = session->login_by_ms;

    assert_true(by > clock_ms());
    session_expire(session, by - 1);
    assert_false(session_is_ending(session));
    session_expire(session, by);
    fake_read(fake, client);
    assert_null(fake_session(fake, client));
}

static void test_who_has_logged_in_stays(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_connect(fake);
    uint64_t by = fake_session(fake, client)->login_by_ms;

    fake_say(fake, client, "Action: Login\r\nUsername: anna\r\nSecret: anna-secret\r\n\r\n");
    session_expire(fake_session(fake, client), by + 1);
    fake_turn(fake);
    assert_non_null(fake_session(fake, client));
}

static void test_a_failed_login_is_answered_at_its_deadline(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_connect(fake);

    fake_read(fake, client);
    assert_string_equal(
        fake_say(fake, client, "Action: Login\r\nUsername: anna\r\nSecret: wrong\r\nActionID: 1\r\n\r\n"), "");
    struct session *session = fake_session(fake, client);
    assert_int_equal(session->wait.why, WAIT_LOGIN_DELAY);
    assert_true(session->deadline_ms > 0);
    session_expire(session, session->deadline_ms);
    assert_non_null(
        strstr(fake_read(fake, client), "Response: Error\r\nActionID: 1\r\nMessage: Authentication failed\r\n"));
}

static void test_a_wait_for_an_event_ends_at_its_deadline(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "on");

    fake_say(fake, client, "Action: WaitEvent\r\nTimeout: 30\r\nActionID: w\r\n\r\n");
    struct session *session = fake_session(fake, client);
    assert_true(session->deadline_ms > clock_ms());
    session_expire(session, session->deadline_ms - 1);
    assert_int_equal(session->wait.why, WAIT_EVENT);
    session_expire(session, session->deadline_ms);
    assert_non_null(strstr(fake_read(fake, client), "Event: WaitEventComplete\r\nActionID: w\r\n"));
}

/** Reads that many bytes, and lets the session write more. */
static void read_bytes(struct fake *fake, size_t client, size_t wanted)
{
    static char part[16 * 1024];

    while (wanted > 0) {
        ssize_t count = read(fake->clients[client], part, sizeof part < wanted ? sizeof part : wanted);
        assert_true(count > 0);
        wanted -= (size_t)count;
        fake_turn(fake);
    }
}

/** Ends the session after an answer that is more than the kernel takes at once. */
static void finish_with_large_answer(struct session *session)
{
    static char answer[(size_t)2 << 20];

    output_add(&session->output, answer, sizeof answer);
    session_finish(session);
}

static void test_who_reads_its_last_answer_slowly_gets_all_of_it(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);

    finish_with_large_answer(session);
    fake_turn(fake); // the kernel takes some
    session->reading.sent_before = transport_sent(&session->transport);
    for (int i = 0; i < 3; i++) {
        read_bytes(fake, client, (size_t)256 * 1024);
        session_expire(session, session->deadline_ms);
        assert_int_equal(session->state, SESSION_FINISHING);
        assert_true(session->deadline_ms > clock_ms());
    }
    session_expire(session, session->deadline_ms); // nothing was read since
    assert_true(session_is_dead(session));
    assert_int_equal(metric_get(&fake->sessions->metrics->ended[end_metric(END_LAST_ANSWER_UNREAD)]), 1);
}

static void test_a_slow_reader_does_not_hold_up_the_end_of_the_proxy(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);

    finish_with_large_answer(session);
    sessions_drain(fake->sessions, clock_ms() - 1);
    read_bytes(fake, client, (size_t)256 * 1024);
    session_expire(session, session->deadline_ms);
    assert_true(session_is_dead(session));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_who_does_not_log_in_in_time_ends),
        FAKE_TEST(test_who_has_logged_in_stays),
        FAKE_TEST(test_a_failed_login_is_answered_at_its_deadline),
        FAKE_TEST(test_a_wait_for_an_event_ends_at_its_deadline),
        FAKE_TEST(test_who_reads_its_last_answer_slowly_gets_all_of_it),
        FAKE_TEST(test_a_slow_reader_does_not_hold_up_the_end_of_the_proxy),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
