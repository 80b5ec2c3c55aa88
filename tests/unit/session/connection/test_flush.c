// tests/unit/session/connection/test_flush.c: what is written when, and the end of a session that has nothing left.
#include "session/connection/flush.h"

#include "unit/session/fake_session.h"

#define FILL_BYTES ((size_t)1 << 20)

static char bytes[FILL_BYTES];

/** Gives the session more than its connection takes. @return the bytes that wait */
static uint64_t fill(struct session *session)
{
    output_add(&session->output, bytes, FILL_BYTES);
    session_flush(session);
    assert_true(transport_is_writing(&session->transport));
    return output_backlog(&session->output);
}

/** Reads until nothing more comes. @return number of bytes */
static size_t read_all(struct fake *fake, size_t client)
{
    static char part[64 * 1024];
    size_t total = 0;
    ssize_t count;

    while ((count = read(fake->clients[client], part, sizeof part)) > 0) {
        total += (size_t)count;
        fake_turn(fake);
    }
    return total;
}

static void test_the_backlog_is_counted_until_it_is_read(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);
    const struct metric *backlog = &fake->sessions->metrics->backlog_bytes;

    assert_int_equal(fill(session), 0); // the largest answer is no backlog
    assert_int_equal(metric_get(backlog), 0);
    fill(session);
    assert_in_range(metric_get(backlog), 1, FILL_BYTES - 1); // of the two, the connection has taken some
    assert_int_equal(metric_get(backlog), output_backlog(&session->output));
    output_add(&session->output, "more", 4);
    session_flush(session); // the connection has no room: it is offered nothing
    assert_int_equal(metric_get(backlog), session->output.private_bytes - FILL_BYTES);
    assert_int_equal(read_all(fake, client), 2 * FILL_BYTES + 4);
    assert_int_equal(metric_get(backlog), 0);
    assert_false(transport_is_writing(&session->transport));
}

static void test_who_reads_nothing_for_a_second_lags(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);

    fill(session);
    session_flush(session);
    assert_false(session->lagging);
    session->reading.full_ms -= 1000;
    session_flush(session);
    assert_true(session->lagging);
    read_all(fake, client);
    assert_false(session->lagging); // it has caught up
}

static void test_past_the_limit_the_slow_client_rule_holds(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off"), other = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);

    uint64_t limit = fake->config->limits.output_backlog;
    while (fill(session) + FILL_BYTES <= limit)
        assert_false(session_is_dead(session));
    output_add(&session->output, bytes, FILL_BYTES);
    session_flush(session);
    assert_true(session_is_dead(session));
    assert_int_equal(metric_get(&fake->sessions->metrics->ended[end_metric(END_SLOW)]), 1);
    assert_int_equal(metric_get(&fake->sessions->metrics->backlog_bytes), 0);
    assert_non_null(fake_session(fake, other));
}

static void test_who_finishes_is_sent_everything_first(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);

    fill(session);
    session_finish(session);
    session_flush(session);
    assert_int_equal(session->state, SESSION_FINISHING);
    assert_int_equal(read_all(fake, client), FILL_BYTES);
    assert_int_equal(session->state, SESSION_LINGERING); // until the client closes
    output_add(&session->output, "late", 4);
    session_flush(session);
    assert_false(output_is_empty(&session->output)); // nothing follows the end
    fake_hang_up(fake, client);
    assert_null(fake_session(fake, client));
}

static void test_a_client_that_sends_no_more_ends_after_its_last_answer(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");

    fake_say(fake, client, "Action: CoreStatus\r\nActionID: a\r\n\r\n");
    fake_hang_up(fake, client);
    assert_non_null(fake_session(fake, client)); // its answer has not come
    fake_deliver(fake, "Response: Success\r\n\r\n", fake->asks[0], ENTRY_ANSWER, true);
    assert_null(fake_session(fake, client));
    assert_string_equal(fake_read(fake, client), "Response: Success\r\nActionID: a\r\n\r\n(end)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_the_backlog_is_counted_until_it_is_read),
        FAKE_TEST(test_who_reads_nothing_for_a_second_lags),
        FAKE_TEST(test_past_the_limit_the_slow_client_rule_holds),
        FAKE_TEST(test_who_finishes_is_sent_everything_first),
        FAKE_TEST(test_a_client_that_sends_no_more_ends_after_its_last_answer),
    };
    memset(bytes, 'x', sizeof bytes);
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
