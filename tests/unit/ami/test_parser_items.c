// tests/unit/ami/test_parser_items.c: items of a list that are taken many at once have the bytes of the messages that
// parser_next() would return, wherever reads are cut.
#include "unit/ami/parse.h"

#include <stdio.h>

#define OURS "ActionID: amp1-1.aaaaaaaaaaaaaaaa\r\n"
#define ITEM "Event: Entry\r\n" OURS "Channel: SIP/1\r\nExten: 100\r\nAccountCode: \r\nApplication: Dial\r\n\r\n"
#define LATER "Event: Entry\r\nPrivilege: call,all\r\nChannel: SIP/2\r\n" OURS "\r\n"
#define BARE "Event: Entry\r\n" OURS "\r\n"
#define NEWS "Event: Hangup\r\nPrivilege: call,all\r\nChannel: SIP/1\r\n\r\n"
#define END "Event: EntryComplete\r\n" OURS "EventList: Complete\r\nListItems: 3\r\n\r\n"

/** What a client gets of a stream, and how many of its messages were items that were taken at once. */
struct result {
    char bytes[65536];
    size_t length;
    uint32_t messages, items, longest;
};

static void put(struct result *result, struct span bytes)
{
    assert_true(result->length + bytes.length < sizeof result->bytes);
    memcpy(result->bytes + result->length, bytes.bytes, bytes.length);
    result->length += bytes.length;
}

/** Adds a message as a client sees it. */
static void put_message(struct result *result, struct message *message, const struct parser_form *form)
{
    if (span_equals(message_action_id(message), form->id)) {
        struct message *copy = message_with_action_id(message, form->shown.length > 0 ? &form->shown : NULL);
        message_unref(message);
        message = copy;
    }
    put(result, message_wire(message));
    if (span_equals(message_name(message), form->name) && message->byte_count > result->longest)
        result->longest = message->byte_count;
    result->messages++;
    message_unref(message);
}

/** Takes all that is complete. @param at_once  items many at once */
static void take(struct result *result, struct parser *parser, const struct parser_form *form, bool at_once)
{
    struct message *message;
    struct parser_items items;

    do {
        while (at_once && parser_items(parser, form, &items)) {
            assert_true(items.count > 0 && items.count <= PARSER_ITEMS);
            assert_true(items.longest <= items.message->byte_count);
            assert_int_equal(items.message->header_count, 0);
            put(result, message_wire(items.message));
            result->messages += items.count;
            result->items += items.count;
            result->longest = items.longest > result->longest ? items.longest : result->longest;
            message_unref(items.message);
        }
        message = parser_next(parser);
        if (message != NULL)
            put_message(result, message, form);
    } while (message != NULL);
}

static void read_stream(struct result *result, struct span bytes, size_t cut, const struct parser_form *form,
                        const char *server, bool at_once)
{
    struct parser *parser = parser_create(server);

    *result = (struct result){.length = 0};
    parse_feed(parser, (struct span){bytes.bytes, cut});
    take(result, parser, form, at_once);
    parse_feed(parser, (struct span){bytes.bytes + cut, bytes.length - cut});
    take(result, parser, form, at_once);
    parser_settle(parser);
    take(result, parser, form, at_once);
    parser_destroy(parser);
}

/** Checks a stream in all ways. @return how many items are taken at once if all bytes come together */
static uint32_t check_stream(struct span bytes, const char *shown, const char *server, size_t step)
{
    static struct result expected, found;
    const struct parser_form form = {span_of("Entry"), span_of("amp1-1.aaaaaaaaaaaaaaaa"), span_of(shown)};
    uint32_t items = 0;

    read_stream(&expected, bytes, 0, &form, server, false);
    for (size_t cut = 0; cut < bytes.length; cut += step) {
        read_stream(&found, bytes, cut, &form, server, true);
        assert_int_equal(found.length, expected.length);
        assert_memory_equal(found.bytes, expected.bytes, expected.length);
        assert_int_equal(found.messages, expected.messages);
        assert_int_equal(found.longest, expected.longest);
        if (cut == 0)
            items = found.items;
    }
    return items;
}

static void test_i15_items_are_the_bytes_of_their_messages(void **state)
{
    static const struct {
        const char *text;
        uint32_t items;
    } rows[] = {
        {ITEM ITEM ITEM END, 3},
        {ITEM LATER BARE END, 3},
        {ITEM NEWS ITEM END NEWS, 2},
        {END ITEM ITEM, 2},
        {ITEM "\r\n" ITEM, 1}, // superfluous line
        {"event: Entry\r\n" OURS "\r\n", 0},
        {"Event: Other\r\n" OURS "\r\n", 0},
        {"Event: EntryComplete\r\n" OURS "\r\n", 0},
        {"Event: Entry\r\n\r\n", 0}, // no ActionID
        {"Event: Entry\r\nActionID: amp1-1.bbbbbbbbbbbbbbbb\r\n\r\n", 0},
        {"Event: Entry\r\nActionID: mine\r\n" OURS "\r\n", 0}, // the first one counts
        {"Event: Entry\r\n" OURS "actionid: mine\r\n\r\n", 0},
        {"Event: Entry\r\nactionid: amp1-1.aaaaaaaaaaaaaaaa\r\n\r\n", 0},
        {"Event: Entry\r\nActionID:amp1-1.aaaaaaaaaaaaaaaa\r\n\r\n", 0},
        {"Event: Entry\r\n" OURS "EventList: Cancelled\r\n\r\n", 0},
        {"Event: Entry\r\nEVENTLIST: Complete\r\n" OURS "\r\n", 0},
        {"Event: Entry\r\n" OURS "X: one\ntwo\r\n\r\n", 0},
        {"Event: Entry\r\n" OURS "X: 1\r\n\n" ITEM, 1},
        {"Event: Entry\n" OURS "\r\n" ITEM, 1},
        {"Event: Entry\r\n" OURS "no header\r\n\rx\r\na\r\nat\r\nAction: x\r\nAuth: y\r\n\r\n", 1},
        {"Event: Entry\r\n" OURS "X: 1\r\n", 0}, // no end
        {NEWS NEWS, 0},
        {"Response: Success\r\n" OURS "EventList: start\r\n\r\n" ITEM ITEM, 2},
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span bytes = span_of(rows[i].text);
        uint32_t items = check_stream(bytes, "mine", "pbx1", 1);
        if (items != rows[i].items)
            fail_msg("row %zu: %u items", i, items);
        assert_int_equal(check_stream(bytes, "", "pbx1", 1), items);
        assert_int_equal(check_stream(bytes, "", NULL, 1), items);
        assert_int_equal(check_stream(bytes, "an ActionID that is longer than that of the wire", NULL, 1), items);
    }
}

static void test_i15_a_text_with_nuls_is_an_item(void **state)
{
    static const char text[] = ITEM "Event: Entry\r\n" OURS "X: \0\r\n\0\r\n\r\n" ITEM;
    (void)state;

    assert_int_equal(check_stream((struct span){text, sizeof text - 1}, "mine", "pbx1", 1), 3);
}

static void test_i15_many_items_come_in_blocks(void **state)
{
    enum { COUNT = 2 * PARSER_ITEMS + 5 };
    char text[COUNT * sizeof ITEM] = "";
    (void)state;

    for (int i = 0; i < COUNT; i++)
        strcat(text, ITEM);
    assert_int_equal(check_stream(span_of(text), "mine", "pbx1", 997), COUNT);
}

static void test_i15_a_large_item_is_a_message(void **state)
{
    enum { LENGTH = 5000 };
    char text[LENGTH + 3 * sizeof ITEM] = ITEM "Event: Entry\r\n" OURS "X: ";
    (void)state;

    size_t used = strlen(text);
    memset(text + used, 'x', LENGTH);
    strcpy(text + used + LENGTH, "\r\n\r\n" ITEM);
    assert_int_equal(check_stream(span_of(text), "mine", "pbx1", 61), 2);
}

/** Whoever breaks a limit is told so as ever. */
static void test_i15_small_limits_are_for_messages(void **state)
{
    const struct parser_form form = {span_of("Entry"), span_of("amp1-1.aaaaaaaaaaaaaaaa"), span_of("x")};
    struct parser *parser = parser_create("pbx1");
    struct parser_items items;
    (void)state;

    parser_set_limits(parser, 4096, 4096);
    parse_feed(parser, span_of(ITEM));
    assert_false(parser_items(parser, &form, &items));
    parser_set_limits(parser, 1 << 20, 1 << 20);
    assert_true(parser_items(parser, &form, &items));
    message_unref(items.message);
    assert_int_equal(parser_pending(parser), 0);
    parser_destroy(parser);
}

/** What is random but like items is read in the same way, too. */
static void test_i15_random_lines_in_items(void **state)
{
    static const char *const lines[] = {"X: 1\r\n",   OURS,     "Action: a\r\n", "EventList: Complete\r\n", "Y: 2\n",
                                        "\r\n",       "\n",     "actionid:\r\n", "Event: Entry\r\n",        "e\r\n",
                                        "\rA: 1\r\n", ITEM END, "Exten: 5\r\n",  "Privilege: call\r\n",     "\r\n\r\n"};
    uint32_t random = 1;
    (void)state;

    for (int round = 0; round < 300; round++) {
        char text[4096] = "";
        for (int i = 0; i < 12; i++) {
            random = random * 1664525 + 1013904223;
            strcat(text, i % 6 == 0 ? "Event: Entry\r\n" : lines[(random >> 16) % (sizeof lines / sizeof lines[0])]);
        }
        check_stream(span_of(text), round % 2 == 0 ? "mine" : "", round % 3 == 0 ? NULL : "pbx1", 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i15_items_are_the_bytes_of_their_messages),
        cmocka_unit_test(test_i15_a_text_with_nuls_is_an_item),
        cmocka_unit_test(test_i15_many_items_come_in_blocks),
        cmocka_unit_test(test_i15_a_large_item_is_a_message),
        cmocka_unit_test(test_i15_small_limits_are_for_messages),
        cmocka_unit_test(test_i15_random_lines_in_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
