// tests/unit/hub/test_handover.c: what is heard is noted as long as another process may need it.
#include "hub/handover.h"

#include "hub/inside.h"
#include "unit/ami/parse.h"

#define HANGUP "Event: Hangup\r\nPrivilege: call,all\r\n\r\n"

/** The hub hears an event of a server. @return the number of events that are noted */
static size_t hear(struct hub *hub, const char *text)
{
    struct message *message = parse_one(text);

    message->from_server = true;
    assert_false(hub_note_heard(hub, message, 1));
    message_unref(message);
    return hub->handover.heard.count;
}

static void test_it_is_noted_until_the_other_process_serves(void **state)
{
    struct hub hub = {0};
    (void)state;

    assert_int_equal(hear(&hub, HANGUP), 0);
    hub_begin_giving(&hub);
    assert_int_equal(hear(&hub, HANGUP), 1);
    assert_int_equal(hear(&hub, HANGUP), 2); // a multiset
    hub_leave_past(&hub);
    assert_null(hub.handover.heard.messages);
    assert_int_equal(hear(&hub, HANGUP), 0);
}

static void test_it_is_noted_until_the_other_process_fails(void **state)
{
    struct hub hub = {0};
    (void)state;

    hub_take_back(&hub); // nothing was begun
    hub_begin_giving(&hub);
    assert_int_equal(hear(&hub, HANGUP), 1);
    hub_take_back(&hub);
    assert_null(hub.handover.heard.messages);
    assert_int_equal(hear(&hub, HANGUP), 0);
    hub_begin_giving(&hub); // once more
    assert_int_equal(hear(&hub, HANGUP), 1);
    hub_end_handover(&hub);
}

static void test_what_concerns_one_connection_is_not_noted(void **state)
{
    struct hub hub = {0};
    struct message *own = parse_one("Event: ServerUp\r\nPrivilege: system,all\r\n\r\n");
    (void)state;

    hub_begin_giving(&hub);
    assert_int_equal(hear(&hub, "Event: FullyBooted\r\nPrivilege: system,all\r\n\r\n"), 0);
    assert_false(hub_note_heard(&hub, own, 2));
    assert_int_equal(hub.handover.heard.count, 0);
    message_unref(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_noted_until_the_other_process_serves),
        cmocka_unit_test(test_it_is_noted_until_the_other_process_fails),
        cmocka_unit_test(test_what_concerns_one_connection_is_not_noted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
