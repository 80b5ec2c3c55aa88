// tests/unit/server/test_receive.c: what a message of a lane is: an answer, a part of one, or an event for everybody.
#include "unit/server/fake.h"

static struct exchange *send_action(struct fake *fake, const char *action)
{
    struct ask *ask = fake_ask(action, 1);

    server_send(&fake->server[0], ask, NULL);
    ask_unref(ask);
    return fake_last(&fake->server[0]);
}

static uint64_t dropped(const struct fake *fake, enum metrics_drop why)
{
    return metric_get(&fake->metrics[0].dropped[why]);
}

static void test_a_response_without_id_answers_the_oldest(void **state)
{
    struct fake *fake = *state;

    send_action(fake, "CoreStatus");
    send_action(fake, "CoreSettings");
    fake_say_raw(&fake->server[0], "Response: Success\r\nNumber: 1\r\n\r\n");
    fake_say_raw(&fake->server[0], "Response: Success\r\nNumber: 2\r\n\r\n");
    assert_int_equal(fake->count, 2);
    assert_true(span_is(message_name(fake->parts[0].ask->action), "CoreStatus"));
    assert_true(span_is(message_name(fake->parts[1].ask->action), "CoreSettings"));
    assert_true(fake->parts[0].final && fake->parts[1].final);
    fake_check(fake, 0, "Number", "1");
}

static void test_a_response_to_nobody_is_dropped(void **state)
{
    struct fake *fake = *state;

    send_action(fake, "CoreStatus");
    fake_say_raw(&fake->server[0], "Response: Success\r\nActionID: another's\r\n\r\n");
    assert_int_equal(fake->count, 0);
    assert_int_equal(dropped(fake, METRICS_DROP_UNASKED), 1);
    assert_int_equal(fake_last(&fake->server[0])->state, EXCHANGE_WAITING);
}

static void test_an_event_is_for_all(void **state)
{
    struct fake *fake = *state;

    send_action(fake, "CoreStatus");
    fake_say_raw(&fake->server[0], "Event: Hangup\r\nPrivilege: call,all\r\nChannel: SIP/1-1\r\n\r\n");
    assert_int_equal(fake->count, 1);
    assert_true(fake->parts[0].is_event);
    assert_null(fake->parts[0].ask);
    fake_check(fake, 0, "Server", "pbx1");
    assert_int_equal(metric_get(&fake->metrics[0].events), 1);
}

static void test_an_item_without_id_belongs_to_the_list_that_comes(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = send_action(fake, "IAXpeers");

    fake_say(&fake->server[0], exchange, "Response: Success", "EventList: start\r\n");
    fake_say_raw(&fake->server[0], "Event: PeerEntry\r\nObjectName: one\r\n\r\n");
    fake_say_raw(&fake->server[0], "Event: Hangup\r\nPrivilege: call,all\r\n\r\n"); // has a Privilege: no item
    assert_int_equal(fake->count, 3);
    assert_false(fake->parts[1].is_event);
    assert_non_null(fake->parts[1].ask);
    assert_true(fake->parts[2].is_event);
    assert_null(fake->parts[2].ask);
}

static void test_an_event_with_an_id_that_is_gone(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = send_action(fake, "UserEvent");
    char text[256], id[WRITER_ID_BYTES + 1];
    struct span found;

    memcpy(id, exchange->id, sizeof id);
    exchange_destroy(&fake->servers.exchanges, exchange);
    snprintf(text, sizeof text, "Event: QueueEntry\r\nActionID: %s\r\n\r\n", id);
    fake_say_raw(&fake->server[0], text); // an item of a list that nobody waits for
    assert_int_equal(fake->count, 0);
    assert_int_equal(dropped(fake, METRICS_DROP_LATE), 1);
    snprintf(text, sizeof text, "Event: UserEvent\r\nPrivilege: user,all\r\nActionID: %s\r\n\r\n", id);
    fake_say_raw(&fake->server[0], text); // for everybody, but without the id
    assert_int_equal(fake->count, 1);
    assert_true(fake->parts[0].is_event);
    assert_false(message_find(fake->parts[0].message, "ActionID", &found));
}

static void test_an_event_of_another_client_keeps_its_id(void **state)
{
    struct fake *fake = *state;

    fake_say_raw(&fake->server[0], "Event: UserEvent\r\nPrivilege: user,all\r\nActionID: another's\r\n\r\n");
    assert_int_equal(fake->count, 1);
    assert_true(fake->parts[0].is_event);
    fake_check(fake, 0, "ActionID", "another's");
}

static void test_what_is_neither_is_dropped(void **state)
{
    struct fake *fake = *state;

    send_action(fake, "CoreStatus");
    fake_say_raw(&fake->server[0], "What: ever\r\nX: y\r\n\r\n");
    assert_int_equal(fake->count, 0);
    assert_int_equal(dropped(fake, METRICS_DROP_SHAPELESS), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_response_without_id_answers_the_oldest),
        TEST(test_a_response_to_nobody_is_dropped),
        TEST(test_an_event_is_for_all),
        TEST(test_an_item_without_id_belongs_to_the_list_that_comes),
        TEST(test_an_event_with_an_id_that_is_gone),
        TEST(test_an_event_of_another_client_keeps_its_id),
        TEST(test_what_is_neither_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
