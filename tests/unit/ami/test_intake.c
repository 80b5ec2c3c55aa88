// tests/unit/ami/test_intake.c: how much the input holds.
#include "ami/writer.h"
#include "base/memory.h"
#include "unit/ami/ends.h"

static void test_f15_limits_are_kept(void **state)
{
    static const struct {
        const char *repeated;
        size_t line, message;
        const char *fault;
    } rows[] = {
        {"xxxxxxxxxx", 1000, 100000, "a line of more than 1000 bytes"},
        {"Output: another line\r\n", 1000, 100000, "a message of more than 100000 bytes"},
        {"a:\r\n", 1000, 100000, "a message of more than 6250 lines"},
        {"Val: x\nmore of it\n", 1000, 100000, "a message of more than 100000 bytes"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct parser *parser = parser_create("s");
        size_t fed = 0, length = strlen(rows[i].repeated);
        parser_set_limits(parser, rows[i].line, rows[i].message);
        parse_feed(parser, span_of("Event: A\r\nX: 1\r\n\r\nEvent: Giant\r\n"));
        struct message *before = parser_next(parser);
        assert_non_null(before); // what came before it is not lost
        message_unref(before);
        while (parser_fault(parser) == NULL && fed < 1000000) {
            parse_feed(parser, span_of(rows[i].repeated));
            assert_null(parser_next(parser));
            fed += length;
        }
        assert_string_equal(parser_fault(parser), rows[i].fault);
        assert_true(fed <= rows[i].message + length);
        assert_true(parser_pending(parser) <= rows[i].message + 100);
        parse_feed(parser, span_of("\r\n\r\nEvent: B\r\n\r\n"));
        assert_null(parser_next(parser)); // nothing more is believed
        parser_reset(parser);
        assert_null(parser_fault(parser));
        parser_destroy(parser);
    }
}

static void test_f15_a_message_at_its_limit_passes(void **state)
{
    struct parser *parser = parser_create(NULL);
    char bytes[1001] = "";
    struct message *message;
    (void)state;

    snprintf(bytes, sizeof bytes, "Event: A\r\nX: %0983d\r\n\r\n", 1);
    size_t length = strlen(bytes);
    assert_int_equal(length, 1000);
    parser_set_limits(parser, 1000, length);
    parse_feed(parser, (struct span){bytes, length});
    message = parser_next(parser);
    assert_non_null(message);
    assert_int_equal(message->byte_count, length);
    message_unref(message);
    parser_set_limits(parser, 1000, length - 1);
    parse_feed(parser, (struct span){bytes, length});
    assert_null(parser_next(parser));
    assert_string_equal(parser_fault(parser), "a message of more than 999 bytes");
    parser_destroy(parser);
}

static void test_f15_a_banner_is_bounded(void **state)
{
    char bytes[2048];
    struct span line;
    (void)state;

    memset(bytes, 'x', sizeof bytes);
    for (int ended = 0; ended < 2; ended++) {
        struct parser *parser = parser_create("s");
        parse_feed(parser, (struct span){bytes, PARSER_BANNER_BYTES});
        assert_false(parser_line(parser, &line));
        assert_null(parser_fault(parser));
        if (ended == 1) {
            parse_feed(parser, span_of("\nEvent: A\r\n\r\n"));
            assert_true(parser_line(parser, &line));
            assert_int_equal(line.length, PARSER_BANNER_BYTES);
        } else {
            parse_feed(parser, span_of("x"));
            assert_false(parser_line(parser, &line));
            assert_string_equal(parser_fault(parser), "a first line of more than 1024 bytes");
        }
        parser_destroy(parser);
    }
}

#define LARGE_LINES 20000
#define LARGE_LINE "Output: a line of a large answer\r\n"

/** Returns a response of so many lines with an event behind it, which may be cut, and one in front. */
static struct writer_buffer large_answer(size_t lines, const char *before, const char *behind)
{
    struct writer_buffer text = {memory_new(lines * 40 + 300000), 0, 0};
    char *to = stpcpy(stpcpy(text.bytes, before), "Response: Success\r\nActionID: 7\r\n");
    for (size_t i = 0; i < lines; i++)
        to = stpcpy(to, LARGE_LINE);
    text.length = (size_t)(stpcpy(stpcpy(to, "\r\n"), behind) - text.bytes);
    return text;
}

static void check_large(const struct message *message, size_t lines, bool taken)
{
    static const char end[] = LARGE_LINE "Server: s\r\n\r\n";
    struct span wire = message_wire(message);
    assert_int_equal(message->block != NULL, taken);
    assert_int_equal(message->header_count, lines + 3);
    assert_int_equal(wire.length, 32 + lines * strlen(LARGE_LINE) + strlen("Server: s\r\n\r\n"));
    assert_memory_equal(wire.bytes, "Response: Success\r\nActionID: 7\r\nOutput: ", 40);
    assert_memory_equal(wire.bytes + wire.length - strlen(end), end, strlen(end));
    assert_true(span_is(message_action_id(message), "7"));
    struct message *copy = message_with_action_id(message, NULL);
    assert_int_equal(copy->header_count, lines + 2);
    assert_null(copy->block);
    message_unref(copy);
}

static void test_i15_a_large_message_takes_over_the_buffer(void **state)
{
    static const size_t pieces[] = {SIZE_MAX, 131072, 65536, 7777};
    static const char *const behind[] = {"", "Event: B\r\n\r\n", "\r\n\r\nEvent: B\r\nX: 1\r\n\r\nEvent: C\r\n\r\n",
                                         "Response: Success\r\nX: 1\r\n\r\nEven"};
    static const char *const names[] = {"", "B", "BC", "S"};
    (void)state;

    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 4; k++) {
            struct writer_buffer text = large_answer(LARGE_LINES, "Event: A\r\n\r\n", behind[k]);
            struct parser *parser = parser_create("s");
            struct list list = {0};
            for (size_t at = 0; at < text.length; at += pieces[i] < text.length ? pieces[i] : text.length) {
                size_t left = text.length - at;
                parse_feed(parser, (struct span){text.bytes + at, left < pieces[i] ? left : pieces[i]});
                parse_take(parser, &list);
            }
            assert_int_equal(list.count, 2 + strlen(names[k]));
            assert_true(span_is(message_name(list.messages[0]), "A"));
            check_large(list.messages[1], LARGE_LINES, true);
            for (size_t n = 0; names[k][n] != '\0'; n++)
                assert_int_equal(message_name(list.messages[2 + n]).bytes[0], names[k][n]);
            assert_int_equal(parser_pending(parser), k == 3 ? 4 : 0);
            parser_destroy(parser); // what it has given away stays
            check_large(list.messages[1], LARGE_LINES, true);
            list_fini(&list);
            writer_buffer_fini(&text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f15_limits_are_kept),
        cmocka_unit_test(test_i15_a_large_message_takes_over_the_buffer),
        cmocka_unit_test(test_f15_a_message_at_its_limit_passes),
        cmocka_unit_test(test_f15_a_banner_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
