// tests/unit/server/test_queue.c: actions that wait for a lane: turns, withdrawal, time limits.
#include "unit/server/fake.h"

/** Sends an action of that session. @return its ask, which the caller owns */
static struct ask *send_action(struct fake *fake, const char *action, bool slow, uint64_t session)
{
    struct ask *ask = fake_ask(action, session);

    ask->slow = slow;
    server_send(&fake->server[0], ask, NULL);
    return ask;
}

static void test_sessions_are_served_in_turn(void **state)
{
    static const uint64_t sessions[] = {1, 1, 2}, turns[] = {1, 2, 1};
    struct fake *fake = *state;

    ask_unref(send_action(fake, "Command", true, 9));
    for (size_t i = 0; i < 3; i++)
        ask_unref(send_action(fake, "Command", true, sessions[i]));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fake->server[0].queue.count, 3 - i);
        fake_say(&fake->server[0], fake_last(&fake->server[0]), "Response: Success", "");
        servers_flush(&fake->servers);
        assert_int_equal(fake_last(&fake->server[0])->ask->session_id, turns[i]);
    }
}

static void test_what_nobody_waits_for_is_not_sent(void **state)
{
    struct fake *fake = *state;

    ask_unref(send_action(fake, "Command", true, 9));
    struct ask *ask = send_action(fake, "CoreStatus", false, 1);
    struct exchange *blocker = fake_last(&fake->server[0]);
    ask_withdraw(ask);
    ask_unref(ask);
    queue_tick(&fake->server[0]);
    assert_int_equal(fake->server[0].queue.count, 0);
    assert_int_equal(fake->count, 1);
    assert_true(fake->parts[0].final && fake->parts[0].reason == AMP_REASON_TIMEOUT);
    assert_int_equal(metric_get(&fake->metrics[0].not_sent), 1);
    fake_say(&fake->server[0], blocker, "Response: Success", "");
    servers_flush(&fake->servers);
    assert_true(fake_last(&fake->server[0]) == blocker || fake_last(&fake->server[0]) == NULL);
}

/** The user's entry has changed: the asker gets one Error, and the server does not get the action. */
static void test_what_may_not_be_sent_any_more_is_not(void **state)
{
    struct fake *fake = *state;

    ask_unref(send_action(fake, "Command", true, 9));
    struct ask *ask = send_action(fake, "CoreStatus", false, 1);
    ask_deny(ask);
    fake_say(&fake->server[0], fake_last(&fake->server[0]), "Response: Success", "");
    assert_int_equal(fake->count, 1);
    servers_flush(&fake->servers); // its lane is free now
    assert_int_equal(fake->server[0].queue.count, 1);
    queue_tick(&fake->server[0]);
    assert_int_equal(fake->server[0].queue.count, 0);
    assert_int_equal(fake->count, 2);
    fake_check(fake, 1, "Message", QUEUE_DENIED);
    assert_true(fake->parts[1].final && fake->parts[1].reason == AMP_REASON_DENIED);
    servers_ask(&fake->servers, ask); // the same while it was on its way to here
    assert_int_equal(fake->count, 3);
    fake_check(fake, 2, "Message", QUEUE_DENIED);
    ask_unref(ask);
}

static void test_waiting_has_its_own_time_limit(void **state)
{
    struct fake *fake = *state;
    uint64_t before = clock_ms();

    fake->config.limits.queue_timeout_ms = 7000;
    ask_unref(send_action(fake, "Command", true, 9));
    ask_unref(send_action(fake, "CoreStatus", false, 1));
    struct exchange *waiting = queue_first(&fake->server[0].queue);
    assert_int_equal(waiting->state, EXCHANGE_UNSENT);
    assert_true(waiting->deadline_ms >= before + 7000 && waiting->deadline_ms <= clock_ms() + 7000);
    queue_expire(waiting);
    assert_int_equal(fake->count, 1);
    assert_true(fake->parts[0].final && fake->parts[0].reason == AMP_REASON_TOO_MANY);
    assert_int_equal(fake->server[0].queue.count, 0);
    assert_int_equal(fake->server[0].queue.for_main, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sessions_are_served_in_turn),
        TEST(test_what_nobody_waits_for_is_not_sent),
        TEST(test_what_may_not_be_sent_any_more_is_not),
        TEST(test_waiting_has_its_own_time_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
