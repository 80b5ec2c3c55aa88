// tests/unit/session/connection/test_sessions.c: clients come, are found, and are ended from outside.
#include "unit/session/fake_session.h"

static void test_a_client_is_greeted_and_counted(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_connect(fake);

    assert_string_equal(fake_read(fake, client), "Asterisk Call Manager/5.0.2\r\n");
    assert_int_equal(fake->session_count, 1);
    fake_connect(fake);
    assert_int_equal(fake->session_count, 2);
    close(fake->clients[client]);
    fake->clients[client] = fake->clients[--fake->client_count];
    fake_turn(fake);
    assert_int_equal(fake->session_count, 1);
}

static void test_a_handle_finds_its_session_until_it_ends(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);
    struct handle handle = session->handle;

    assert_ptr_equal(sessions_find(fake->sessions, handle), session);
    sessions_close_session(fake->sessions, session->id, false);
    assert_null(sessions_find(fake->sessions, handle));
    assert_string_equal(fake_read(fake, client), "(end)");
    fake_connect(fake); // may have the same place
    assert_null(sessions_find(fake->sessions, handle));
}

static void test_one_that_is_at_work_is_not_idle(void **state)
{
    struct fake *fake = *state;
    size_t idle = fake_connect(fake), busy = fake_login(fake, "anna", "off");

    sessions_close_session(fake->sessions, 77, false); // another worker's
    sessions_close_session(fake->sessions, busy + 1, true);
    assert_non_null(fake_session(fake, busy));
    sessions_close_session(fake->sessions, idle + 1, true);
    assert_null(fake_session(fake, idle));
    assert_int_equal(fake->session_count, 1);
}

static void test_a_drain_says_good_bye_once_all_is_answered(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "on");

    fake_say(fake, client, "Action: CoreStatus\r\nActionID: 1\r\n\r\n");
    assert_int_equal(fake->ask_count, 1);
    sessions_drain(fake->sessions, clock_ms() + 60000);
    fake_say(fake, client, "Action: CoreSettings\r\nActionID: 2\r\n\r\n");
    assert_int_equal(fake->ask_count, 1); // nothing new is asked
    assert_non_null(fake_session(fake, client));
    fake_deliver(fake, "Response: Success\r\nX: y\r\n\r\n", fake->asks[0], ENTRY_ANSWER, true);
    for (int i = 0; i < 200 && !fake->drained; i++)
        event_base_loop(fake->base, EVLOOP_ONCE);
    assert_true(fake->drained);
    const char *text = fake_read(fake, client);
    assert_non_null(strstr(text, "Proxy Shutting Down"));
    assert_non_null(strstr(text, "(end)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_a_client_is_greeted_and_counted),
        FAKE_TEST(test_a_handle_finds_its_session_until_it_ends),
        FAKE_TEST(test_one_that_is_at_work_is_not_idle),
        FAKE_TEST(test_a_drain_says_good_bye_once_all_is_answered),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
