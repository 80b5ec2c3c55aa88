// tests/unit/ami/test_writer.c: what may be sent to a server, at its limits, and how it is written.
#include "ami/writer.h"
#include "unit/ami/parse.h"

struct pair {
    struct span name, value;
};

#define TEXT(text) ((struct span){text, sizeof(text) - 1})

static struct message *build(const struct pair *pairs, size_t count)
{
    struct message_builder builder;
    message_builder_init(&builder);
    for (size_t i = 0; i < count; i++)
        message_add(&builder, pairs[i].name, pairs[i].value);
    return message_build(&builder);
}

static enum writer_result check_pair(struct span name, struct span value)
{
    struct pair pairs[] = {{TEXT("Action"), TEXT("Ping")}, {name, value}};
    struct message *message = build(pairs, 2);
    enum writer_result result = writer_check(message);
    message_unref(message);
    return result;
}

static void assert_written(const char *action, const char *expected)
{
    struct list list = parse_bytes(span_of(action), NULL);
    assert_int_equal(list.count, 1);
    assert_int_equal(writer_check(list.messages[0]), WRITER_OK);
    struct writer_buffer out = {0};
    writer_wire(&out, list.messages[0], span_of("amp1-2"));
    writer_wire(&out, list.messages[0], span_of("amp1-3")); // appends
    assert_int_equal(out.length, 2 * strlen(expected));
    assert_memory_equal(out.bytes, expected, strlen(expected));
    writer_buffer_fini(&out);
    assert_null(out.bytes);
    list_fini(&list);
}

static void actions_are_written_in_one_way(void **state)
{
    (void)state;
    assert_written("Action: Ping\n\n", "Action: Ping\r\nActionID: amp1-2\r\n\r\n");
    assert_written(
        "username:u\r\nACTION:   Originate\r\nactionid: theirs\r\nSERVER: x\r\nProxyKey: k\r\nVariable: a=1\r\n"
        "ActionID: two\r\nVariable:  b=2 \r\nEmpty:\r\n\r\n",
        "Action: Originate\r\nActionID: amp1-2\r\nusername: u\r\nVariable: a=1\r\nVariable: b=2 \r\nEmpty: \r\n\r\n");
    assert_written("Action:\r\nAction: First\r\nAction: Second\r\n\r\n",
                   "Action: First\r\nActionID: amp1-2\r\nAction: \r\nAction: Second\r\n\r\n");
}

static void bytes_that_break_the_framing_are_refused(void **state)
{
    (void)state;
    const struct {
        struct span name, value;
        enum writer_result result;
    } rows[] = {
        {TEXT("Name"), TEXT("value \x01\x7f\x80\xff\t:"), WRITER_OK},
        {TEXT("N\xc3\xa4me"), TEXT(""), WRITER_OK},
        {TEXT("Name"), TEXT("a\rb"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Name"), TEXT("a\nb"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Name"), TEXT("a\r\nAction: Command"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Name"), TEXT("\n"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Name"), TEXT("a\0b"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Name"), TEXT("\0"), WRITER_FORBIDDEN_BYTES},
        {TEXT(""), TEXT("x"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Na me"), TEXT("x"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Name "), TEXT("x"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Na\tme"), TEXT("x"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Na:me"), TEXT("x"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Na\0me"), TEXT("x"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Na\nme"), TEXT("x"), WRITER_FORBIDDEN_BYTES},
        {TEXT("Na\x7fme"), TEXT("x"), WRITER_FORBIDDEN_BYTES},
        {TEXT("ActionID"), TEXT("a\nb"), WRITER_FORBIDDEN_BYTES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(check_pair(rows[i].name, rows[i].value), rows[i].result);
}

static void lines_are_measured(void **state)
{
    (void)state;
    char value[2000];
    memset(value, 'v', sizeof value);
    size_t longest = WRITER_LINE_BYTES - sizeof "Name: " + 1;
    assert_int_equal(check_pair(span_of("Name"), (struct span){value, longest}), WRITER_OK);
    assert_int_equal(check_pair(span_of("Name"), (struct span){value, longest + 1}), WRITER_LINE_TOO_LONG);
    assert_int_equal(check_pair(span_of("ActionID"), (struct span){value, sizeof value}), WRITER_OK);
    assert_int_equal(check_pair(span_of("Server"), (struct span){value, sizeof value}), WRITER_OK);
    assert_int_equal(check_pair(span_of("proxykey"), (struct span){value, sizeof value}), WRITER_OK);
    value[0] = '\n';
    assert_int_equal(check_pair(span_of("Name"), (struct span){value, sizeof value}), WRITER_LINE_TOO_LONG);
}

static enum writer_result check_count(uint32_t others, bool with_own)
{
    struct message_builder builder;
    message_builder_init(&builder);
    message_add(&builder, span_of("Action"), span_of("UserEvent"));
    for (uint32_t i = 0; i < others; i++)
        message_addf(&builder, "Key", "%u", i);
    for (int i = 0; with_own && i < 3; i++)
        message_addf(&builder, i == 0 ? "ActionID" : i == 1 ? "Server" : "ProxyKey", "x");
    struct message *message = message_build(&builder);
    enum writer_result result = writer_check(message);
    message_unref(message);
    return result;
}

static void lines_are_counted(void **state)
{
    (void)state;
    assert_int_equal(check_count(WRITER_HEADERS - 2, false), WRITER_OK); // Action and the proxy's ActionID besides
    assert_int_equal(check_count(WRITER_HEADERS - 2, true), WRITER_OK);
    assert_int_equal(check_count(WRITER_HEADERS - 1, false), WRITER_TOO_MANY_LINES);
}

static void an_action_is_needed(void **state)
{
    (void)state;
    struct pair pairs[] = {{TEXT("ActionID"), TEXT("1")}, {TEXT("Action"), TEXT(" ")}};
    struct message *message = build(pairs, 2);
    assert_int_equal(writer_check(message), WRITER_NO_ACTION);
    message_unref(message);
    message = build(pairs, 0);
    assert_int_equal(writer_check(message), WRITER_NO_ACTION);
    message_unref(message);
}

static void refusals_have_the_words_of_asterisk(void **state)
{
    (void)state;
    assert_string_equal(writer_text(WRITER_NO_ACTION), "Missing action in request");
    assert_string_equal(writer_text(WRITER_LINE_TOO_LONG), "Failed to parse message: line too long");
    assert_string_equal(writer_text(WRITER_TOO_MANY_LINES), "Too many lines in message or allocation failure");
    assert_true(strlen(writer_text(WRITER_FORBIDDEN_BYTES)) > 0);
    assert_string_equal(writer_text(WRITER_OK), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_are_written_in_one_way),
        cmocka_unit_test(bytes_that_break_the_framing_are_refused),
        cmocka_unit_test(lines_are_measured),
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(an_action_is_needed),
        cmocka_unit_test(refusals_have_the_words_of_asterisk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
