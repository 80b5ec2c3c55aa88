// tests/unit/session/connection/test_move.c: a session goes to another worker.
#include "session/connection/move.h"

#include "unit/session/fake_session.h"

static struct session *moved; // that went last

static void on_move(void *context, uint32_t worker, struct session *session)
{
    (void)context;
    assert_int_equal(worker, 7);
    moved = session;
}

/** Sends the client's session to worker 7. */
static void send_away(struct fake *fake, size_t client)
{
    fake->sessions->link.move = on_move;
    move_begin(fake_session(fake, client), 7);
    fake_turn(fake);
    assert_null(fake_session(fake, client));
    assert_int_equal(fake->session_count, 0);
}

static void test_it_goes_on_where_it_arrives(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");

    send_away(fake, client);
    move_arrive(fake->sessions, moved);
    assert_int_equal(fake->session_count, 1);
    assert_non_null(strstr(fake_say(fake, client, "Action: Ping\r\n\r\n"), "Pong"));
}

static void test_who_comes_after_the_drain_is_told_why_it_ends(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");

    send_away(fake, client);
    sessions_drain(fake->sessions, clock_ms() + 60000);
    fake_turn(fake);
    assert_true(fake->drained);
    move_arrive(fake->sessions, moved);
    const char *text = fake_read(fake, client);
    assert_non_null(strstr(text, "Proxy Shutting Down"));
    assert_non_null(strstr(text, "(end)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_it_goes_on_where_it_arrives),
        FAKE_TEST(test_who_comes_after_the_drain_is_told_why_it_ends),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
