// tests/unit/server/test_items.c: which items of a list go to their asker many at once.
#include "server/items.h"

#include "server/answers.h"
#include "unit/ami/parse.h"
#include "unit/server/fake.h"

#define ITEM "Event: CoreShowChannel\r\nActionID: %s\r\nChannel: SIP/1\r\n\r\n"
#define NEWS "Event: Hangup\r\nPrivilege: call,all\r\n\r\n"
#define END "Event: CoreShowChannelsComplete\r\nActionID: %s\r\nEventList: Complete\r\nListItems: 4\r\n\r\n"

/** Sends an action whose asker takes items, and its response. @return its exchange */
static struct exchange *begin_list(struct fake *fake)
{
    struct ask *ask = fake_ask("CoreShowChannels", 1);

    ask->takes_items = true;
    server_send(&fake->server[0], ask, NULL);
    ask_unref(ask);
    struct exchange *exchange = fake_last(&fake->server[0]);
    fake_say(&fake->server[0], exchange, "Response: Success", "EventList: start\r\n");
    return exchange;
}

/** Adds a text in which each %s is the ActionID to the bytes of the lane. */
static void put(struct fake *fake, const char *id, const char *text)
{
    struct parser *parser = MAIN(&fake->server[0])->parser;

    for (const char *place; (place = strstr(text, "%s")) != NULL; text = place + 2) {
        parse_feed(parser, (struct span){text, (size_t)(place - text)});
        parse_feed(parser, span_of(id));
    }
    parse_feed(parser, span_of(text));
}

static void receive(struct fake *fake, const char *id, const char *text)
{
    put(fake, id, text);
    assert_true(receive_messages(MAIN(&fake->server[0])));
}

/** Checks how many items the parts after the response have, 0: a message. */
static void check_parts(const struct fake *fake, size_t count, const uint32_t items[])
{
    assert_int_equal(fake->count, count + 1);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fake->parts[i + 1].items, items[i]);
}

static void test_i15_items_like_the_one_before_go_at_once(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = begin_list(fake);

    receive(fake, exchange->id, ITEM ITEM ITEM);
    check_parts(fake, 2, (uint32_t[]){0, 2});
    assert_int_equal(exchange->items, 3);
    assert_int_equal(metric_get(&fake->metrics[0].events), 3);
    struct span wire = message_wire(fake->parts[2].message);
    struct span one =
        span_of("Event: CoreShowChannel\r\nChannel: SIP/1\r\nServer: pbx1\r\n\r\n"); // the asker had no id
    assert_int_equal(wire.length, 2 * one.length);
    assert_memory_equal(wire.bytes, one.bytes, one.length);
    assert_memory_equal(wire.bytes + one.length, one.bytes, one.length);
    receive(fake, exchange->id, ITEM NEWS ITEM END NEWS);
    check_parts(fake, 7, (uint32_t[]){0, 2, 1, 0, 1, 0, 0});
    assert_true(fake->parts[4].is_event && fake->parts[6].final && fake->parts[7].is_event);
    assert_int_equal(fake->servers.exchanges.count, 0);
    assert_null(MAIN(&fake->server[0])->listing.exchange);
}

static void test_i15_more_items_than_are_taken_at_once(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = begin_list(fake);

    for (int i = 0; i < 1 + 2 * PARSER_ITEMS + 5; i++)
        put(fake, exchange->id, ITEM);
    assert_true(receive_messages(MAIN(&fake->server[0])));
    check_parts(fake, 4, (uint32_t[]){0, PARSER_ITEMS, PARSER_ITEMS, 5});
    assert_int_equal(exchange->items, 1 + 2 * PARSER_ITEMS + 5);
}

static void test_i15_items_of_shared_answers_are_messages(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = begin_list(fake);

    exchange->ask->share = (struct coalesced *)(void *)exchange->ask; // only compared
    receive(fake, exchange->id, ITEM ITEM);
    check_parts(fake, 2, (uint32_t[]){0, 0});
    exchange->ask->share = NULL;
}

/** The merge counts the items of all servers, and needs to see each. */
static void test_i15_items_of_merged_answers_are_messages(void **state)
{
    struct fake *fake = *state;
    struct ask *ask = fake_ask("CoreShowChannels", 1);

    ask->takes_items = ask->all_servers = true;
    servers_ask(&fake->servers, ask);
    ask_unref(ask);
    struct exchange *exchange = fake_last(&fake->server[0]), *other = fake_last(&fake->server[1]);
    fake_say(&fake->server[0], exchange, "Response: Success", "EventList: start\r\n");
    receive(fake, exchange->id, ITEM ITEM ITEM END);
    fake_say(&fake->server[1], other, "Response: Success", "EventList: start\r\n");
    fake_say(&fake->server[1], other, "Event: CoreShowChannelsComplete", "EventList: Complete\r\nListItems: 0\r\n");
    check_parts(fake, 4, (uint32_t[]){0, 0, 0, 0});
    struct span total;
    assert_true(message_find(fake->parts[4].message, "ListItems", &total));
    assert_true(fake->parts[4].final && span_is(total, "3"));
}

static void test_i15_items_for_one_who_wants_messages(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = begin_list(fake);

    exchange->ask->takes_items = false;
    receive(fake, exchange->id, ITEM ITEM ITEM);
    check_parts(fake, 3, (uint32_t[]){0, 0, 0});
}

static void test_i15_items_after_an_error_are_messages(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = begin_list(fake);

    receive(fake, exchange->id, ITEM ITEM "Response: Error\r\nActionID: %s\r\n\r\n" ITEM ITEM);
    check_parts(fake, 5, (uint32_t[]){0, 1, 0, 0, 0});
    assert_true(exchange->broken_list);
}

static void test_i15_items_of_a_list_that_was_given_up_reach_nobody(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange = begin_list(fake);

    receive(fake, exchange->id, ITEM);
    answers_fail(&fake->servers, exchange, "pbx1", AMP_REASON_TIMEOUT, "too late");
    receive(fake, exchange->id, ITEM ITEM);
    check_parts(fake, 2, (uint32_t[]){0, 0});
    assert_true(fake->parts[2].final);
}

static void test_i15_two_lists_at_a_time(void **state)
{
    struct fake *fake = *state;
    struct exchange *one = begin_list(fake), *two = begin_list(fake);

    fake_forget(fake);
    receive(fake, one->id, ITEM ITEM);
    receive(fake, two->id, ITEM ITEM);
    receive(fake, one->id, ITEM ITEM);
    assert_int_equal(one->items, 4);
    assert_int_equal(two->items, 2);
    exchange_destroy(&fake->servers.exchanges, one);
    assert_null(MAIN(&fake->server[0])->listing.exchange);
    assert_int_equal(fake->count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(fake->parts[i].items, i % 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_i15_items_like_the_one_before_go_at_once, fake_set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_i15_more_items_than_are_taken_at_once, fake_set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_i15_items_of_shared_answers_are_messages, fake_set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_i15_items_of_merged_answers_are_messages, fake_set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_i15_items_for_one_who_wants_messages, fake_set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_i15_items_after_an_error_are_messages, fake_set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_i15_items_of_a_list_that_was_given_up_reach_nobody, fake_set_up,
                                        fake_tear_down),
        cmocka_unit_test_setup_teardown(test_i15_two_lists_at_a_time, fake_set_up, fake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
