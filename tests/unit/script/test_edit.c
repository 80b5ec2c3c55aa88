// tests/unit/script/test_edit.c: changed copies: headers that were not touched are unchanged, and the fields of the
// copy equal those of a message built from the same headers.
#include "ami/event_class.h"
#include "base/memory.h"
#include "script/edit.h"
#include "unit/script/script_test.h"

static const char event_text[] = "Event: X\r\nPrivilege: call,all\r\nChannel:SIP/1\r\nno colon\r\nTwo: a\r\n"
                                 "ActionID: 7\r\ntwo:   b\r\nEmpty:\r\n\r\n";
static const char list_text[] = "Response: Success\r\nActionID: 7\r\nEventList: start\r\nMessage: follows\r\n\r\n";
static const char follows_text[] = "Response: Follows\r\nPrivilege: Command\r\nout\nput\n--END COMMAND--\r\n\r\n";

static enum edit_result set(struct edit *edit, const char *name, const char *value)
{
    return edit_set(edit, span_of(name), span_of(value));
}

static void assert_wire(const struct edit *edit, const char *expected)
{
    struct message *message = edit_build(edit);
    struct span wire = message_wire(message);
    assert_int_equal(wire.length, strlen(expected));
    assert_memory_equal(wire.bytes, expected, wire.length);
    message_unref(message);
}

/** Builds the headers of the edit with the builder, whose message edit_build() must equal. */
static struct message *build_slowly(const struct edit *edit)
{
    struct message_builder builder;
    struct span name, value;
    message_builder_init(&builder);
    for (uint32_t i = 0; i < edit->count; i++) {
        edit_header(edit, i, &name, &value);
        if (name.length == 0)
            message_add_line(&builder, value);
        else
            message_add(&builder, name, value);
    }
    return message_build(&builder);
}

static void assert_same(const struct edit *edit)
{
    struct message *message = edit_build(edit), *expected = build_slowly(edit);
    assert_int_equal(message->header_count, expected->header_count);
    for (uint32_t i = 0; i < message->header_count; i++) {
        struct span name, value, expected_name, expected_value;
        message_header(message, i, &name, &value);
        message_header(expected, i, &expected_name, &expected_value);
        assert_true(span_equals(name, expected_name));
        assert_true(span_equals(value, expected_value));
    }
    if (message->decides == 0) { // else it is a message of a peer: its kind may be defined behind the first header
        assert_int_equal(message->kind, expected->kind);
        assert_int_equal(message->classes, expected->classes);
        assert_int_equal(message->follows, expected->follows);
        assert_int_equal(message->incomplete_list, expected->incomplete_list);
    }
    assert_int_equal(message->action_id, expected->action_id);
    assert_memory_equal(message_wire(message).bytes + message->byte_count - 2, "\r\n", 2);
    message_unref(expected);
    message_unref(message);
}

static void what_is_not_touched_stays_as_it_was(void **state)
{
    (void)state;
    struct message *original = message_of(event_text);
    struct edit *edit = edit_create(original);
    assert_wire(edit, event_text);
    assert_int_equal(set(edit, "TWO", "  c"), EDIT_OK);
    assert_int_equal(set(edit, "New", ""), EDIT_OK);
    assert_int_equal(edit_remove(edit, span_of("channel"), 0), EDIT_OK);
    assert_wire(edit, "Event: X\r\nPrivilege: call,all\r\nno colon\r\nTwo:   c\r\nActionID: 7\r\ntwo:   b\r\n"
                      "Empty:\r\nNew: \r\n\r\n");
    assert_same(edit);
    assert_int_equal(edit_remove(edit, span_of("two"), 1), EDIT_OK);
    assert_int_equal(edit_remove(edit, span_of("New"), 0), EDIT_OK);
    assert_int_equal(edit_remove(edit, span_of(""), 0), EDIT_OK);
    assert_wire(edit, "Event: X\r\nPrivilege: call,all\r\nTwo:   c\r\nActionID: 7\r\nEmpty:\r\n\r\n");
    edit_destroy(edit);
    message_unref(original);
}

static void line_ends_are_those_of_the_first_line(void **state)
{
    (void)state;
    struct message_builder builder;
    message_builder_init(&builder);
    message_addf(&builder, "Event", "%s", "x");
    message_addf(&builder, "A", "%s", "1");
    struct message *original = message_build(&builder);
    char *bytes = memory_writable(message_wire(original).bytes); // as if it had been received with bare LFs
    memcpy(bytes, "Event: x\nA: 1234\n\n", 18);
    original->byte_count = 18;
    original->own_headers[1] = (struct header){9, 1, 12, 4};
    struct edit *edit = edit_create(original);
    set(edit, "Event", "y");
    set(edit, "B", "2");
    assert_wire(edit, "Event: y\nA: 1234\nB: 2\n\n");
    edit_destroy(edit);
    message_unref(original);
}

static void what_a_message_is_follows_its_headers(void **state)
{
    (void)state;
    struct message *event = message_of(event_text), *list = message_of(list_text);
    struct edit *edit = edit_create(event);
    set(edit, "Privilege", "cdr,all");
    assert_same(edit);
    edit_remove(edit, span_of("Privilege"), 0);
    assert_same(edit);
    edit_remove(edit, span_of("actionid"), 0);
    assert_same(edit);
    set(edit, "Privilege", "agent");
    assert_same(edit);
    edit_destroy(edit);

    edit = edit_create(list);
    set(edit, "Extra", "x");
    assert_same(edit);
    edit_remove(edit, span_of("Extra"), 0);
    set(edit, "EventList", "Complete");
    assert_same(edit);
    edit_destroy(edit);
    message_unref(event);
    message_unref(list);
}

static void a_follows_keeps_its_body(void **state)
{
    (void)state;
    struct message *original = message_of(follows_text);
    assert_true(original->follows);
    struct edit *edit = edit_create(original);
    set(edit, "Privilege", "none");
    assert_wire(edit, "Response: Follows\r\nPrivilege: none\r\nout\nput\n--END COMMAND--\r\n\r\n");
    assert_same(edit);
    set(edit, "Response", "Success");
    assert_same(edit);
    edit_destroy(edit);
    message_unref(original);
}

static void a_copy_comes_from_where_its_original_did(void **state)
{
    (void)state;
    struct message *original = message_of(event_text);
    original->from_server = true;
    struct edit *edit = edit_create(original);
    set(edit, "Two", "x");
    struct message *message = edit_build(edit);
    assert_true(message->from_server);
    message_unref(message);
    edit_destroy(edit);
    edit = edit_create(NULL);
    set(edit, "Event", "Own");
    message = edit_build(edit);
    assert_false(message->from_server);
    assert_int_equal(message->kind, MESSAGE_EVENT);
    message_unref(message);
    edit_destroy(edit);
    message_unref(original);
}

/** A header that a hook writes is judged as Asterisk reads it, without the blanks before its value. */
static void test_f20_an_action_of_a_hook_has_no_leading_blanks(void **state)
{
    (void)state;
    struct message_builder builder;
    struct span value;
    message_builder_init(&builder);
    message_addf(&builder, "ActionID", "%s", "1");
    message_addf(&builder, "Action", "%s", "Hangup");
    message_addf(&builder, "Channel", "%s", "SIP/1");
    struct message *original = message_build(&builder), *action;
    struct edit *edit = edit_create(original);
    assert_int_equal(set(edit, "Channel", " \t SIP/2"), EDIT_OK);
    assert_int_equal(set(edit, "Cause", "  16"), EDIT_OK);
    action = edit_build(edit);
    assert_true(message_find(action, "Channel", &value) && span_is(value, "SIP/2"));
    assert_true(message_find(action, "Cause", &value) && span_is(value, "16"));
    message_unref(action);
    edit_destroy(edit);
    message_unref(original);
}

/** An event may begin with its Privilege. The header that makes it an event stays. */
static void test_f27_what_tells_the_kind_cannot_be_removed(void **state)
{
    (void)state;
    struct message *original = message_of("Privilege: call,all\r\nEvent: X\r\nA: b\r\n\r\n"), *changed;
    struct edit *edit = edit_create(original);
    assert_int_equal(edit_remove(edit, span_of("event"), 0), EDIT_FIRST);
    assert_int_equal(edit_remove(edit, span_of("A"), 0), EDIT_OK);
    assert_int_equal(set(edit, "Privilege", "user,all"), EDIT_OK);
    changed = edit_build(edit);
    assert_int_equal(changed->kind, MESSAGE_EVENT);
    assert_int_equal(changed->classes, CLASS_USER);
    assert_true(span_is(message_name(changed), "X"));
    message_unref(changed);
    edit_destroy(edit);
    message_unref(original);
}

static void many_and_long_texts(void **state)
{
    (void)state;
    struct message *original = message_of(event_text);
    struct edit *edit = edit_create(original);
    char name[32], value[300];
    struct span found;
    memset(value, 'v', sizeof value);
    for (int i = 0; i < 200; i++) {
        (void)snprintf(name, sizeof name, "Name%d", i);
        assert_int_equal(edit_add(edit, span_of(name), (struct span){value, (size_t)i}), EDIT_OK);
    }
    assert_same(edit);
    for (int i = 0; i < 200; i++) {
        (void)snprintf(name, sizeof name, "nAME%d", i);
        assert_true(edit_find(edit, span_of(name), &found));
        assert_int_equal(found.length, i);
    }
    for (int i = 0; i < 3000; i++) // overwritten texts are not part of the message
        assert_int_equal(edit_set(edit, span_of("Two"), (struct span){value, sizeof value}), EDIT_OK);
    assert_same(edit);
    edit_destroy(edit);
    message_unref(original);
}

static void any_order_of_changes(void **state)
{
    (void)state;
    static const char *const originals[] = {event_text, list_text, "Event: X\r\n\r\n", "plain\r\nA: b\r\n\r\n",
                                            follows_text};
    static const char *const names[] = {"Event",   "Response", "ActionID", "Privilege", "EventList", "two", "New",
                                        "Channel", "",         "Empty",    "a b wrong", "A",         "x"};
    static const char *const values[] = {"start", "Follows", "", "  call,all", "a\nb", "longer than what stood there"};
    unsigned seed = 1;
    for (int round = 0; round < 2000; round++) {
        struct message *original = message_of(originals[round % 5]);
        struct edit *edit = edit_create(original);
        for (int step = 0; step < 6; step++) {
            seed = seed * 1103515245u + 12345u;
            struct span name = span_of(names[(seed >> 16) % 13]), value = span_of(values[(seed >> 8) % 6]);
            switch ((seed >> 24) % 5) {
            case 0:
                (void)edit_add(edit, name, value);
                break;
            case 1:
                (void)edit_remove(edit, name, (seed >> 20) % 2);
                break;
            case 2:
                (void)edit_add_line(edit, value);
                break;
            default:
                (void)edit_set(edit, name, value);
            }
            assert_same(edit);
        }
        edit_destroy(edit);
        message_unref(original);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_touched_stays_as_it_was),
        cmocka_unit_test(line_ends_are_those_of_the_first_line),
        cmocka_unit_test(what_a_message_is_follows_its_headers),
        cmocka_unit_test(a_follows_keeps_its_body),
        cmocka_unit_test(a_copy_comes_from_where_its_original_did),
        cmocka_unit_test(test_f20_an_action_of_a_hook_has_no_leading_blanks),
        cmocka_unit_test(test_f27_what_tells_the_kind_cannot_be_removed),
        cmocka_unit_test(many_and_long_texts),
        cmocka_unit_test(any_order_of_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
