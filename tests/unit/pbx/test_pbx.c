// tests/unit/pbx/test_pbx.c: what events do to the figures of channels and calls; strange events do nothing.
#include "pbx/pbx.h"

#include "ami/parser.h"
#include "unit/test.h"

#include <stdio.h>
#include <string.h>

static struct pbx_server_figures seen;
static unsigned servers;

static void on_server(void *context, const struct pbx_server_figures *figures)
{
    (void)context;
    seen = *figures;
    servers++;
}

static void see(struct pbx *pbx, uint64_t now_ms, const char *name, const char *headers)
{
    struct message_builder builder;
    struct message *message;
    char copy[512];

    message_builder_init(&builder);
    message_addf(&builder, "Event", "%s", name);
    snprintf(copy, sizeof copy, "%s", headers);
    for (char *rest = copy, *pair; (pair = strsep(&rest, ";")) != NULL;) {
        char *value = strchr(pair, '=');
        *value++ = '\0';
        message_addf(&builder, pair, "%s", value);
    }
    message_addf(&builder, "Server", "pbx1");
    message = message_build(&builder);
    pbx_see(pbx, message, now_ms);
    message_unref(message);
}

static void look(struct pbx *pbx)
{
    servers = 0;
    pbx_each(pbx, 100000, on_server, NULL, NULL);
    assert_int_equal(servers, 1);
}

static void test_calls_end_with_their_last_channel(void **state)
{
    struct pbx *pbx = pbx_create();

    (void)state;
    see(pbx, 1000, "Newchannel", "Uniqueid=1;Linkedid=1;ChannelState=4");
    see(pbx, 2000, "Newchannel", "Uniqueid=2;Linkedid=1;ChannelState=5");
    see(pbx, 2000, "Newchannel", "Uniqueid=2;Linkedid=1;ChannelState=5"); // again: the same
    look(pbx);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.channels[4], 1);
    assert_int_equal(seen.channels[5], 1);
    see(pbx, 3000, "Hangup", "Uniqueid=1;Linkedid=1");
    look(pbx);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.calls_ended, 0);
    see(pbx, 5000, "Hangup", "Uniqueid=2;Linkedid=1");
    see(pbx, 5000, "Hangup", "Uniqueid=2;Linkedid=1"); // again: nothing
    look(pbx);
    assert_int_equal(seen.calls, 0);
    assert_int_equal(seen.calls_ended, 1);
    assert_true(seen.call_s > 3.99 && seen.call_s < 4.01);
    pbx_destroy(pbx);
}

static void test_strange_events_do_nothing(void **state)
{
    struct pbx *pbx = pbx_create();

    (void)state;
    see(pbx, 1000, "Newchannel", "Uniqueid=;ChannelState=6");
    see(pbx, 1000, "Newstate", "Uniqueid=9;ChannelState=6"); // of a channel that nobody has seen
    see(pbx, 1000, "Hangup", "Uniqueid=9");
    see(pbx, 1000, "QueueCallerJoin", "Queue=;Uniqueid=1");
    see(pbx, 1000, "Newchannel", "Uniqueid=1;ChannelState=10"); // no such state
    see(pbx, 1000, "Newstate", "Uniqueid=1;ChannelState=99999999999999999999");
    look(pbx);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.channels[0], 1);
    pbx_forget(pbx);
    look(pbx);
    assert_int_equal(seen.calls + seen.channels[0] + seen.calls_ended, 0);
    pbx_destroy(pbx);
}

/** A Hangup may be among what was missed: a channel would stay for ever. */
static void test_levels_begin_anew_when_events_were_missed(void **state)
{
    static const char *const names[] = {"EventsSkipped", "ServerDown"};
    struct pbx *pbx = pbx_create();

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        see(pbx, 1000, "Newchannel", "Uniqueid=1;Linkedid=1;ChannelState=6");
        see(pbx, 2000, "Newchannel", "Uniqueid=2;Linkedid=2;ChannelState=6");
        see(pbx, 3000, "Hangup", "Uniqueid=2");
        see(pbx, 4000, names[i], "Dropped=1");
        look(pbx);
        assert_int_equal(seen.calls, 0);
        assert_int_equal(seen.channels[6], 0);
        assert_int_equal(seen.calls_ended, i + 1); // a total
    }
    pbx_destroy(pbx);
}

static void test_channels_are_bounded(void **state)
{
    struct pbx *pbx = pbx_create();
    char headers[64];

    (void)state;
    for (unsigned i = 0; i < PBX_CHANNELS + 10; i++) {
        snprintf(headers, sizeof headers, "Uniqueid=%u;ChannelState=6", i);
        see(pbx, 1000, "Newchannel", headers);
    }
    look(pbx);
    assert_int_equal(seen.channels[6], PBX_CHANNELS);
    assert_int_equal(seen.calls, PBX_CHANNELS);
    pbx_destroy(pbx);
}

static unsigned queues;
static struct pbx_queue_figures last_queue;

static void on_queue(void *context, const char *server, const struct pbx_queue_figures *figures)
{
    (void)context;
    (void)server;
    last_queue = *figures;
    queues++;
}

static void test_queues_are_bounded(void **state)
{
    struct pbx *pbx = pbx_create();
    char headers[64];

    (void)state;
    for (unsigned i = 0; i < PBX_QUEUES + 10; i++) {
        snprintf(headers, sizeof headers, "Queue=q%u;Uniqueid=%u;Position=1", i, i);
        see(pbx, 1000, "QueueCallerJoin", headers);
    }
    queues = 0;
    pbx_each(pbx, 1000, NULL, on_queue, NULL);
    assert_int_equal(queues, PBX_QUEUES);
    pbx_destroy(pbx);
}

static void test_members_and_callers_are_bounded(void **state)
{
    struct pbx *pbx = pbx_create();
    char headers[64];

    (void)state;
    for (unsigned i = 0; i < PBX_QUEUE_ITEMS + 10; i++) {
        snprintf(headers, sizeof headers, "Queue=q;Uniqueid=%u;Position=1", i);
        see(pbx, 1000, "QueueCallerJoin", headers);
        snprintf(headers, sizeof headers, "Queue=q;Interface=PJSIP/%u;Status=1;Paused=0", i);
        see(pbx, 1000, "QueueMemberAdded", headers);
    }
    pbx_each(pbx, 1000, NULL, on_queue, NULL);
    assert_int_equal(last_queue.waiting, PBX_QUEUE_ITEMS);
    assert_int_equal(last_queue.members[1], PBX_QUEUE_ITEMS);
    pbx_destroy(pbx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_end_with_their_last_channel),
        cmocka_unit_test(test_strange_events_do_nothing),
        cmocka_unit_test(test_levels_begin_anew_when_events_were_missed),
        cmocka_unit_test(test_channels_are_bounded),
        cmocka_unit_test(test_queues_are_bounded),
        cmocka_unit_test(test_members_and_callers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
