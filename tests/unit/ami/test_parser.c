// tests/unit/ami/test_parser.c: framing, unusual messages, legacy answers, `Server:`. parse_bytes() cuts each at every
// byte.
#include "unit/ami/parse.h"

#include "ami/event_class.h"

#include <stdio.h>

static void test_c59_order_duplicates_and_odd_lines_are_kept(void **state)
{
    (void)state;
    static const char text[] =
        "Event: UserEvent\r\nVariable: a=1\r\nEvent: other\r\nno colon here\r\n: no name\r\n"
        "Variable: b=2\r\nName :  two blanks  \r\nEmpty:\r\nTight:x\r\n\xff\xfe\x80: \x00\x01\x7f\xff\r\n"
        "a b(c)/d: e:f\r\n\r\n";
    struct list list = PARSE(text);
    assert_int_equal(list.count, 1);
    const struct message *message = list.messages[0];
    assert_span(message_wire(message), text);
    assert_int_equal(message->header_count, 11);
    assert_header(message, 1, "Variable", "a=1");
    assert_header(message, 2, "Event", "other");
    assert_header(message, 3, "", "no colon here");
    assert_header(message, 4, "", ": no name");
    assert_header(message, 5, "Variable", "b=2");
    assert_header(message, 6, "Name ", " two blanks  "); // one blank is the separator
    assert_header(message, 7, "Empty", "");
    assert_header(message, 8, "Tight", "x");
    assert_header(message, 9, "\xff\xfe\x80", "\x00\x01\x7f\xff");
    assert_header(message, 10, "a b(c)/d", "e:f");
    list_fini(&list);
}

static void test_c60_nothing_is_cut(void **state)
{
    (void)state;
    static const size_t sizes[] = {1022, 1023, 1024, 1025, 2046, 4096, 70000, 3000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *value = memory_new(sizes[i]);
        memset(value, 'v', sizes[i]);
        struct message_builder builder;
        message_builder_init(&builder);
        message_add(&builder, span_of("Event"), span_of("Big"));
        message_add(&builder, span_of("Value"), (struct span){value, sizes[i]});
        for (int line = 0; line < 1000; line++)
            message_addf(&builder, "Line", "%d", line);
        struct message *built = message_build(&builder);
        struct list list = parse_cut(message_wire(built), sizes[i] / 2, NULL, NULL);
        assert_int_equal(list.count, 1);
        assert_true(is_same_message(list.messages[0], built));
        assert_int_equal(list.messages[0]->header_count, 1002);
        list_fini(&list);
        message_unref(built);
        free(value);
    }
}

static void test_c61_follows_body_is_kept_together(void **state)
{
    (void)state;
    static const char text[] =
        "Response: Follows\r\nPrivilege: Command\r\nActionID: 5\r\n"
        "\nName/username  Host\nEvent: Fake\n\r\n\r\nResponse: Success\r\n\r\nlast--END COMMAND--\r\n\r\n"
        "Event: Next\r\n\r\n";
    struct list list = PARSE(text);
    assert_int_equal(list.count, 2);
    const struct message *message = list.messages[0];
    assert_true(message->follows);
    assert_int_equal(message->kind, MESSAGE_RESPONSE);
    assert_int_equal(message->header_count, 4);
    assert_span(message_action_id(message), "5");
    assert_header(message, 3, "",
                  "\nName/username  Host\nEvent: Fake\n\r\n\r\nResponse: Success\r\n\r\nlast--END COMMAND--");
    assert_span(message_name(list.messages[1]), "Next");
    assert_int_equal(message->byte_count + list.messages[1]->byte_count, sizeof text - 1);
    list_fini(&list);
}

static void follows_without_action_id_or_text(void **state)
{
    (void)state;
    struct list list =
        PARSE("Response: Follows\r\nPrivilege: Command\r\nActionID look: alike\nprivilege: x\n--END COMMAND--\r\n\r\n"
              "Response: Follows\r\nPrivilege: Command\r\n--END COMMAND--\r\n\r\n"
              "Response: Follows\r\nPrivilege: Command\r\nPrivilege: Command\r\n--END COMMAND--\r\n\r\n"
              "Response: Follows\r\nActionID: 1\nActionID: 2\r\n--END COMMAND--\r\n\r\n");
    assert_int_equal(list.count, 4);
    assert_int_equal(list.messages[0]->header_count, 3);
    assert_int_equal(list.messages[0]->action_id, -1);
    assert_header(list.messages[0], 2, "", "ActionID look: alike\nprivilege: x\n--END COMMAND--");
    assert_header(list.messages[1], 2, "", "--END COMMAND--");
    assert_header(list.messages[2], 2, "", "Privilege: Command\r\n--END COMMAND--"); // text: a head has it once
    assert_int_equal(list.messages[3]->action_id, -1);                               // its line ends in a bare LF
    for (uint32_t i = 0; i < list.count; i++)
        assert_true(list.messages[i]->follows);
    list_fini(&list);
}

static void a_marker_within_the_text_does_not_end_it(void **state)
{
    (void)state;
    struct list list =
        PARSE("Response: Follows\r\nPrivilege: Command\r\necho --END COMMAND-- x\n--END COMMAND--\nmore\n"
              "--END COMMAND--\r\n-\r\n--END COMMAND----END COMMAND--\r\n\r\n");
    assert_int_equal(list.count, 1);
    assert_header(list.messages[0], 2, "",
                  "echo --END COMMAND-- x\n--END COMMAND--\nmore\n--END COMMAND--\r\n-\r\n"
                  "--END COMMAND----END COMMAND--");
    list_fini(&list);
}

static void test_r25_a_split_at_every_byte_changes_nothing(void **state)
{
    (void)state;
    static const char text[] =
        "\r\n\nEvent: A\r\nX: 1\n2\r\n\r\n\r\nResponse: Follows\r\nPrivilege: Command\r\na\n\n"
        "--END COMMAND--\r\n\r\nEvent: B\nY: 2\r\n\nraw text\nsecond\n\r\nEvent: C\r\n\r\nEvent: D";
    struct span bytes = {text, sizeof text - 1};
    size_t whole_pending, pending;
    struct list whole = parse_cut(bytes, 0, "pbx", &whole_pending);
    assert_int_equal(whole.count, 5);
    assert_int_equal(whole_pending, 8);
    for (size_t size = 1; size < 40; size++) { // in pieces of every size, too
        struct parser *parser = parser_create("pbx");
        struct list list = {0};
        for (size_t at = 0; at < bytes.length; at += size) {
            size_t length = bytes.length - at < size ? bytes.length - at : size;
            parse_feed(parser, (struct span){bytes.bytes + at, length});
            parse_take(parser, &list);
        }
        pending = parser_pending(parser);
        assert_same_lists(&whole, &list);
        assert_int_equal(pending, whole_pending);
        list_fini(&list);
        parser_destroy(parser);
    }
    list_fini(&whole);
    struct list list = PARSE_NAMED(text, "pbx"); // in two pieces
    list_fini(&list);
}

static void values_may_hold_line_feeds(void **state)
{
    (void)state;
    struct list list = PARSE("Event: A\r\nVal: one\ntwo\n\nthree 3: x\r\nName\nline: v\r\nMessage: gone\n\r\n\r\n"
                             "Event: B\nX: 1\r\nY: 2\r\r\n\nEvent: C\nX: 1\n\r\n");
    assert_int_equal(list.count, 3);
    assert_header(list.messages[0], 1, "Val", "one\ntwo\n\nthree 3: x");
    assert_header(list.messages[0], 2, "", "Name");
    assert_header(list.messages[0], 3, "line", "v");
    assert_header(list.messages[0], 4, "Message", "gone");
    assert_header(list.messages[1], 1, "X", "1");
    assert_header(list.messages[1], 2, "Y", "2\r");
    assert_int_equal(list.messages[2]->header_count, 2);
    list_fini(&list);
}

static void superfluous_blank_lines_are_skipped(void **state)
{
    (void)state;
    struct list list = PARSE("\r\n\n\r\nEvent: A\r\n\r\n\r\n\r\n\nEvent: B\r\n\r\n\n\r\n\r");
    assert_int_equal(list.count, 2);
    assert_span(message_wire(list.messages[0]), "Event: A\r\n\r\n");
    assert_span(message_wire(list.messages[1]), "Event: B\r\n\r\n");
    list_fini(&list);
}

static void raw_text_is_a_message_of_odd_lines(void **state)
{
    (void)state;
    struct list list = PARSE("                     -------- LOCAL ---------------------  -------- REMOTE ---\n"
                             "Channel               RTT  Jit  Del\n0 active IAX channels\n\r\nEvent: A\r\n\r\n");
    assert_int_equal(list.count, 2);
    assert_int_equal(list.messages[0]->kind, MESSAGE_OTHER);
    assert_int_equal(list.messages[0]->header_count, 3);
    assert_header(list.messages[0], 2, "", "0 active IAX channels");
    list_fini(&list);
}

static void the_server_is_named_last(void **state)
{
    (void)state;
    struct list list =
        PARSE_NAMED("Event: A\r\nX: 1\r\n\r\nEvent: B\nX: 1\n\nEvent: C\r\nServer: far\r\n\r\nplain\r\n\r\n", "pbx");
    assert_int_equal(list.count, 4);
    assert_span(message_wire(list.messages[0]), "Event: A\r\nX: 1\r\nServer: pbx\r\n\r\n");
    assert_header(list.messages[0], 2, "Server", "pbx");
    assert_span(message_wire(list.messages[1]), "Event: B\nX: 1\nServer: pbx\n\n");
    assert_header(list.messages[2], 1, "Server", "far");
    assert_header(list.messages[2], 2, "Server", "pbx");
    assert_span(message_wire(list.messages[3]), "plain\r\nServer: pbx\r\n\r\n");
    list_fini(&list);
}

static void the_server_stands_before_the_text_of_a_follows(void **state)
{
    (void)state;
    struct list list = PARSE_NAMED(
        "Response: Follows\r\nPrivilege: Command\r\nActionID: 1\r\na: b\n\nc\n--END COMMAND--\r\n\r\n", "pbx");
    assert_int_equal(list.count, 1);
    static const char expected[] =
        "Response: Follows\r\nPrivilege: Command\r\nActionID: 1\r\nServer: pbx\r\na: b\n\nc\n--END COMMAND--\r\n\r\n";
    assert_span(message_wire(list.messages[0]), expected);
    assert_header(list.messages[0], 3, "Server", "pbx");
    assert_header(list.messages[0], 4, "", "a: b\n\nc\n--END COMMAND--");
    assert_true(list.messages[0]->follows);
    struct list again = PARSE(expected); // a proxy behind a proxy
    assert_same_lists(&list, &again);
    list_fini(&again);
    list_fini(&list);
}

static void loose_ends_go_when_a_server_is_named(void **state)
{
    (void)state;
    struct list list = PARSE_NAMED(
        "Response: Error\r\nMessage: none found\n\r\nX: \n\r\ntext\n\r\nY: a\nb\r\n\r\nEvent: A\r\n\r\n", "p");
    assert_int_equal(list.count, 2);
    static const char expected[] =
        "Response: Error\r\nMessage: none found\r\nX: \r\ntext\r\nY: a\nb\r\nServer: p\r\n\r\n";
    assert_span(message_wire(list.messages[0]), expected);
    assert_header(list.messages[0], 1, "Message", "none found");
    assert_header(list.messages[0], 2, "X", "");
    assert_header(list.messages[0], 3, "", "text");
    assert_header(list.messages[0], 4, "Y", "a\nb");
    assert_header(list.messages[0], 5, "Server", "p");
    struct list again = PARSE(expected);
    assert_true(is_same_message(list.messages[0], again.messages[0]));
    list_fini(&again);
    list_fini(&list);
}

static void the_banner_is_one_line(void **state)
{
    (void)state;
    struct parser *parser = parser_create(NULL);
    struct span line;
    assert_false(parser_line(parser, &line));
    assert_null(parser_next(parser));
    parse_feed(parser, span_of("Asterisk Call Manager/13.0.0\r"));
    assert_false(parser_line(parser, &line));
    parse_feed(parser, span_of("\nEvent: A\r\n\r\n"));
    assert_true(parser_line(parser, &line));
    assert_span(line, "Asterisk Call Manager/13.0.0");
    struct message *message = parser_next(parser);
    assert_span(message_wire(message), "Event: A\r\n\r\n");
    message_unref(message);
    parse_feed(parser, span_of("\n"));
    assert_true(parser_line(parser, &line));
    assert_span(line, "");
    parser_destroy(parser);
}

static void reset_forgets(void **state)
{
    (void)state;
    struct parser *parser = parser_create("p");
    parse_feed(parser, span_of("Response: Follows\r\nPrivilege: Command\r\nhalf"));
    assert_null(parser_next(parser));
    assert_true(parser_pending(parser) > 0);
    parser_reset(parser);
    assert_int_equal(parser_pending(parser), 0);
    parse_feed(parser, span_of("Event: A\r\n\r\n"));
    struct message *message = parser_next(parser);
    assert_non_null(message);
    assert_int_equal(message->header_count, 2);
    message_unref(message);
    parser_destroy(parser);
    parser_destroy(NULL);
}

/** A Command answer of 50,000 lines in tiny reads. A parser that looked at everything again each time would need 2 ×
 *  10^11 steps for it and exceed the time limit. */
static void a_big_answer_in_small_pieces_is_scanned_once(void **state)
{
    (void)state;
    for (int legacy = 0; legacy < 2; legacy++) {
        struct parser *parser = parser_create("pbx");
        parse_feed(parser,
                   span_of(legacy ? "Response: Follows\r\nPrivilege: Command\r\ntext\n" : "Response: Success\r\n"));
        for (int i = 0; i < 50000; i++) {
            static const char line[] = "Output: some words of a very long answer, which goes on and on and on\r\n";
            for (size_t at = 0; at < sizeof line - 1; at += 10) {
                size_t length = sizeof line - 1 - at < 10 ? sizeof line - 1 - at : 10;
                parse_feed(parser, (struct span){line + at, length});
                assert_null(parser_next(parser));
            }
        }
        parse_feed(parser, span_of(legacy ? "--END COMMAND--\r\n\r\n" : "\r\n"));
        struct message *message = parser_next(parser);
        assert_non_null(message);
        assert_int_equal(message->header_count, legacy ? 4 : 50002);
        assert_int_equal(parser_pending(parser), 0);
        message_unref(message);
        parser_destroy(parser);
    }
}

/** The classes of a Privilege are remembered by its line: those of others, and other spellings, must not be mixed up.
 */
static void test_i15_privileges_in_turn_have_their_own_classes(void **state)
{
    static const struct {
        const char *line;
        uint32_t classes;
    } kinds[] = {
        {"Privilege: cdr,all", CLASS_CDR},
        {"Privilege: dtmf,all", CLASS_DTMF}, // is remembered in the same place as cdr
        {"Privilege: cdr,call", CLASS_CDR | CLASS_CALL},
        {"Privilege: call,all", CLASS_CALL},
        {"privilege: call,all", CLASS_CALL},
        {"Privilege:call,all", CLASS_CALL},
        {"Privilege: call,all\r\nPrivilege: cdr,all", CLASS_CALL},
        {"Privilege: <none>", 0},
        {"Channel: X\r\nPrivilege: agent,all", CLASS_AGENT},
    };
    const size_t kind_count = sizeof kinds / sizeof kinds[0];
    char text[32768];
    size_t length = 0;
    (void)state;

    for (size_t i = 0; i < kind_count * kind_count; i++) {
        size_t kind = i % 2 == 0 ? i % kind_count : i / kind_count; // behind all kinds of others
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   "Event: A%zu\r\n%s\r\nactionid: %zu\r\nNumber: %0*zu\r\n\r\n", kind,
                                   kinds[kind].line, i, (int)(i % 70), i);
    }
    for (size_t piece = 1; piece < 600; piece += piece < 20 ? 1 : 37) {
        struct parser *parser = parser_create("pbx");
        struct list list = {0};
        for (size_t at = 0; at < length; at += piece) {
            parse_feed(parser, (struct span){text + at, length - at < piece ? length - at : piece});
            parse_take(parser, &list);
        }
        assert_int_equal(list.count, kind_count * kind_count);
        for (uint32_t i = 0; i < list.count; i++) {
            const struct message *message = list.messages[i];
            size_t kind = (size_t)(message_name(message).bytes[1] - '0');
            char id[16];
            snprintf(id, sizeof id, "%u", i);
            assert_true(message->has_privilege);
            assert_int_equal(message->classes, kinds[kind].classes);
            assert_true(span_equals(message_action_id(message), span_of(id)));
            assert_int_equal(message->name_length, 2);
            assert_int_equal(message->header_count, strstr(kinds[kind].line, "\r\n") == NULL ? 5 : 6);
        }
        list_fini(&list);
        parser_destroy(parser);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_c59_order_duplicates_and_odd_lines_are_kept),
        cmocka_unit_test(test_c60_nothing_is_cut),
        cmocka_unit_test(test_c61_follows_body_is_kept_together),
        cmocka_unit_test(follows_without_action_id_or_text),
        cmocka_unit_test(a_marker_within_the_text_does_not_end_it),
        cmocka_unit_test(test_r25_a_split_at_every_byte_changes_nothing),
        cmocka_unit_test(values_may_hold_line_feeds),
        cmocka_unit_test(superfluous_blank_lines_are_skipped),
        cmocka_unit_test(raw_text_is_a_message_of_odd_lines),
        cmocka_unit_test(the_server_is_named_last),
        cmocka_unit_test(the_server_stands_before_the_text_of_a_follows),
        cmocka_unit_test(loose_ends_go_when_a_server_is_named),
        cmocka_unit_test(the_banner_is_one_line),
        cmocka_unit_test(reset_forgets),
        cmocka_unit_test(a_big_answer_in_small_pieces_is_scanned_once),
        cmocka_unit_test(test_i15_privileges_in_turn_have_their_own_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
