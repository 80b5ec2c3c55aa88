// tests/unit/server/test_tick.c: the next look at the time limits is at the moment when one of them ends.
#include "unit/server/fake.h"

static void test_i15_the_earliest_time_limit_is_due(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    struct ask *ask = fake_ask("CoreStatus", 1);
    uint64_t now = clock_ms();

    assert_true(servers_due(&fake->servers, now) == now + SERVERS_TICK_MS); // none ends before
    servers_ask(&fake->servers, ask);
    struct exchange *exchange = fake_last(server);
    exchange->deadline_ms = now + 70;
    assert_true(servers_due(&fake->servers, now) == now + 70);
    server->deadline_ms = now + 50;
    assert_true(servers_due(&fake->servers, now) == now + 50);
    MAIN(server)->deadline_ms = now + 30;
    assert_true(servers_due(&fake->servers, now) == now + 30);
    MAIN(server)->deadline_ms = now; // is over, and had no effect: no look after the other
    assert_true(servers_due(&fake->servers, now) == now + 50);
    server->deadline_ms = MAIN(server)->deadline_ms = 0;
    exchange->deadline_ms = EXCHANGE_FOREVER;
    assert_true(servers_due(&fake->servers, now) == now + SERVERS_TICK_MS);
    ask_unref(ask);
}

/** Exchanges that are answered and kept for what may come late can be many, each with an end of its own. */
static void test_i15_what_nobody_waits_for_is_left_to_the_regular_looks(void **state)
{
    struct fake *fake = *state;
    struct ask *ask = fake_ask("CoreStatus", 1);
    uint64_t now = clock_ms();

    servers_ask(&fake->servers, ask);
    struct exchange *exchange = fake_last(&fake->server[0]);
    exchange->deadline_ms = now + 70;
    assert_true(servers_due(&fake->servers, now) == now + 70);
    exchange_enter_until(&fake->servers.exchanges, exchange, EXCHANGE_DONE, now + 70);
    assert_true(servers_due(&fake->servers, now) == now + SERVERS_TICK_MS);
    ask_unref(ask);
}

static void test_i15_a_text_whose_end_is_doubtful_is_due(void **state)
{
    static const char text[] = "Response: Success\r\nMessage: a line\n\n"; // may go on behind the blank line
    struct fake *fake = *state;
    struct lane *lane = MAIN(&fake->server[0]);
    uint64_t now = clock_ms();
    size_t room, length = strlen(text);

    assert_true(lane_due(lane) == 0);
    memcpy(parser_reserve(lane->parser, length, &room), text, length);
    parser_commit(lane->parser, length);
    lane->heard_ms = now - 150;
    assert_null(parser_next(lane->parser));
    assert_true(lane_due(lane) == now + 50); // 200 ms of silence decide
    lane->deadline_ms = now + 40;
    assert_true(lane_due(lane) == now + 40);
}

/** No regular tick runs here: only what was found due answers the asker. */
static void test_i15_an_action_is_given_up_when_its_time_is_over(void **state)
{
    struct fake *fake = *state;
    struct ask *ask = fake_ask("CoreStatus", 1);
    uint64_t deadline;

    for (int i = 0; i < FAKE_SERVERS; i++) {
        fake->described[i].ping_interval_ms = 60000;
        MAIN(&fake->server[i])->whole_ms = clock_ms();
    }
    fake->servers.due = event_new(fake->base, -1, 0, servers_on_tick, &fake->servers);
    servers_ask(&fake->servers, ask);
    deadline = fake_last(&fake->server[0])->deadline_ms = clock_ms() + 20;
    servers_on_tick(-1, 0, &fake->servers);
    assert_int_equal(fake->count, 0);
    while (fake->count == 0)
        assert_int_equal(event_base_loop(fake->base, EVLOOP_ONCE), 0);
    assert_true(clock_ms() >= deadline);
    fake_check(fake, 0, "Message", "No answer from server pbx1 in time: the action may have been executed");
    assert_int_equal(fake->parts[0].reason, AMP_REASON_TIMEOUT);
    event_free(fake->servers.due);
    fake->servers.due = NULL;
    ask_unref(ask);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_i15_the_earliest_time_limit_is_due),
        TEST(test_i15_what_nobody_waits_for_is_left_to_the_regular_looks),
        TEST(test_i15_a_text_whose_end_is_doubtful_is_due),
        TEST(test_i15_an_action_is_given_up_when_its_time_is_over),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
