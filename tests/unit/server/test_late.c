// tests/unit/server/test_late.c: messages that may still arrive for an exchange whose answer is complete.
#include "server/late.h"

#include "unit/ami/parse.h"
#include "unit/server/fake.h"

static struct exchange *answered(struct fake *fake, const char *action)
{
    struct ask *ask = fake_ask(action, 1);
    struct exchange *exchange = exchange_create(&fake->servers.exchanges, ask, PURPOSE_ASK);

    exchange->info = catalogue_find(span_of(action));
    ask_unref(ask);
    return exchange;
}

static void test_most_actions_are_answered_once(void **state)
{
    struct exchange *exchange = answered(*state, "CoreStatus");
    struct message *response = parse_one("Response: Success\r\nX: y\r\n\r\n");

    late_begin(exchange);
    assert_true(late_is_over(exchange));
    assert_false(late_takes(exchange, response));
    message_unref(response);
}

static void test_an_action_with_a_second_response_gets_one(void **state)
{
    struct exchange *exchange = answered(*state, "JabberSend");
    struct message *response = parse_one("Response: Success\r\nX: y\r\n\r\n");
    struct message *event = parse_one("Event: X\r\nY: z\r\n\r\n");

    late_begin(exchange);
    assert_false(late_is_over(exchange));
    assert_false(late_takes(exchange, event));
    assert_true(late_takes(exchange, response));
    assert_true(late_is_over(exchange));
    assert_false(late_takes(exchange, response));
    message_unref(response);
    message_unref(event);
}

static void test_the_end_of_a_list_ends_what_may_come(void **state)
{
    struct exchange *exchange = answered(*state, "QueueStatus");
    struct message *item = parse_one("Event: QueueParams\r\nQueue: q\r\n\r\n");
    struct message *end = parse_one("Event: QueueStatusComplete\r\nX: y\r\n\r\n");

    late_begin(exchange); // an old server's list: no EventList told that it began
    assert_true(late_takes(exchange, item));
    assert_true(late_takes(exchange, item));
    assert_true(late_takes(exchange, end));
    assert_false(late_takes(exchange, item));
    assert_true(late_is_over(exchange));
    message_unref(item);
    message_unref(end);
}

static void test_an_originate_waits_for_how_it_went(void **state)
{
    struct exchange *exchange = answered(*state, "Originate");

    exchange->async = true;
    late_begin(exchange);
    assert_false(late_is_over(exchange));
    exchange->originated = true;
    assert_true(late_is_over(exchange));
}

static void test_an_event_that_was_raised_is_not_waited_for(void **state)
{
    struct exchange *first = answered(*state, "UserEvent"), *second = answered(*state, "UserEvent");

    late_begin(first);
    assert_false(late_is_over(first));
    late_note_raised(first);
    assert_true(late_is_over(first));
    late_note_raised(second); // before its response
    late_begin(second);
    assert_true(late_is_over(second));
}

static void test_an_unknown_action_may_raise_events_at_any_time(void **state)
{
    struct exchange *exchange = answered(*state, "VendorAction");

    assert_null(exchange->info);
    late_begin(exchange);
    late_note_raised(exchange);
    assert_false(late_is_over(exchange));
}

static void test_each_drop_counts_and_one_is_told(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = answered(fake, "CoreStatus");
    struct log_context log = {"server=pbx1"};

    for (int i = 0; i < 3; i++) {
        late_drop(exchange, parse_one("Response: Success\r\nX: y\r\n\r\n"), &fake->metrics[0], &log);
        assert_true(exchange->late_told);
    }
    assert_int_equal(metric_get(&fake->metrics[0].dropped[METRICS_DROP_LATE]), 3);
    late_drop_gone(&fake->servers.exchanges, parse_one("Response: Success\r\nActionID: amp7-1-x\r\n\r\n"),
                   &fake->metrics[0], &log);
    assert_int_equal(metric_get(&fake->metrics[0].dropped[METRICS_DROP_LATE]), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_most_actions_are_answered_once),
        TEST(test_an_action_with_a_second_response_gets_one),
        TEST(test_the_end_of_a_list_ends_what_may_come),
        TEST(test_an_originate_waits_for_how_it_went),
        TEST(test_an_event_that_was_raised_is_not_waited_for),
        TEST(test_an_unknown_action_may_raise_events_at_any_time),
        TEST(test_each_drop_counts_and_one_is_told),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
