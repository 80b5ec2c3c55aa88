// tests/unit/session/delivery/test_give.c: a message for one session alone.
#include "session/delivery/give.h"

#include "unit/session/fake_format.h"
#include "unit/session/fake_session.h"

#define HANGUP "Event: Hangup\r\nPrivilege: call,all\r\n\r\n"

static uint64_t answers_of(const struct fake *fake, enum amp_reason reason)
{
    return metric_get(&fake->sessions->metrics->actions[reason]);
}

static void test_it_is_sent_to_this_one_in_its_format(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "on"), other = fake_login(fake, "anna", "on");

    fake_session(fake, client)->format.output = &fake_good;
    session_give(fake_session(fake, client), parse_one(HANGUP), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
    assert_string_equal(fake_read(fake, client), "<2>");
    assert_string_equal(fake_read(fake, other), "");
    assert_null(fake->sessions->encoded); // the message is not kept
}

static void test_only_the_last_part_of_an_answer_is_counted(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "off"));
    uint64_t none = answers_of(fake, AMP_REASON_NONE), denied = answers_of(fake, AMP_REASON_DENIED);

    session_give(session, parse_one("Response: Success\r\n\r\n"), AMP_DELIVERY_ANSWER, false, AMP_REASON_NONE);
    session_give(session, parse_one("Response: Success\r\n\r\n"), AMP_DELIVERY_LATE, true, AMP_REASON_NONE);
    assert_int_equal(answers_of(fake, AMP_REASON_NONE), none);
    session_send(session, parse_one("Response: Success\r\n\r\n"));
    assert_int_equal(answers_of(fake, AMP_REASON_NONE), none + 1);
    session_give(session, parse_one("Response: Error\r\n\r\n"), AMP_DELIVERY_ANSWER, true, AMP_REASON_DENIED);
    assert_int_equal(answers_of(fake, AMP_REASON_DENIED), denied + 1);
}

static void test_events_are_counted_by_format(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "off"));
    const struct metric *events = &fake->sessions->metrics->events[0];

    session_give(session, parse_one(HANGUP), AMP_DELIVERY_EVENT, false, AMP_REASON_NONE);
    assert_int_equal(metric_get(events), 1);
    session_give(session, parse_one(HANGUP), AMP_DELIVERY_NOTICE, false, AMP_REASON_NONE);
    assert_int_equal(metric_get(events), 1);
}

static void test_a_session_without_a_format_is_sent_nothing(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_connect(fake);
    struct session *session = fake_session(fake, client);
    const struct amp_plugin *input = session->format.input;

    fake_read(fake, client);
    session->format.input = NULL; // what it speaks is not known yet
    session_give(session, parse_one(HANGUP), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
    session->format.input = input;
    assert_string_equal(fake_read(fake, client), "");
}

static void test_a_format_that_fails_ends_the_session(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off"), other = fake_login(fake, "anna", "off");

    fake_session(fake, client)->format.output = &fake_bad;
    session_give(fake_session(fake, client), parse_one(HANGUP), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
    assert_null(fake_session(fake, client));
    assert_string_equal(fake_read(fake, client), "(end)"); // and nothing of the half that it wrote
    assert_non_null(fake_session(fake, other));
}

static int protocol_messages;

static void count_message(void *state, const struct amp_message *message, const struct amp_delivery *delivery)
{
    (void)state, (void)message, (void)delivery;
    protocol_messages++;
}

static void test_a_session_that_has_ended_is_given_nothing(void **state)
{
    static const struct amp_protocol protocol = {.size = sizeof protocol, .message = count_message};
    static const struct amp_plugin counting = {.size = sizeof counting, .name = "counting", .protocol = &protocol};
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "off"));
    struct session_format format = session->format;
    uint64_t events = metric_get(&fake->sessions->metrics->events[0]);

    session->format.input = &counting;
    session->format.protocol = &protocol_messages;
    session_give(session, parse_one(HANGUP), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
    assert_int_equal(protocol_messages, 1);
    session_end(session, END_BY_OPERATOR); // as one of several messages may do
    session_give(session, parse_one(HANGUP), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
    assert_int_equal(protocol_messages, 1);
    session->format = format;
    session_give(session, parse_one(HANGUP), AMP_DELIVERY_EVENT, false, AMP_REASON_NONE);
    assert_int_equal(metric_get(&fake->sessions->metrics->events[0]), events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_it_is_sent_to_this_one_in_its_format),
        FAKE_TEST(test_only_the_last_part_of_an_answer_is_counted),
        FAKE_TEST(test_events_are_counted_by_format),
        FAKE_TEST(test_a_session_without_a_format_is_sent_nothing),
        FAKE_TEST(test_a_format_that_fails_ends_the_session),
        FAKE_TEST(test_a_session_that_has_ended_is_given_nothing),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
