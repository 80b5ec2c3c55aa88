// tests/unit/server/test_send.c: an action is written at once, or waits.
#include "unit/server/fake.h"

static void send_action(struct fake *fake, const char *action, bool slow)
{
    struct ask *ask = fake_ask(action, 1);

    ask->slow = slow;
    server_send(&fake->server[0], ask, NULL);
    ask_unref(ask);
}

static void test_it_is_written_at_once_on_a_free_lane(void **state)
{
    struct fake *fake = *state;
    uint64_t now = clock_ms();

    send_action(fake, "CoreStatus", false);
    struct exchange *exchange = fake_last(&fake->server[0]);
    assert_int_equal(fake->server[0].queue.count, 0);
    assert_int_equal(exchange->state, EXCHANGE_WAITING);
    assert_true(exchange->deadline_ms >= now + 60000);
    assert_non_null(memmem(MAIN(&fake->server[0])->out.bytes, MAIN(&fake->server[0])->out.length, exchange->id,
                           exchange->id_length));
    assert_int_equal(metric_get(&fake->metrics[0].actions), 1);
}

/** What leaves together has one time, which is never that of an earlier turn. */
static void test_i15_time_of_actions_that_leave_together(void **state)
{
    struct fake *fake = *state;
    uint64_t before = clock_us();

    send_action(fake, "CoreStatus", false);
    uint64_t first = fake_last(&fake->server[0])->sent_us;
    send_action(fake, "CoreStatus", false);
    assert_true(first >= before);
    assert_true(fake_last(&fake->server[0])->sent_us == first);
    servers_flush(&fake->servers);
    server_want_flush(&fake->server[0]); // for what is no action of a client
    uint64_t behind = clock_us();
    send_action(fake, "CoreStatus", false);
    assert_true(fake_last(&fake->server[0])->sent_us >= behind);
}

static void test_it_waits_behind_a_blocking_action(void **state)
{
    struct fake *fake = *state;

    send_action(fake, "Command", true); // with one lane it goes to the main one
    struct exchange *blocker = fake_last(&fake->server[0]);
    assert_true(lane_is_blocked(MAIN(&fake->server[0])));
    send_action(fake, "CoreStatus", false);
    assert_int_equal(fake->server[0].queue.count, 1);
    assert_ptr_equal(fake_last(&fake->server[0]), blocker);
    fake_say(&fake->server[0], blocker, "Response: Success", "Output: done\r\n");
    servers_flush(&fake->servers);
    assert_int_equal(fake->server[0].queue.count, 0);
    assert_ptr_not_equal(fake_last(&fake->server[0]), blocker);
    assert_int_equal(fake_last(&fake->server[0])->state, EXCHANGE_WAITING);
}

static void test_nothing_is_sent_while_the_proxy_ends(void **state)
{
    struct fake *fake = *state;

    send_action(fake, "Command", true);
    fake->servers.stopping = true;
    send_action(fake, "CoreStatus", false);
    assert_int_equal(fake->count, 1);
    fake_check(fake, 0, "Message", "The proxy is going down; the action was not sent");
    assert_true(fake->parts[0].final && fake->parts[0].reason == AMP_REASON_NO_SERVER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_is_written_at_once_on_a_free_lane),
        TEST(test_i15_time_of_actions_that_leave_together),
        TEST(test_it_waits_behind_a_blocking_action),
        TEST(test_nothing_is_sent_while_the_proxy_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
