// tests/unit/server/test_remote.c: a server that another node owns: actions go to the bus, what comes back is given by
// what it is told to be, and the owner's end ends every exchange once.
#include "unit/server/fake.h"

#define MOST 8

static struct {
    struct fake *fake;
    char wire[MOST][256], id[MOST][WRITER_ID_BYTES + 1];
    uint64_t numbers[MOST];
    size_t acts, withdrawn, offered, changed;
    bool denied, full;
    uint64_t number;
    uint32_t process; // that gets the actions
    char offered_id[WRITER_ID_BYTES + 1];
} bus;

static void *on_join(void *context, struct server *server)
{
    (void)context, (void)server;
    return &bus;
}

static void on_leave(void *record)
{
    assert_ptr_equal(record, &bus);
}

static uint32_t on_act(void *context, const struct remote_action *action)
{
    if (bus.full)
        return 0;
    assert_ptr_equal(context, &bus);
    assert_true(bus.acts < MOST);
    snprintf(bus.wire[bus.acts], sizeof bus.wire[0], "%.*s", (int)action->wire.length, action->wire.bytes);
    const struct exchange *exchange = exchange_find_number(&bus.fake->servers.exchanges, action->number);
    assert_non_null(exchange);
    bus.numbers[bus.acts] = action->number;
    snprintf(bus.id[bus.acts++], sizeof bus.id[0], "%s", exchange->id);
    return bus.process;
}

static void on_withdraw(void *record, uint64_t number, uint32_t process, bool denied)
{
    assert_ptr_equal(record, &bus);
    assert_int_equal(process, bus.process);
    assert_int_equal(number, bus.numbers[0]);
    bus.withdrawn++;
    bus.denied = denied;
}

static void on_offer(void *record, struct message *message, uint64_t number)
{
    struct span id = message_action_id(message);

    assert_ptr_equal(record, &bus);

    bus.offered++;
    bus.number = number;
    snprintf(bus.offered_id, sizeof bus.offered_id, "%.*s", (int)id.length, id.length > 0 ? id.bytes : "");
}

static void on_changed(void *record)
{
    assert_ptr_equal(record, &bus);
    bus.changed++;
}

static const struct servers_bus callbacks = {on_join,    on_leave,   on_act, on_withdraw, on_offer,
                                             on_changed, on_changed, NULL,   "n1",        1 << 20};

/** pbx1 has a role: another node owns it. */
static int set_up(void **state)
{
    struct fake *fake;

    fake_set_up(state);
    fake = *state;
    memset(&bus, 0, sizeof bus);
    bus.fake = fake;
    bus.process = 7;
    fake->servers.output.bus = &callbacks;
    fake->server[0].state = SERVER_DOWN;
    lane_close(MAIN(&fake->server[0]));
    role_create(&fake->server[0]);
    return 0;
}

static int tear_down(void **state)
{
    struct fake *fake = *state;

    role_destroy(&fake->server[0]);
    return fake_tear_down(state);
}

static void say_up(struct fake *fake)
{
    struct remote_facts facts = {
        .node = "n2", .up = true, .banner = "Asterisk Call Manager/5.0.2", .address = "192.0.2.1"};

    remote_take_facts(&fake->server[0], &facts);
    assert_true(server_serves(&fake->server[0]));
}

static struct message *message_of(const char *first, const char *id, const char *rest)
{
    struct parser *parser = parser_create("");
    char text[1024];
    size_t room;
    int length = id != NULL ? snprintf(text, sizeof text, "%s\r\nActionID: %s\r\n%s\r\n", first, id, rest)
                            : snprintf(text, sizeof text, "%s\r\n%s\r\n", first, rest);

    memcpy(parser_reserve(parser, (size_t)length, &room), text, (size_t)length);
    parser_commit(parser, (size_t)length);
    struct message *message = parser_next(parser);
    parser_destroy(parser);
    assert_non_null(message);
    return message;
}

static void give(struct fake *fake, const char *id, const char *first, const char *rest, bool final, bool late)
{
    struct answer_part part = {
        .message = message_of(first, id, rest), .kind = late ? ANSWER_PART_LATE : ANSWER_PART_IN_TURN, .final = final};

    remote_take_answer(&fake->servers, strtoull(id + strlen(id) - 16, NULL, 16), part, false);
}

static void send_action(struct fake *fake, const char *action)
{
    struct ask *ask = fake_ask(action, 1);

    server_send(&fake->server[0], ask, NULL);
    ask_unref(ask);
}

static void test_i17_an_action_goes_to_the_bus_and_its_answer_comes_back(void **state)
{
    struct fake *fake = *state;
    char wire[256];

    say_up(fake);
    assert_int_equal(fake->count, 1);
    fake_check(fake, 0, "Event", "ServerUp");
    send_action(fake, "CoreStatus");
    assert_int_equal(bus.acts, 1);
    snprintf(wire, sizeof wire, "Action: CoreStatus\r\nActionID: %s\r\n\r\n", bus.id[0]);
    assert_string_equal(bus.wire[0], wire);
    give(fake, bus.id[0], "Response: Success", "CoreCurrentCalls: 1\r\n", true, false);
    assert_int_equal(fake->count, 2);
    assert_true(fake->parts[1].final && !fake->parts[1].is_event);
    assert_int_equal(fake->servers.exchanges.count, 0);
    give(fake, bus.id[0], "Response: Success", "", true, false); // unknown by now: dropped
    assert_int_equal(fake->count, 2);
}

static void test_i17_the_end_of_a_list_is_told_and_not_found_out(void **state)
{
    struct fake *fake = *state;

    say_up(fake);
    send_action(fake, "QueueStatus");
    give(fake, bus.id[0], "Response: Success", "EventList: start\r\n", false, false);
    give(fake, bus.id[0], "Event: QueueStatusComplete", "EventList: Complete\r\n", false, false); // an item, as it says
    assert_int_equal(fake->servers.exchanges.unanswered, 1);
    give(fake, bus.id[0], "Event: Other", "", true, false);
    assert_int_equal(fake->count, 4);
    assert_true(fake->parts[3].final);
    assert_int_equal(fake->servers.exchanges.count, 0);
}

static void test_i17_an_originate_is_told_late_how_it_went(void **state)
{
    struct fake *fake = *state;
    struct message_builder builder;
    struct message *action;
    struct ask *ask;

    say_up(fake);
    message_builder_init(&builder);
    message_addf(&builder, "Action", "Originate");
    message_addf(&builder, "Async", "true");
    action = message_build(&builder);
    ask = ask_create(action, NULL);
    server_send(&fake->server[0], ask, NULL);
    ask_unref(ask);
    message_unref(action);
    give(fake, bus.id[0], "Response: Success", "", true, false);
    assert_int_equal(fake->servers.exchanges.count, 1);
    give(fake, bus.id[0], "Event: OriginateResponse", "Response: Success\r\n", false, true);
    assert_true(fake->parts[2].late);
    assert_int_equal(fake->servers.exchanges.count, 0);
}

static void test_i17_the_end_of_the_owner_ends_each_exchange(void **state)
{
    struct fake *fake = *state;
    struct span text;

    say_up(fake);
    send_action(fake, "CoreStatus");
    send_action(fake, "QueueStatus");
    give(fake, bus.id[1], "Response: Success", "EventList: start\r\n", false, false);
    remote_lose(&fake->server[0], "its owner n2 is gone");
    assert_int_equal(fake->servers.exchanges.count, 0);
    assert_int_equal(fake->count, 5);
    assert_true(message_find(fake->parts[2].message, "Message", &text));
    assert_true(
        span_equals(text, span_of("Server pbx1 was lost: its owner n2 is gone; the action may have been executed")));
    assert_true(fake->parts[2].final && fake->parts[2].reason == AMP_REASON_LOST);
    fake_check(fake, 3, "EventList", "Cancelled");
    fake_check(fake, 4, "Event", "ServerDown");
    fake_check(fake, 4, "Reason", "its owner n2 is gone");
    give(fake, bus.id[0], "Response: Success", "", true, false); // too late
    assert_int_equal(fake->count, 5);
}

static void test_i17_an_action_without_owner_is_refused(void **state)
{
    struct fake *fake = *state;
    struct span text;

    say_up(fake);
    send_action(fake, "CoreStatus");
    remote_refuse(&fake->servers, bus.numbers[0]);
    assert_true(message_find(fake->parts[1].message, "Message", &text));
    assert_true(span_equals(text, span_of("No node serves pbx1: the action was not sent")));
    bus.full = true;
    send_action(fake, "CoreStatus");
    assert_int_equal(fake->count, 3);
    assert_int_equal(fake->servers.exchanges.count, 0);
}

static void test_i17_the_owner_is_told_once_that_nobody_waits(void **state)
{
    struct fake *fake = *state;
    struct ask *ask = fake_ask("QueueStatus", 1);

    say_up(fake);
    server_send(&fake->server[0], ask, NULL);
    remote_tick(&fake->server[0]);
    assert_int_equal(bus.withdrawn, 0);
    ask_withdraw(ask);
    remote_tick(&fake->server[0]);
    remote_tick(&fake->server[0]);
    assert_int_equal(bus.withdrawn, 1);
    assert_false(bus.denied);
    ask_unref(ask);
}

static void test_i17_an_action_that_the_owner_does_not_know_ends(void **state)
{
    struct fake *fake = *state;
    uint64_t numbers[2];

    say_up(fake);
    send_action(fake, "QueueStatus");
    assert_int_equal(remote_list_old(&fake->server[0], 7, 1000, numbers, 2), 0);
    exchange_first(&fake->server[0].role->afar.exchanges)->sent_us -= 2000000;
    assert_int_equal(remote_list_old(&fake->server[0], 8, 1000, numbers, 2), 0); // another process did not get it
    assert_int_equal(remote_list_old(&fake->server[0], 7, 1000, numbers, 2), 1);
    assert_int_equal(numbers[0], bus.numbers[0]);
    remote_doubt(&fake->servers, numbers[0], 8); // another process cannot know
    remote_doubt(&fake->servers, numbers[0], 7);
    assert_int_equal(fake->count, 1);
    remote_doubt(&fake->servers, numbers[0], 7);
    assert_int_equal(fake->count, 2);
    assert_true(fake->parts[1].final && fake->parts[1].reason == AMP_REASON_LOST);
    assert_int_equal(fake->servers.exchanges.count, 0);
}

static bool is_gone(void *context, uint32_t process)
{
    (void)context;
    return process == 7;
}

static void test_what_a_process_that_is_gone_has_not_answered_ends(void **state)
{
    struct fake *fake = *state;

    say_up(fake);
    send_action(fake, "QueueStatus");
    bus.process = 8; // another one is asked from now on
    send_action(fake, "QueueStatus");
    remote_fail(&fake->server[0], is_gone, NULL, "its owner is gone");
    assert_int_equal(fake->servers.exchanges.count, 1);
    assert_true(fake->parts[1].final && fake->parts[1].reason == AMP_REASON_LOST);
    give(fake, bus.id[1], "Response: Success", "", true, false);
    assert_true(fake->parts[2].final && fake->parts[2].reason == AMP_REASON_NONE);
}

static void test_i17_an_event_of_the_owner_finds_its_asker(void **state)
{
    struct fake *fake = *state;

    say_up(fake);
    send_action(fake, "UserEvent");
    remote_take_event(&fake->server[0],
                      message_of("Event: UserEvent", bus.id[0], "Privilege: user,all\r\nUserEvent: a\r\n"));
    assert_true(fake->parts[1].is_event && fake->parts[1].ask != NULL);
    give(fake, bus.id[0], "Response: Success", "", true, false);
    assert_int_equal(fake->servers.exchanges.count, 0); // the event has come already
    remote_take_event(&fake->server[0],
                      message_of("Event: UserEvent", "amp1-5.0123456789abcdef", "Privilege: user,all\r\n"));
    assert_true(fake->parts[3].is_event && fake->parts[3].ask == NULL);
    assert_int_equal(message_action_id(fake->parts[3].message).length, 0);
    remote_take_event(&fake->server[0], message_of("Event: UserEvent", "other", "Privilege: user,all\r\n"));
    fake_check(fake, 4, "ActionID", "other");
}

/** pbx1 is this node's, and its lane is up. */
static void own(struct fake *fake)
{
    struct server *server = &fake->server[0];

    role_own(server);
    server->state = SERVER_UP;
    fake_open(MAIN(server));
    fake_forget(fake);
}

static void test_i17_an_owner_offers_what_it_hears(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];

    own(fake);
    fake_say_raw(server, "Event: A\r\nPrivilege: call,all\r\n\r\n");
    assert_int_equal(bus.number, 1);
    fake_say_raw(server, "Event: A\r\nPrivilege: call,all\r\nActionID: amp9-1.0123456789abcdef\r\n\r\n");
    assert_int_equal(bus.number, 2);
    assert_string_equal(bus.offered_id, "amp9-1.0123456789abcdef"); // another node may know it
    assert_int_equal(message_action_id(fake->parts[1].message).length, 0);
    assert_int_equal(fake->count, 2);
    assert_ptr_equal(offer_find(&server->role->offer, 1, NULL), fake->parts[0].message);
    assert_null(offer_find(&server->role->offer, 3, NULL));
}

static void test_i17_what_another_node_raised_has_its_id(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    struct message *action = message_of("Action: UserEvent", "amp7-1.0123456789abcdef", "UserEvent: a\r\n");
    struct ask *ask = ask_create(action, "pbx1");

    own(fake);
    ask->of_bus = true;
    server_send(server, ask, NULL);
    fake_say(server, fake_last(server), "Event: UserEvent", "Privilege: user,all\r\n");
    assert_string_equal(bus.offered_id, "amp7-1.0123456789abcdef");
    assert_ptr_equal(fake->parts[0].ask, ask);
    ask_unref(ask);
    message_unref(action);
}

static void test_i17_who_follows_again_closes_its_lanes(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];

    own(fake);
    send_action(fake, "CoreStatus");
    role_follow(server, "node n2 owns it");
    assert_false(server_serves(server));
    assert_int_equal(MAIN(server)->state, LANE_CLOSED);
    assert_int_equal(server->deadline_ms, 0); // no attempt is planned
    assert_int_equal(fake->count, 2);
    assert_int_equal(fake->parts[0].reason, AMP_REASON_LOST);
    fake_check(fake, 1, "Event", "ServerDown");
    say_up(fake);
    fake_check(fake, 2, "Event", "ServerUp");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_i17_an_action_goes_to_the_bus_and_its_answer_comes_back),
        TEST(test_i17_the_end_of_a_list_is_told_and_not_found_out),
        TEST(test_i17_an_originate_is_told_late_how_it_went),
        TEST(test_i17_the_end_of_the_owner_ends_each_exchange),
        TEST(test_i17_an_action_without_owner_is_refused),
        TEST(test_i17_the_owner_is_told_once_that_nobody_waits),
        TEST(test_i17_an_action_that_the_owner_does_not_know_ends),
        TEST(test_what_a_process_that_is_gone_has_not_answered_ends),
        TEST(test_i17_an_event_of_the_owner_finds_its_asker),
        TEST(test_i17_an_owner_offers_what_it_hears),
        TEST(test_i17_what_another_node_raised_has_its_id),
        TEST(test_i17_who_follows_again_closes_its_lanes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
