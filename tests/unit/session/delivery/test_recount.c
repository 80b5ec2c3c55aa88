// tests/unit/session/delivery/test_recount.c: the end of a list tells the number of items that were shown.
#include "session/delivery/recount.h"

#include "unit/ami/parse.h"

static void expect(const char *text, uint32_t withheld, bool final, const char *header, const char *wanted)
{
    struct message *message = parse_one(text), *action = parse_one("Action: QueueStatus\r\nX: y\r\n\r\n");
    struct ask *ask = ask_create(action, NULL);
    struct entry entry = {.ask = ask, .part = {.final = final}};
    struct span value;

    ask->withheld = withheld;
    struct message *counted = recount_items(message, &entry);
    assert_true(message_find(counted, header, &value));
    assert_true(span_equals(value, span_of(wanted)));
    if (strstr(text, wanted) != NULL)
        assert_ptr_equal(counted, message); // nothing to correct: no copy
    message_unref(counted);
    message_unref(message);
    message_unref(action);
    ask_unref(ask);
}

static void test_the_number_is_corrected(void **state)
{
    (void)state;
    expect("Event: QueueStatusComplete\r\nListItems: 5\r\n\r\n", 2, true, "ListItems", "3");
    expect("Event: StatusComplete\r\nItems: 5\r\n\r\n", 1, true, "Items", "4");
    expect("Event: StatusComplete\r\nListItems: 5\r\nItems: 5\r\n\r\n", 2, true, "Items", "3");
    expect("Event: ParkedCallsComplete\r\nTotal: 5\r\nListItems: 5\r\n\r\n", 2, true, "ListItems", "3");
    expect("Event: X\r\nlistitems: 2\r\n\r\n", 3, true, "ListItems", "0"); // never less
}

static void test_what_needs_no_correction_stays(void **state)
{
    (void)state;
    expect("Event: QueueStatusComplete\r\nListItems: 5\r\n\r\n", 0, true, "ListItems", "5");
    expect("Event: QueueEntry\r\nListItems: 5\r\n\r\n", 2, false, "ListItems", "5"); // not the end
    expect("Event: QueueStatusComplete\r\nListItems: many\r\n\r\n", 2, true, "ListItems", "many");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_number_is_corrected),
        cmocka_unit_test(test_what_needs_no_correction_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
