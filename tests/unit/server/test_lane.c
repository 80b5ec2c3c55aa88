// tests/unit/server/test_lane.c: the unwritten bytes of a lane use no more memory than their length.
#include "server/server.h"

#include "base/memory.h"
#include "unit/test.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BEHIND ((size_t)256 * 1024) // the peer always lags by more than this
#define TOTAL ((size_t)64 << 20)

static void on_transport(struct transport *transport, enum transport_event event, void *context)
{
    (void)transport;
    if (event == TRANSPORT_WRITABLE)
        lane_flush(context);
}

static struct message *action_of(size_t bytes)
{
    struct message_builder builder;
    char value[1000];

    memset(value, 'v', sizeof value);
    message_builder_init(&builder);
    message_addf(&builder, "Action", "UserEvent");
    for (size_t i = 0; i < bytes / sizeof value; i++)
        message_addf(&builder, "Value", "%.990s", value);
    return message_build(&builder);
}

static void test_f58_a_peer_that_always_lags(void **state)
{
    struct metrics_server metrics = {0};
    struct server server = {.metrics = &metrics};
    struct event_base *base = event_base_new();
    struct lane *lane = &server.lanes[0];
    struct message *action = action_of(16000);
    char *sink = memory_new(BEHIND);
    size_t written = 0, read_so_far = 0;
    int ends[2];
    (void)state;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    lane_init(lane, &server, false);
    transport_init(&lane->transport, base, ends[0], on_transport, lane);
    while (written < TOTAL) {
        size_t before = lane->out.length;
        writer_wire(&lane->out, action, span_of("amp1-1.0123456789abcdef"));
        written += lane->out.length - before;
        lane_flush(lane);
        while (written - read_so_far > BEHIND) { // reads on, and always leaves something
            ssize_t count = read(ends[1], sink, 4096);
            assert_true(count > 0);
            read_so_far += (size_t)count;
            event_base_loop(base, EVLOOP_NONBLOCK);
        }
        assert_true(lane->out.length - lane->sent <= BEHIND);
        assert_true(lane->out.capacity <= 8 * BEHIND);
    }
    transport_close(&lane->transport);
    writer_buffer_fini(&lane->out);
    message_unref(action);
    close(ends[1]);
    event_base_free(base);
    free(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_f58_a_peer_that_always_lags)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
