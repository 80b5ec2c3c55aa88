// tests/unit/server/test_answers.c: which messages answer an action, and when its answer is complete.
#include "server/answers.h"

#include "unit/server/fake.h"

/** Sends an action on the main lane. @return its exchange */
static struct exchange *send_action(struct fake *fake, const char *action)
{
    struct ask *ask = fake_ask(action, 1);

    server_send(&fake->server[0], ask, NULL);
    ask_unref(ask);
    return fake_last(&fake->server[0]);
}

static void test_one_response_is_the_whole_answer(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = send_action(fake, "CoreStatus");

    assert_int_equal(exchange->state, EXCHANGE_WAITING);
    assert_int_equal(fake->servers.exchanges.unanswered, 1);
    fake_say(&fake->server[0], exchange, "Response: Success", "CoreCurrentCalls: 1\r\n");
    assert_int_equal(fake->count, 1);
    assert_true(fake->parts[0].final && !fake->parts[0].late && fake->parts[0].reason == AMP_REASON_NONE);
    fake_check(fake, 0, "CoreCurrentCalls", "1");
    assert_int_equal(fake->servers.exchanges.count, 0); // nothing can come late
    assert_int_equal(fake->servers.exchanges.unanswered, 0);
    assert_int_equal(MAIN(&fake->server[0])->unanswered, 0);
}

static void test_a_list_ends_with_its_completion(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = send_action(fake, "QueueStatus");

    fake_say(&fake->server[0], exchange, "Response: Success", "EventList: start\r\n");
    assert_int_equal(exchange->state, EXCHANGE_LISTING);
    fake_say(&fake->server[0], exchange, "Event: QueueParams", "Queue: a\r\n");
    assert_int_equal(exchange->items, 1);
    fake_say(&fake->server[0], exchange, "Event: QueueStatusComplete", "EventList: Complete\r\nListItems: 1\r\n");
    assert_int_equal(fake->count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fake->parts[i].final, i == 2);
    assert_int_equal(fake->servers.exchanges.count, 0);
}

static void test_an_answer_is_given_once(void **state)
{
    struct fake *fake = *state;
    const struct exchange sent = *send_action(fake, "CoreStatus"); // which is freed with its answer

    fake_say(&fake->server[0], &sent, "Response: Success", "");
    fake_say(&fake->server[0], &sent, "Response: Success", "");
    assert_int_equal(fake->count, 1); // the second one is dropped and counted
    assert_int_equal(metric_get(&fake->metrics[0].dropped[METRICS_DROP_LATE]), 1);
}

static void test_an_originate_is_told_late_how_it_went(void **state)
{
    struct fake *fake = *state;
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Action", "Originate");
    message_addf(&builder, "Async", "true");
    struct message *action = message_build(&builder);
    struct ask *ask = ask_create(action, NULL);
    server_send(&fake->server[0], ask, NULL);
    ask_unref(ask);
    message_unref(action);
    struct exchange *exchange = fake_last(&fake->server[0]);
    fake_say(&fake->server[0], exchange, "Response: Success", "");
    assert_true(fake->parts[0].final);
    fake_say(&fake->server[0], exchange, "Event: OriginateResponse", "Response: Success\r\n");
    assert_int_equal(fake->count, 2);
    assert_true(fake->parts[1].late && !fake->parts[1].final);
}

static void test_a_failure_ends_each_kind_of_answer(void **state)
{
    struct fake *fake = *state;
    struct exchange *single = send_action(fake, "CoreStatus"), *list = send_action(fake, "QueueStatus");

    fake_say(&fake->server[0], list, "Response: Success", "EventList: start\r\n");
    answers_fail(&fake->servers, single, "pbx1", AMP_REASON_LOST, "it was lost");
    answers_fail(&fake->servers, list, "pbx1", AMP_REASON_LOST, "it was lost");
    assert_int_equal(fake->count, 3);
    fake_check(fake, 1, "Message", "it was lost");
    assert_true(fake->parts[1].final && fake->parts[1].reason == AMP_REASON_LOST);
    fake_check(fake, 2, "EventList", "Cancelled");
    assert_true(fake->parts[2].final);
    assert_int_equal(single->state, EXCHANGE_GIVEN_UP);
    assert_int_equal(list->state, EXCHANGE_GIVEN_UP);
    answers_fail(&fake->servers, single, "pbx1", AMP_REASON_TIMEOUT, "again"); // it has ended
    fake_say(&fake->server[0], single, "Response: Success", "");
    assert_int_equal(fake->count, 3);
    assert_int_equal(fake->servers.exchanges.unanswered, 0);
}

/** Only exchanges for which a message may still arrive stay in memory. */
static void test_i15_an_answered_action_keeps_nothing(void **state)
{
    static const struct {
        const char *action;
        size_t kept;
    } rows[] = {{"Getvar", 0},         {"Setvar", 0},    {"CoreStatus", 0}, {"JabberSend", 1},
                {"SIPqualifypeer", 1}, {"UserEvent", 1}, {"ThirdParty", 1}, {"QueueStatus", 1}};
    struct fake *fake = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct exchange *exchange = send_action(fake, rows[i].action);
        fake_say(&fake->server[0], exchange, "Response: Success", "");
        assert_int_equal(fake->servers.exchanges.count, rows[i].kept);
        if (rows[i].kept > 0)
            exchange_destroy(&fake->servers.exchanges, exchange);
    }
}

/** An event for everybody has the ActionID of the action that raised it: once. */
static void test_i15_an_action_is_kept_for_the_event_that_it_raises(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = send_action(fake, "UserEvent");

    fake_say(&fake->server[0], exchange, "Response: Success", "");
    fake_say(&fake->server[0], exchange, "Event: UserEvent", "Privilege: user,all\r\n");
    assert_int_equal(fake->servers.exchanges.count, 0);
    exchange = send_action(fake, "UserEvent");
    fake_say(&fake->server[0], exchange, "Event: UserEvent", "Privilege: user,all\r\n");
    fake_say(&fake->server[0], exchange, "Response: Success", "");
    assert_int_equal(fake->servers.exchanges.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_response_is_the_whole_answer),
        TEST(test_a_list_ends_with_its_completion),
        TEST(test_an_answer_is_given_once),
        TEST(test_an_originate_is_told_late_how_it_went),
        TEST(test_a_failure_ends_each_kind_of_answer),
        TEST(test_i15_an_answered_action_keeps_nothing),
        TEST(test_i15_an_action_is_kept_for_the_event_that_it_raises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
