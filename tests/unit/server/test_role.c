// tests/unit/server/test_role.c: a server changes hands: what clients get of two streams that have the same events.
#include "unit/server/role_scene.h"

static void own_event(struct server *server, const char *name)
{
    char text[128];

    snprintf(text, sizeof text, "Event: %s\r\nPrivilege: call,all\r\n\r\n", name);
    fake_say_raw(server, text);
}

static struct message *event_of(const char *name)
{
    struct parser *parser = parser_create("pbx1");
    char text[128];
    size_t room, length = (size_t)snprintf(text, sizeof text, "Event: %s\r\nPrivilege: call,all\r\n\r\n", name);

    memcpy(parser_reserve(parser, length, &room), text, length);
    parser_commit(parser, length);
    struct message *message = parser_next(parser);
    parser_destroy(parser);
    return message;
}

static void bus_event(struct server *server, const char *name)
{
    remote_take_event(server, event_of(name));
}

/** Checks the names of what clients have got, and forgets it. */
static void assert_got(struct fake *fake, const char *wanted)
{
    char got[512] = "";

    for (size_t i = 0; i < fake->count; i++) {
        struct span name = message_name(fake->parts[i].message);
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s", i > 0 ? " " : "", (int)name.length, name.bytes);
    }
    assert_string_equal(got, wanted);
    fake_forget(fake);
}

static void say_up(struct server *server)
{
    struct remote_facts facts = {.node = "n2", .up = true, .banner = "x", .address = "y"};

    remote_take_facts(server, &facts);
}

/** This node owns the server, and its lane is up. */
/** The own lane of a server that another node owns is up, too. */
static void stand_by(struct fake *fake)
{
    struct server *server = &fake->server[0];

    say_up(server);
    role_stand_by(server);
    server->state = SERVER_UP;
    assert_got(fake, "ServerUp");
}

static void test_i17_a_standby_goes_on_where_the_owner_ended(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];

    stand_by(fake);
    own_event(server, "A");
    bus_event(server, "A");
    bus_event(server, "B"); // sooner than on the own lane
    own_event(server, "C");
    own_event(server, "D");
    own_event(server, "FullyBooted"); // of its own login
    bus_event(server, "C");
    assert_got(fake, "A B C");
    role_own(server); // the owner is dead
    assert_got(fake, "D");
    assert_int_equal(offered, 1);
    own_event(server, "B"); // given before
    own_event(server, "B"); // another one
    assert_got(fake, "B");
    assert_int_equal(offered, 2);
}

static void test_i17_an_owner_that_yields_gives_each_event_once(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];

    own(server);
    own_event(server, "A");
    role_yield(server);
    remote_hold_event(server, event_of("A"), false); // from before
    own_event(server, "B");
    own_event(server, "C");
    remote_hold_event(server, event_of("B"), true);
    remote_hold_event(server, event_of("D"), true); // the own lane has it after the end
    assert_got(fake, "A B C");
    role_leave(server, false);
    assert_got(fake, "D");
    own_event(server, "D");
    own_event(server, "E");
    assert_got(fake, "");
    bus_event(server, "C"); // the own lane had it
    bus_event(server, "E");
    assert_got(fake, "E");
    assert_true(server_serves(server)); // nobody was told of anything
}

static void test_i17_who_stays_connected_may_own_it_again(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];

    own(server);
    role_yield(server);
    own_event(server, "A");
    role_leave(server, true);
    bus_event(server, "A");
    own_event(server, "B");
    assert_got(fake, "A");
    offered = 0; // numbers begin anew
    role_own(server);
    assert_got(fake, "B");
}

/** The heir ends before it has published anything: what the own lane heard meanwhile was not given, and is told. */
static void test_i17_what_an_heir_never_gave_is_told(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    struct span dropped;

    own(server);
    role_leave(server, false);
    own_event(server, "A");
    own_event(server, "FullyBooted"); // of its own login
    own_event(server, "B");
    role_own(server);
    assert_int_equal(fake->count, 1);
    fake_check(fake, 0, "Event", "EventsSkipped");
    assert_true(message_find(fake->parts[0].message, "Dropped", &dropped) && span_is(dropped, "2"));
    fake_forget(fake);
    own_event(server, "C");
    assert_got(fake, "C");
}

static void test_i17_what_an_heir_gave_before_its_end_is_not_told_as_lost(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];

    own(server);
    role_leave(server, false);
    own_event(server, "A");
    bus_event(server, "A");
    assert_got(fake, "A");
    role_own(server);
    assert_got(fake, "");
}

/** Nobody knows where the next stream begins: only what is young may be in both. */
static void test_i17_the_latest_events_of_the_last_stream_are_left_out(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    struct offer *offer = &server->role->offer;

    say_up(server);
    bus_event(server, "Old");
    bus_event(server, "Young");
    assert_got(fake, "ServerUp Old Young");
    offer->ring[offer->at].came_ms -= ROLE_OVERLAP_MS + 1000;
    role_leave_out_latest(server);
    bus_event(server, "Old"); // one with the same text, as it happens
    bus_event(server, "Young");
    assert_got(fake, "Old");
    bus_event(server, "Young"); // it was in both once
    assert_got(fake, "Young");
}

static void test_i17_a_fence_is_a_ping(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];

    own(server);
    assert_true(role_fence(server));
    assert_int_equal(fenced, 0);
    fake_say(server, fake_last(server), "Response: Success", "Ping: Pong\r\n");
    assert_int_equal(fenced, 1);
    lane_close(MAIN(server));
    assert_false(role_fence(server));
}

static void test_i17_an_action_of_another_node_is_executed_in_passing(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    struct ask *ask = fake_ask("CoreStatus", 1);

    stand_by(fake);
    ask->of_bus = true;
    server_send(server, ask, NULL);
    assert_non_null(fake_last(server)); // on the own lane, which is up
    ask_unref(ask);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_a_standby_goes_on_where_the_owner_ended),
        TEST(test_i17_an_owner_that_yields_gives_each_event_once),
        TEST(test_i17_who_stays_connected_may_own_it_again),
        TEST(test_i17_what_an_heir_never_gave_is_told),
        TEST(test_i17_what_an_heir_gave_before_its_end_is_not_told_as_lost),
        TEST(test_i17_the_latest_events_of_the_last_stream_are_left_out),
        TEST(test_i17_a_fence_is_a_ping),
        TEST(test_i17_an_action_of_another_node_is_executed_in_passing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
