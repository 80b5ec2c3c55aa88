// tests/unit/ami/test_message_looks.c: a header found without an index; what a message from outside is known to be.
#include "ami/writer.h"
#include "unit/ami/parse.h"

/** A header is found without an index as it is with one. */
static void test_i15_a_look_finds_what_a_search_finds(void **state)
{
    static const char *const texts[] = {
        "Event: A\r\nEventList: Complete\r\n\r\n",
        "Event: A\r\nActionID: 1\r\nChannel: SIP/1-00000001\r\nEventlist:Complete\r\nListItems: 0\r\n\r\n",
        "Event: A\r\nEventListing: x\r\nevent: EventList: y\r\nElEventList: z\r\n\r\n",
        "Event: A\r\nEventList:\r\nEventList: second\r\n\r\n",
        "Event: A\r\nEventList\r\nEventList:  two blanks\r\n\r\n",
        "EventList: first\r\nEvent: A\r\n\r\n",
        "Event: EventList\r\n\r\n",
    };
    static const char *const names[] = {"EventList", "Event", "Channel", "E", "ActionID"};
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++) {
            struct message *message = parse_one(texts[i]);
            struct span looked, found;
            bool is_there = message_peek(message, names[j], &looked);
            assert_true(message_find(message, names[j], &found) == is_there);
            assert_true(span_equals(looked, found));
            message_unref(message);
        }
    }
}

/** What comes from outside is judged while it is put in: names as the writer judges them, and no line end gets in. */
static void test_i15_a_message_knows_that_it_is_clean(void **state)
{
    static const char *const bad_names[] = {"", "a b", "a:b", "a\x7f", "0123456789abcdef\t", "\x01"};
    static const char *const bad_values[] = {"\r", "a\nb", "0123456789abcde\r", "0123456789abcdef\n"};
    struct message_builder builder;
    (void)state;

    message_builder_init(&builder);
    assert_true(message_add_clean(&builder, span_of("Action"), span_of("Getvar: \xff of 0123456789abcdef")));
    assert_true(message_add_clean(&builder, span_of("Variable-0123456789abcdef"), span_of("")));
    for (size_t i = 0; i < sizeof bad_values / sizeof bad_values[0]; i++) {
        assert_false(message_add_clean(&builder, span_of("X"), span_of(bad_values[i])));
        assert_false(message_add_clean(&builder, span_of(bad_values[i]), span_of("x")));
    }
    assert_false(message_add_clean(&builder, span_of("X"), (struct span){"a\0b", 3}));
    struct message *message = message_build_next(&builder);
    assert_true(message->clean);
    assert_int_equal(message->header_count, 2);
    message_unref(message);

    for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
        assert_true(message_add_clean(&builder, span_of("Action"), span_of("x")));
        assert_true(message_add_clean(&builder, span_of(bad_names[i]), span_of("x")));
        message = message_build_next(&builder);
        assert_false(message->clean);
        assert_int_equal(writer_check(message), WRITER_FORBIDDEN_BYTES);
        message_unref(message);
    }
    assert_true(message_add_clean(&builder, span_of("Action"), span_of("x")));
    message_add(&builder, span_of("A"), span_of("b"));
    message = message_build(&builder);
    assert_false(message->clean); // nobody has looked at all of it
    message_unref(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i15_a_look_finds_what_a_search_finds),
        cmocka_unit_test(test_i15_a_message_knows_that_it_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
