// tests/unit/server/test_lane_tick.c: a lane's time limits and its keep-alive.
#include "unit/server/fake.h"

#define INTERVAL_MS 10000

static struct lane *at(struct fake *fake, uint64_t now)
{
    struct lane *lane = MAIN(&fake->server[0]);

    fake->described[0].ping_interval_ms = INTERVAL_MS;
    lane->heard_ms = lane->whole_ms = now;
    return lane;
}

static void test_a_silent_lane_is_pinged_once_an_interval(void **state)
{
    struct fake *fake = *state;
    uint64_t now = clock_ms();
    struct lane *lane = at(fake, now);

    lane_tick(lane, now + INTERVAL_MS - 1);
    assert_null(fake_last(&fake->server[0]));
    lane_tick(lane, now + INTERVAL_MS);
    struct exchange *ping = fake_last(&fake->server[0]);
    assert_non_null(ping);
    assert_int_equal(ping->purpose, PURPOSE_PING);
    lane_tick(lane, now + INTERVAL_MS + 200);
    assert_ptr_equal(fake_last(&fake->server[0]), ping); // one is enough
    fake_say(&fake->server[0], ping, "Response: Success", "Ping: Pong\r\n");
    assert_null(fake_last(&fake->server[0]));
    assert_int_equal(lane->state, LANE_UP);
    assert_int_equal(fake->count, 0); // it is no client's
}

static void test_three_pings_without_a_word_lose_it(void **state)
{
    struct fake *fake = *state;
    uint64_t now = clock_ms();
    struct lane *lane = at(fake, now);

    lane_tick(lane, now + INTERVAL_MS);
    assert_int_not_equal(lane->pinged_ms, 0);
    lane_tick(lane, lane->pinged_ms + 3 * INTERVAL_MS - 1);
    assert_int_equal(lane->state, LANE_UP);
    lane_tick(lane, lane->pinged_ms + 3 * INTERVAL_MS);
    assert_int_equal(lane->state, LANE_CLOSED);
}

static void test_while_asterisk_works_silence_is_normal(void **state)
{
    struct fake *fake = *state;
    uint64_t now = clock_ms();
    struct lane *lane = at(fake, now);
    struct ask *ask = fake_ask("Command", 1);

    ask->slow = true;
    server_send(&fake->server[0], ask, NULL);
    ask_unref(ask);
    struct exchange *blocker = fake_last(&fake->server[0]);
    assert_ptr_equal(lane->blocker, blocker);
    lane_tick(lane, now + INTERVAL_MS + 1);
    assert_ptr_equal(fake_last(&fake->server[0]), blocker);
    lane_tick(lane, blocker->deadline_ms + INTERVAL_MS); // its time is over: who is there?
    assert_ptr_not_equal(fake_last(&fake->server[0]), blocker);
    assert_int_equal(fake_last(&fake->server[0])->purpose, PURPOSE_PING);
}

static void test_a_state_that_lasts_too_long_ends(void **state)
{
    struct fake *fake = *state;
    uint64_t now = clock_ms();
    struct lane *lane = at(fake, now);

    lane->state = LANE_LOGIN;
    lane->deadline_ms = now + 500;
    lane_tick(lane, now + 499);
    assert_int_equal(lane->state, LANE_LOGIN);
    lane_tick(lane, now + 500);
    assert_int_equal(lane->state, LANE_CLOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_silent_lane_is_pinged_once_an_interval),
        TEST(test_three_pings_without_a_word_lose_it),
        TEST(test_while_asterisk_works_silence_is_normal),
        TEST(test_a_state_that_lasts_too_long_ends),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
