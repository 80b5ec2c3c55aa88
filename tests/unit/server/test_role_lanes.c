// tests/unit/server/test_role_lanes.c: how long a node keeps its lanes to a server that another node owns from now on.
#include "unit/server/role_scene.h"

/** The late answer to an Originate of that ActionID. */
static void say_end_of_call(struct server *server, const char *id)
{
    char text[256];

    snprintf(text, sizeof text,
             "Event: OriginateResponse\r\nPrivilege: call,all\r\nActionID: %s\r\nResponse: Success\r\n\r\n", id);
    fake_say_raw(server, text);
}

static void test_i17_the_lanes_close_when_all_is_answered(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    struct ask *ask = fake_ask("CoreStatus", 1);

    own(server);
    server_send(server, ask, NULL);
    role_leave(server, false);
    role_tick(server, server->role->left_ms + 6000);
    assert_int_equal(MAIN(server)->state, LANE_UP);
    fake_say(server, fake_last(server), "Response: Success", "");
    assert_int_equal(fake->count, 1);
    assert_true(fake->parts[0].final && fake->parts[0].reason == AMP_REASON_NONE);
    role_tick(server, server->role->left_ms + 1000); // something late may come
    assert_int_equal(MAIN(server)->state, LANE_UP);
    role_tick(server, server->role->left_ms + 6000);
    assert_int_equal(MAIN(server)->state, LANE_CLOSED);
    assert_int_equal(server->role->state, ROLE_REMOTE);
    assert_int_equal(fake->count, 1);
    ask_unref(ask);
}

/** Makes an ask for a call whose end comes as an OriginateResponse. */
static struct ask *ask_call(void)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Action", "Originate");
    message_addf(&builder, "Channel", "Local/1@x");
    message_addf(&builder, "Async", "true");
    struct message *message = message_build(&builder);
    struct ask *ask = ask_create(message, NULL);
    ask->write = UINT32_MAX;
    message_unref(message);
    return ask;
}

static void test_i17_the_lanes_stay_for_the_end_of_a_call(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    struct ask *ask = ask_call();
    char id[80];

    own(server);
    server_send(server, ask, NULL);
    snprintf(id, sizeof id, "%s", fake_last(server)->id);
    fake_say(server, fake_last(server), "Response: Success", "Message: Originate successfully queued\r\n");
    fake_forget(fake);
    role_leave(server, false);
    role_tick(server, server->role->left_ms + 30000);
    assert_int_equal(MAIN(server)->state, LANE_UP);
    say_end_of_call(server, id);
    assert_int_equal(fake->count, 1);
    assert_ptr_equal(fake->parts[0].ask, ask);
    role_tick(server, server->role->left_ms + 30000);
    assert_int_equal(MAIN(server)->state, LANE_CLOSED);
    ask_unref(ask);
}

/** A node that drains waits for the calls of other nodes: its own clients are gone. */
static void test_i17_whose_calls_are_to_come(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    struct ask *ask = ask_call();

    own(server);
    server_send(server, ask, NULL);
    assert_false(server_awaits_calls(server)); // its answer is
    fake_say(server, fake_last(server), "Response: Success", "");
    assert_true(server_awaits_calls(server));
    assert_false(servers_await_calls(&fake->servers));
    ask->of_bus = true;
    assert_true(servers_await_calls(&fake->servers));
    say_end_of_call(server, fake_last(server)->id);
    assert_false(servers_await_calls(&fake->servers));
    assert_false(server_awaits_calls(server));
    ask->of_bus = false;
    ask_unref(ask);
}

static void test_the_lanes_do_not_stay_for_calls_of_other_servers(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0], *other = &fake->server[1];
    struct ask *ask = ask_call();

    own(server);
    server_send(other, ask, NULL);
    fake_say(other, fake_last(other), "Response: Success", "");
    assert_true(server_awaits_calls(other));
    role_leave(server, false);
    role_tick(server, server->role->left_ms + 6000);
    assert_int_equal(MAIN(server)->state, LANE_CLOSED);
    ask_unref(ask);
}

static void test_i17_the_end_of_a_call_is_not_awaited_for_ever(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    struct ask *ask = ask_call();

    own(server);
    server_send(server, ask, NULL);
    fake_say(server, fake_last(server), "Response: Success", "");
    role_leave(server, false);
    role_tick(server, server->role->left_ms + 59000);
    assert_int_equal(MAIN(server)->state, LANE_UP);
    role_tick(server, server->role->left_ms + 60000);
    assert_int_equal(MAIN(server)->state, LANE_CLOSED);
    ask_unref(ask);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_the_lanes_close_when_all_is_answered),
        TEST(test_i17_the_lanes_stay_for_the_end_of_a_call),
        TEST(test_i17_whose_calls_are_to_come),
        TEST(test_the_lanes_do_not_stay_for_calls_of_other_servers),
        TEST(test_i17_the_end_of_a_call_is_not_awaited_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
