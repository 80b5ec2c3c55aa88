// tests/unit/ami/test_splice.c: copies in which nothing is a header.
#include "unit/ami/parse.h"

static void assert_line(const struct message *message, uint32_t index, const char *line)
{
    struct span name, value;

    message_header(message, index, &name, &value);
    assert_int_equal(name.length, 0);
    assert_true(span_equals(value, span_of(line)));
}

static void test_colons_make_no_headers_of_a_text(void **state)
{
    struct message *message =
        parse_one("Calls, W:0, C:0\r\n   Members: \r\nAction: Reload\r\nActionID:  7\r\nServer: a\r\n\r\n");
    struct message *text = message_as_text(message, span_of("a"));
    struct span value;

    (void)state;
    assert_int_equal(text->header_count, 5);
    assert_line(text, 0, "Calls, W:0, C:0");
    assert_line(text, 1, "   Members: ");
    assert_line(text, 2, "Action: Reload");
    assert_line(text, 3, "ActionID:  7");
    assert_true(message_find(text, "Server", &value));
    assert_span(value, "a");
    assert_int_equal(text->kind, MESSAGE_OTHER);
    assert_int_equal(message_action_id(text).length, 0);
    assert_true(span_equals(message_wire(text), message_wire(message)));
    message_unref(text);
    message_unref(message);
}

/** Only the line that the proxy has added is its header. */
static void test_another_server_is_text(void **state)
{
    struct message *message = parse_one("one\r\nServer: b\r\n\r\n"), *text = message_as_text(message, span_of("a"));

    (void)state;
    assert_line(text, 1, "Server: b");
    message_unref(text);
    message_unref(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colons_make_no_headers_of_a_text),
        cmocka_unit_test(test_another_server_is_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
