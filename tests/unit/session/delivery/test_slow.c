// tests/unit/session/delivery/test_slow.c: what becomes of a session that does not read.
#include "session/delivery/slow.h"

#include "unit/session/fake_session.h"

static void test_it_is_disconnected(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "on"));

    session->sessions->config->limits.slow_client = SLOW_DISCONNECT;
    slow_apply(session);
    assert_true(session_is_dead(session));
    assert_int_equal(metric_get(&fake->sessions->metrics->slow_disconnected), 1);
    assert_int_equal(metric_get(&fake->sessions->metrics->slow_skipped), 0);
}

static void test_events_are_skipped_and_the_client_is_told(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "on");
    struct session *session = fake_session(fake, client);

    session->sessions->config->limits.slow_client = SLOW_SKIP;
    feed_append(&session->view_feed->feed, "one", 3);
    feed_append(&session->view_feed->feed, "two", 3);
    output_add(&session->output, "answer\r\n", 8); // answers are not events
    slow_apply(session);
    assert_string_equal(fake_read(fake, client),
                        "answer\r\nEvent: EventsSkipped\r\nPrivilege: system,all\r\nDropped: 2\r\n\r\n");
    assert_int_equal(metric_get(&fake->sessions->metrics->events_skipped), 2);
    assert_int_equal(metric_get(&fake->sessions->metrics->slow_disconnected), 0);
}

static void test_who_does_not_read_its_own_answers_is_disconnected_in_any_case(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "on"));

    session->sessions->config->limits.slow_client = SLOW_SKIP;
    session->sessions->config->limits.output_backlog = 8;
    output_add(&session->output, "answer\r\n", 8);
    slow_apply(session);
    assert_true(session_is_dead(session));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_it_is_disconnected),
        FAKE_TEST(test_events_are_skipped_and_the_client_is_told),
        FAKE_TEST(test_who_does_not_read_its_own_answers_is_disconnected_in_any_case),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
