// tests/unit/session/client/test_count.c: what a session adds to its worker's counters.
#include "session/client/count.h"

#include "unit/session/fake_session.h"

static uint64_t get(struct metric *metric)
{
    return metric_get(metric);
}

static void test_answers_are_counted_by_their_reason(void **state)
{
    struct fake *fake = *state;
    struct metrics_worker *metrics = fake->sessions->metrics;
    size_t client = fake_login(fake, "bert", "off");
    uint64_t good = get(&metrics->actions[AMP_REASON_NONE]), denied = get(&metrics->actions[AMP_REASON_DENIED]);

    fake_say(fake, client, "Action: Ping\r\n\r\n");
    assert_int_equal(get(&metrics->actions[AMP_REASON_NONE]), good + 1);
    fake_say(fake, client, "Action: Command\r\nCommand: x\r\n\r\n");
    assert_int_equal(get(&metrics->actions[AMP_REASON_DENIED]), denied + 1);
    assert_int_equal(get(&metrics->actions[AMP_REASON_NONE]), good + 1);
    count_answer(fake_session(fake, client), (enum amp_reason)200); // of a later program
    assert_int_equal(get(&metrics->actions[0]), good + 2);
}

static void test_the_backlog_is_taken_off_again(void **state)
{
    struct fake *fake = *state;
    struct metrics_worker *metrics = fake->sessions->metrics;
    size_t client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);

    assert_int_equal(get(&metrics->backlog_bytes), 0);
    count_backlog(session, 5000, false);
    count_backlog(session, 7000, false);
    assert_int_equal(get(&metrics->backlog_bytes), 7000);
    sessions_close_session(fake->sessions, client + 1, false);
    assert_int_equal(get(&metrics->backlog_bytes), 0);
}

static void test_an_end_is_counted_once(void **state)
{
    struct fake *fake = *state;
    struct metrics_worker *metrics = fake->sessions->metrics;
    uint64_t before = 0, after = 0;

    for (size_t i = 0; i < sizeof metrics->ended / sizeof metrics->ended[0]; i++)
        before += get(&metrics->ended[i]);
    size_t client = fake_login(fake, "anna", "off");
    fake_say(fake, client, "Action: Logoff\r\n\r\n");
    fake_hang_up(fake, client);
    for (size_t i = 0; i < sizeof metrics->ended / sizeof metrics->ended[0]; i++)
        after += get(&metrics->ended[i]);
    assert_int_equal(after, before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_answers_are_counted_by_their_reason),
        FAKE_TEST(test_the_backlog_is_taken_off_again),
        FAKE_TEST(test_an_end_is_counted_once),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
