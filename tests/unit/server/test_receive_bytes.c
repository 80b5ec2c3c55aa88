// tests/unit/server/test_receive_bytes.c: bytes of a lane become messages, within their limits.
#include "server/receive.h"

#include "server/lane_inside.h"
#include "unit/server/fake.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void receive(struct lane *lane, const char *bytes, size_t length)
{
    size_t room;

    lane->heard_ms = clock_ms();
    memcpy(parser_reserve(lane->parser, length, &room), bytes, length);
    parser_commit(lane->parser, length);
}

#define HANGUP "Event: Hangup\r\nPrivilege: call,all\r\n\r\n"

static void test_whole_messages_are_taken_and_the_rest_waits(void **state)
{
    struct fake *fake = *state;
    struct lane *lane = MAIN(&fake->server[0]);

    receive(lane, HANGUP HANGUP "Event: Han", strlen(HANGUP HANGUP "Event: Han"));
    assert_true(receive_messages(lane));
    assert_int_equal(fake->count, 2);
    receive(lane, "gup\r\nPrivilege: call,all\r\n\r\n", 28);
    assert_true(receive_messages(lane));
    assert_int_equal(fake->count, 3);
}

static size_t portion_at; // the number of messages that had come

static void on_portion(void *context)
{
    portion_at = ((const struct fake *)context)->count;
}

static void test_i15_much_is_delivered_in_portions(void **state)
{
    struct fake *fake = *state;
    struct lane *lane = MAIN(&fake->server[0]);

    fake->servers.output.portion = on_portion;
    portion_at = 0;
    for (int i = 0; i < 40; i++)
        receive(lane, HANGUP, strlen(HANGUP));
    assert_true(receive_messages(lane));
    assert_int_equal(fake->count, 40);
    assert_int_equal(portion_at, 32); // what is left is delivered at the end of the turn
    receive(lane, HANGUP, strlen(HANGUP));
    assert_true(receive_messages(lane));
    assert_int_equal(portion_at, 32); // single messages are none
}

static void test_a_message_is_a_sign_of_life(void **state)
{
    struct fake *fake = *state;
    struct lane *lane = MAIN(&fake->server[0]);

    lane->pinged_ms = 1;
    lane->seen_bytes = 5000;
    receive(lane, "Event: Han", 10);
    assert_true(receive_messages(lane));
    assert_int_equal(lane->pinged_ms, 1); // a part is none
    receive(lane, "gup\r\nPrivilege: call,all\r\n\r\n", 28);
    assert_true(receive_messages(lane));
    assert_int_equal(lane->pinged_ms, 0);
    assert_int_equal(lane->seen_bytes, 0);
    assert_int_equal(lane->whole_ms, lane->heard_ms);
}

static void test_before_the_login_few_bytes_may_come(void **state)
{
    struct fake *fake = *state;
    struct lane *lane = MAIN(&fake->server[0]);

    lane->state = LANE_CHALLENGE;
    lane->early_bytes = LANE_EARLY_BYTES;
    assert_true(receive_messages(lane));
    lane->early_bytes++;
    assert_false(receive_messages(lane));
    assert_int_equal(lane->state, LANE_CLOSED);
    assert_int_equal(metric_get(&fake->metrics[0].dropped[METRICS_DROP_TOO_LONG]), 1);
}

static void test_a_message_past_the_limit_loses_the_lane(void **state)
{
    struct fake *fake = *state;
    struct lane *lane = MAIN(&fake->server[0]);
    struct ask *ask = fake_ask("Command", 1);
    char line[1024];

    server_send(&fake->server[0], ask, NULL);
    ask_unref(ask);
    fake->config.limits.server_message_bytes = 4096;
    assert_true(receive_messages(lane)); // the limit holds from now on
    memset(line, 'x', sizeof line);
    memcpy(line, "Output: ", 8);
    memcpy(line + sizeof line - 2, "\r\n", 2);
    receive(lane, "Response: Success\r\n", 19);
    for (int i = 0; i < 16; i++)
        receive(lane, line, sizeof line);
    receive(lane, "\r\n", 2);
    assert_false(receive_messages(lane));
    assert_int_equal(lane->state, LANE_CLOSED);
    assert_true(fake->count >= 1);
    assert_true(fake->parts[0].final); // who waited is told
    assert_int_equal(fake->parts[0].reason, AMP_REASON_LOST);
}

static void ignore(struct transport *transport, enum transport_event event, void *context)
{
    (void)transport, (void)event, (void)context;
}

/** Writes as much to the peer's end of a lane as fits. */
static void write_all(int peer)
{
    static const char text[RECEIVE_BYTES] = {'x'};

    while (write(peer, text, sizeof text) > 0)
        ;
}

/** However much room the parser has, and however much waits: other servers and clients have their turn. */
static void test_i15_one_turn_reads_a_bounded_number_of_bytes(void **state)
{
    struct fake *fake = *state;
    struct lane *lane = MAIN(&fake->server[0]);
    int fds[2], most = 4 * (int)RECEIVE_BYTES, waits = 0;
    uint64_t before = 0, after;

    fake->config.limits.server_message_bytes = 16 << 20;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &most, sizeof most);
    transport_init(&lane->transport, fake->base, fds[0], ignore, NULL);
    assert_int_equal(write(fds[1], "Response: Success\r\nOutput: ", 27), 27);
    for (int turn = 0; turn < 100; turn++) {
        write_all(fds[1]);
        ioctl(fds[0], FIONREAD, &waits);
        assert_true((size_t)waits > RECEIVE_BYTES);
        receive_bytes(lane);
        after = metric_get(&fake->metrics[0].received_bytes);
        assert_true(after > before && after - before <= RECEIVE_BYTES);
        before = after;
        if (after > LANE_LINE_BYTES / 2)
            break; // the parser has room for more than a turn's bytes long since
    }
    close(fds[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_whole_messages_are_taken_and_the_rest_waits),
        TEST(test_i15_much_is_delivered_in_portions),
        TEST(test_a_message_is_a_sign_of_life),
        TEST(test_before_the_login_few_bytes_may_come),
        TEST(test_a_message_past_the_limit_loses_the_lane),
        TEST(test_i15_one_turn_reads_a_bounded_number_of_bytes),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
