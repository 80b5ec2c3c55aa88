// tests/unit/server/test_merge.c: `Server: *`: the answers of all servers are one.
#include "unit/server/fake.h"

/** Asks all servers. @param exchanges  set to theirs, in their order */
static void ask_all(struct fake *fake, const char *action, struct exchange *exchanges[FAKE_SERVERS])
{
    struct ask *ask = fake_ask(action, 1);

    ask->all_servers = true;
    servers_ask(&fake->servers, ask);
    ask_unref(ask);
    for (int i = 0; i < FAKE_SERVERS; i++)
        exchanges[i] = fake_last(&fake->server[i]);
}

static void test_lists_become_one_list(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchanges[FAKE_SERVERS];

    ask_all(fake, "QueueStatus", exchanges);
    for (int i = 0; i < FAKE_SERVERS; i++)
        fake_say(&fake->server[i], exchanges[i], "Response: Success", "EventList: start\r\n");
    for (int i = 0; i < FAKE_SERVERS; i++)
        fake_say(&fake->server[i], exchanges[i], "Event: QueueParams", "Queue: a\r\n");
    for (int i = 0; i < FAKE_SERVERS; i++)
        fake_say(&fake->server[i], exchanges[i], "Event: QueueStatusComplete",
                 "EventList: Complete\r\nListItems: 1\r\n");
    assert_int_equal(fake->count, 4); // one response, two items, one completion
    fake_check(fake, 0, "EventList", "start");
    fake_check(fake, 1, "Server", "pbx1");
    fake_check(fake, 2, "Server", "pbx2");
    fake_check(fake, 3, "ListItems", "2");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(fake->parts[i].final, i == 3);
}

static void test_single_responses_become_items(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchanges[FAKE_SERVERS];

    ask_all(fake, "CoreStatus", exchanges);
    fake_say(&fake->server[1], exchanges[1], "Response: Success", "CoreCurrentCalls: 2\r\n");
    assert_int_equal(fake->count, 2);
    assert_false(fake->parts[1].final);
    fake_say(&fake->server[0], exchanges[0], "Response: Success", "CoreCurrentCalls: 1\r\n");
    assert_int_equal(fake->count, 4);
    fake_check(fake, 1, "Event", "CoreStatusResponse");
    fake_check(fake, 1, "CoreCurrentCalls", "2");
    fake_check(fake, 2, "CoreCurrentCalls", "1");
    fake_check(fake, 3, "ListItems", "2");
    assert_true(fake->parts[3].final);
}

static void test_errors_of_all_are_one_error(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchanges[FAKE_SERVERS];

    ask_all(fake, "QueueStatus", exchanges);
    fake_say(&fake->server[0], exchanges[0], "Response: Error", "Message: first\r\n");
    assert_int_equal(fake->count, 0); // the other one may still answer
    fake_say(&fake->server[1], exchanges[1], "Response: Error", "Message: second\r\n");
    assert_int_equal(fake->count, 1);
    assert_true(fake->parts[0].final);
    fake_check(fake, 0, "Message", "first");
}

static void test_a_lost_server_is_named_in_the_completion(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchanges[FAKE_SERVERS];

    ask_all(fake, "QueueStatus", exchanges);
    fake_say(&fake->server[0], exchanges[0], "Response: Success", "EventList: start\r\n");
    fake_say(&fake->server[0], exchanges[0], "Event: QueueStatusComplete", "EventList: Complete\r\nListItems: 0\r\n");
    fake_say(&fake->server[1], exchanges[1], "Response: Error", "Message: not here\r\n");
    assert_true(fake->parts[fake->count - 1].final);
    fake_check(fake, fake->count - 1, "ServerErrors", "pbx2: not here");
}

/** Each server reports how its call went; the first one does so before the other has answered. */
static void test_what_comes_late_is_told_of_each_server(void **state)
{
    struct fake *fake = *state;
    struct ask *ask = fake_ask("Originate", 1);
    struct exchange *exchanges[FAKE_SERVERS];

    ask->all_servers = true;
    for (int i = 0; i < FAKE_SERVERS; i++)
        assert_int_equal(fake->server[i].queue.count, 0);
    servers_ask(&fake->servers, ask);
    for (int i = 0; i < FAKE_SERVERS; i++) {
        exchanges[i] = fake_last(&fake->server[i]);
        exchanges[i]->async = true; // as `Async: true` makes it
    }
    ask_unref(ask);
    fake_say(&fake->server[0], exchanges[0], "Response: Success", "");
    fake_say(&fake->server[0], exchanges[0], "Event: OriginateResponse", "Privilege: call,all\r\nReason: 4\r\n");
    assert_int_equal(fake->count, 3); // the beginning, the item, and that
    assert_true(fake->parts[2].late && !fake->parts[2].final);
    fake_check(fake, 2, "Server", "pbx1");
    fake_say(&fake->server[1], exchanges[1], "Response: Success", "");
    assert_true(fake->parts[fake->count - 1].final);
    fake_say(&fake->server[1], exchanges[1], "Event: OriginateResponse", "Privilege: call,all\r\nReason: 5\r\n");
    assert_true(fake->parts[fake->count - 1].late);
    fake_check(fake, fake->count - 1, "Server", "pbx2");
    fake_check(fake, fake->count - 1, "Reason", "5");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lists_become_one_list),
        TEST(test_single_responses_become_items),
        TEST(test_errors_of_all_are_one_error),
        TEST(test_a_lost_server_is_named_in_the_completion),
        TEST(test_what_comes_late_is_told_of_each_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
