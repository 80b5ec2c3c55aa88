// tests/unit/ami/test_intake.c: how much the input holds.
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f15_limits_are_kept),
        cmocka_unit_test(test_f15_a_message_at_its_limit_passes),
        cmocka_unit_test(test_f15_a_banner_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
