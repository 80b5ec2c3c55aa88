// tests/unit/session/client/test_due.c: the earliest of a session's times, and the timer that waits for it.
#include "session/client/due.h"

#include "unit/session/fake_session.h"

static void test_the_earliest_time_counts(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "off"));
    uint64_t far = clock_ms() + 3600000;

    due_set_deadline(session, far);
    assert_int_equal(due_first_ms(session), far);
    due_set_timer(session, far - 7);
    assert_int_equal(due_first_ms(session), far - 7);
    assert_int_equal(session->due.due_ms, far - 7);
    due_set_timer(session, 0);
    assert_int_equal(due_first_ms(session), far);
    due_set_deadline(session, 0);
    assert_true(due_first_ms(session) > far || due_first_ms(session) == DEADLINE_NEVER);
}

static void test_the_rate_allows_the_next_action_later(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "off"));

    session->rate.counted_ms = 1000;
    session->rate.allowance = 0.5;
    assert_int_equal(due_rate_ms(session), 1000); // no limit
    session->sessions->config->limits.actions_per_second = 10;
    assert_int_equal(due_rate_ms(session), 1051); // half an action takes 50 ms, and one more to be sure
    session->sessions->config->limits.actions_per_second = 0;
}

static void test_a_session_that_has_ended_is_never_due(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "off"));

    due_set_deadline(session, clock_ms() + 1000);
    session_end(session, END_BY_OPERATOR);
    assert_int_equal(due_first_ms(session), DEADLINE_NEVER); // it is freed at the end of the turn
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_the_earliest_time_counts),
        FAKE_TEST(test_the_rate_allows_the_next_action_later),
        FAKE_TEST(test_a_session_that_has_ended_is_never_due),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
