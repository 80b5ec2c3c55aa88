// tests/unit/ami/test_message_ends.c: where messages, lines and texts of a server end: the table that every parser of
// this program must hold, cut at every byte and in pieces of every size.
#include "unit/ami/parse.h"

#include <stdio.h>

/** ActionIDs that wait for an answer. */
static bool is_known(void *context, struct span action_id)
{
    (void)context;
    return span_is(action_id, "amp1-1.aaaaaaaaaaaaaaaa") || span_is(action_id, "amp0-2.bbbbbbbbbbbbbbbb");
}
#define OURS "ActionID: amp1-1.aaaaaaaaaaaaaaaa\r\n"
#define OURS_TOO "ActionID: amp0-2.bbbbbbbbbbbbbbbb\r\n"

/** Bytes as readers see them: one line a message, `Name=value` each, CR, LF and NUL as \r, \n, \0. */
static void describe(const struct list *list, char *text, size_t size)
{
    FILE *out = fmemopen(text, size, "w");

    for (uint32_t i = 0; i < list->count; i++) {
        const struct message *message = list->messages[i];
        for (uint32_t k = 0; k < message->header_count; k++) {
            struct span name, value;
            message_header(message, k, &name, &value);
            fprintf(out, "%s%.*s=", k > 0 ? "|" : "", (int)name.length, name.bytes);
            for (size_t at = 0; at < value.length; at++) {
                char byte = value.bytes[at];
                if (byte == '\r' || byte == '\n' || byte == '\0')
                    fprintf(out, "\\%c", byte == '\r' ? 'r' : byte == '\n' ? 'n' : '0');
                else
                    fputc(byte, out);
            }
        }
        fputc('\n', out);
    }
    fclose(out);
}

/** Parses pieces: the first of `first` bytes, the others of `size`. At the end no more bytes come. */
static struct list parse_pieces(struct span bytes, size_t first, size_t size, const char *server)
{
    struct parser *parser = parser_create(server);
    struct list list = {0};

    parser_set_known(parser, is_known, NULL);
    for (size_t at = 0; at < bytes.length;) {
        size_t length = at == 0 ? first : size;
        length = length < bytes.length - at ? length : bytes.length - at;
        parse_feed(parser, (struct span){bytes.bytes + at, length});
        parse_take(parser, &list);
        at += length;
    }
    parser_settle(parser);
    parse_take(parser, &list);
    parser_destroy(parser);
    return list;
}

/** The same messages, wherever reads were cut. */
static struct list parse_all_ways(struct span bytes, const char *server)
{
    struct list whole = parse_pieces(bytes, bytes.length, 1, server);

    for (size_t cut = 1; cut < bytes.length; cut++) {
        struct list list = parse_pieces(bytes, cut, bytes.length, server);
        assert_same_lists(&whole, &list);
        list_fini(&list);
        list = parse_pieces(bytes, cut, cut, server);
        assert_same_lists(&whole, &list);
        list_fini(&list);
    }
    return whole;
}

struct row {
    const char *bytes; // may hold \0: `length`
    size_t length;
    const char *expected;
};
#define ROW(bytes, expected)                 \
    {                                        \
        (bytes), sizeof(bytes) - 1, expected \
    }

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[4096] = "", named[4096] = "", again[4096] = "";
        struct span bytes = {rows[i].bytes, rows[i].length};
        struct list list = parse_all_ways(bytes, "s");
        describe(&list, named, sizeof named);
        if (strcmp(named, rows[i].expected) != 0)
            print_message("row %zu: %s\nis:\n%s\nnot:\n%s\n", i, rows[i].bytes, named, rows[i].expected);
        assert_string_equal(named, rows[i].expected);

        // what clients are sent reads the same, for those who know CR LF alone and for those who take LF for an end
        struct parser *parser = parser_create(NULL);
        struct list read = {0};
        for (uint32_t k = 0; k < list.count; k++)
            parse_feed(parser, message_wire(list.messages[k]));
        parse_take(parser, &read);
        assert_int_equal(parser_pending(parser), 0);
        parser_destroy(parser);
        describe(&read, again, sizeof again);
        assert_string_equal(again, rows[i].expected);
        list_fini(&read);
        list_fini(&list);
        list = parse_all_ways(bytes, NULL); // as it came
        describe(&list, text, sizeof text);
        assert_true(list.count > 0);
        list_fini(&list);
    }
}

#define NEXT "Event: B\r\nPrivilege: user,all\r\n\r\n"
#define NEXT_SEEN "Event=B|Privilege=user,all|Server=s\n"

static void test_f17_how_a_message_ends(void **state)
{
    static const struct row rows[] = {
        ROW("Event: A\r\nX: 1\r\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\r\n\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN), // CoreShowChannelMap of 18.19, 20.4
        ROW("Event: A\nX: 1\n\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\nX: 1\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\nX: 1\r\n\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\nX: 1\r\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\r\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN), // `Message: Park successful\n`
        ROW("Event: A\r\nX: 1\n\n\r\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\n\n" NEXT, "Event=A|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\nResponse: Error\r\n\n" NEXT,
            "Event=A|X=1|Server=s\nResponse=Error|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\n\r\nPrivilege: call,all\r\nEvent: C\r\n\r\n" NEXT,
            "Event=A|X=1|Server=s\nPrivilege=call,all|Event=C|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\n\n\n\r\n\n" NEXT "\r\n\n\r\n", "Event=A|Server=s\n" NEXT_SEEN), // QueueRule: two blank lines
        ROW("\n\r\n\nEvent: A\r\n\n" NEXT, "Event=A|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\n\r\nEvent: A\r\n\nEvent: A\n\nEvent: A\n\r\n" NEXT,
            "Event=A|Server=s\nEvent=A|Server=s\nEvent=A|Server=s\nEvent=A|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\nX: 1\r\n\n", "Event=A|X=1|Server=s\n"), // nothing behind it
        ROW("Event: A\r\nX: 1\n\n", "Event=A|X=1|Server=s\n"),   // told by the silence
        ROW("Event: A\r\nX: 1\n\r\n", "Event=A|X=1|Server=s\n"),
        // no blank lines: Asterisk's own reader takes them for lines, too
        ROW("Event: A\r\n \r\nX: 1\r\n\r\n" NEXT, "Event=A|= |X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\n\t\r\nX: 1\r\n\r\n" NEXT, "Event=A|=\t|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\n\r\r\nX: 1\r\n\r\n" NEXT, "Event=A|=\\r|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\r\n\0\r\nX: 1\r\n\r\n" NEXT, "Event=A|=\\0|X=1|Server=s\n" NEXT_SEEN),
        ROW("Event: A\n \nX: 1\n\n" NEXT, "Event=A|= |X=1|Server=s\n" NEXT_SEEN),
    };
    (void)state;

    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void test_f19_how_a_header_ends(void **state)
{
    static const struct row rows[] = {
        ROW("Event: Agents\r\nTalkingToChan: n/a\r\nCallStarted: 1700000000\nLoggedInTime: 5\r\nActionID: 1\r\n\r\n",
            "Event=Agents|TalkingToChan=n/a|CallStarted=1700000000|LoggedInTime=5|ActionID=1|Server=s\n"),
        ROW("Event: A\r\nX: 1\nY: 2\nZ: 3\r\n\r\n", "Event=A|X=1|Y=2|Z=3|Server=s\n"),
        ROW("Event: A\r\nX: 1\nEmpty:\nY: 2\r\n\r\n", "Event=A|X=1|Empty=|Y=2|Server=s\n"),
        ROW("Event: A\r\nX:\nY: 2\r\n\r\n", "Event=A|X=|Y=2|Server=s\n"),
        ROW("Event: A\r\nodd\nY: 2\r\n\r\n", "Event=A|=odd|Y=2|Server=s\n"),
        ROW("Event: A\r\nX: 1\nPrivilege: call,all\r\n\r\n", "Event=A|X=1|Privilege=call,all|Server=s\n"),
        // values of several lines (Getvar, DBGet, AppData, Setvar of a script)
        ROW("Response: Success\r\nVariable: V\r\nValue: one\ntwo\n\nfour\r\n\r\n" NEXT,
            "Response=Success|Variable=V|Value=one\\ntwo\\n\\nfour|Server=s\n" NEXT_SEEN),
        ROW("Event: DBGetResponse\r\nVal: x\n\r\nActionID: 7\r\n\r\n",
            "Event=DBGetResponse|Val=x|ActionID=7|Server=s\n"),
        ROW("Event: DBGetResponse\r\nVal: x\n\nActionID: 7\r\n\r\n", "Event=DBGetResponse|Val=x|ActionID=7|Server=s\n"),
        ROW("Event: A\r\nVal: http://h\nhttp://i:80/\n12:30 h\r\nX: 1\r\n\r\n",
            "Event=A|Val=http://h\\nhttp://i:80/\\n12:30 h|X=1|Server=s\n"),
        ROW("Event: A\r\nVal: a\nsome words: b\r\nX: 1\r\n\r\n", "Event=A|Val=a\\nsome words: b|X=1|Server=s\n"),
        // CR and NUL alone end nothing
        ROW("Event: A\r\nX: 1\rY: 2\r\nZ: 3\r\n\r\n", "Event=A|X=1\\rY: 2|Z=3|Server=s\n"),
        ROW("Event: A\r\nX: \r\r\nZ: 3\r\n\r\n", "Event=A|X=\\r|Z=3|Server=s\n"),
        ROW("Event: A\r\nX: 1\0Y: 2\r\nZ: 3\r\n\r\n", "Event=A|X=1\\0Y: 2|Z=3|Server=s\n"),
        ROW("Event: A\nX: 1\rY: 2\nZ: 3\r\n\n", "Event=A|X=1\\rY: 2|Z=3|Server=s\n"),
        ROW("Event: A\nVal: one\ntwo\n\n", "Event=A|Val=one|=two|Server=s\n"), // all lines end in LF
    };
    (void)state;

    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void test_f20_how_a_value_begins(void **state)
{
    static const struct row rows[] = {
        ROW("Response: Success\r\nOutput: queue has 0 calls\r\nOutput:    Members: \r\nOutput:       "
            "Local/1@x\r\nOutput: \r\nOutput:\r\n\r\n",
            "Response=Success|Output=queue has 0 calls|Output=   Members: |Output=      "
            "Local/1@x|Output=|Output=|Server=s\n"),
        ROW("Event: A\r\nX:\ttab\r\nY: \ttab\r\nZ:x\r\n\r\n", "Event=A|X=\ttab|Y=\ttab|Z=x|Server=s\n"),
    };
    (void)state;

    check_rows(rows, sizeof rows / sizeof rows[0]);
}

#define HEAD "Response: Follows\r\nPrivilege: Command\r\n" OURS
#define HEAD_SEEN "Response=Follows|Privilege=Command|ActionID=amp1-1.aaaaaaaaaaaaaaaa|Server=s|="
#define PONG "Response: Pong\r\n" OURS_TOO "\r\n"
#define PONG_SEEN "Response=Pong|ActionID=amp0-2.bbbbbbbbbbbbbbbb|Server=s\n"

static void test_f18_how_a_text_ends(void **state)
{
    static const struct row rows[] = {
        ROW(HEAD "a\nb\n--END COMMAND--\r\n\r\n" NEXT, HEAD_SEEN "a\\nb\\n--END COMMAND--\n" NEXT_SEEN),
        ROW(HEAD "a--END COMMAND--\r\n\n" NEXT, HEAD_SEEN "a--END COMMAND--\n" NEXT_SEEN),
        ROW(HEAD "a\n--END COMMAND--\n\nb\n--END COMMAND-- c\n--END COMMAND--\r\nd\n--END COMMAND--\r\n\r\n" NEXT,
            HEAD_SEEN
            "a\\n--END COMMAND--\\n\\nb\\n--END COMMAND-- c\\n--END COMMAND--\\r\\nd\\n--END COMMAND--\n" NEXT_SEEN),
        ROW(HEAD "Response: Success\nActionID: someone's\n\nEvent: x\r\nX: y\n--END COMMAND--\r\n\r\n" NEXT,
            HEAD_SEEN "Response: Success\\nActionID: someone's\\n\\nEvent: x\\r\\nX: y\\n--END COMMAND--\n" NEXT_SEEN),
        // the marker never comes
        ROW(HEAD "a\nb\n\r\n" PONG NEXT, HEAD_SEEN "a\\nb\\n--END COMMAND--\n" PONG_SEEN NEXT_SEEN),
        ROW(HEAD "a\nb\n" PONG NEXT, HEAD_SEEN "a\\nb\\n--END COMMAND--\n" PONG_SEEN NEXT_SEEN),
        ROW(HEAD PONG NEXT, HEAD_SEEN "--END COMMAND--\n" PONG_SEEN NEXT_SEEN),
        ROW(HEAD "a\nb\r\n\r\n" NEXT NEXT PONG, HEAD_SEEN "a\\nb\\n--END COMMAND--\n" NEXT_SEEN NEXT_SEEN PONG_SEEN),
        ROW(HEAD "a\n\n" NEXT "Response: Success\r\nActionID: other\r\n\r\n" PONG,
            HEAD_SEEN "a\\n--END COMMAND--\n" NEXT_SEEN "Response=Success|ActionID=other|Server=s\n" PONG_SEEN),
        ROW(HEAD "a\n\r\nResponse: Follows\r\nPrivilege: Command\r\n" OURS_TOO "c\n--END COMMAND--\r\n\r\n" NEXT,
            HEAD_SEEN "a\\n--END COMMAND--\nResponse=Follows|Privilege=Command|ActionID=amp0-2.bbbbbbbbbbbbbbbb|"
                      "Server=s|=c\\n--END COMMAND--\n" NEXT_SEEN),
        ROW(HEAD "Event: x\nPrivilege: y\n\n" PONG, HEAD_SEEN "Event: x\\nPrivilege: y\\n--END COMMAND--\n" PONG_SEEN),
        // newer servers: lines that are headers, a blank line
        ROW("Response: Success\r\n" OURS "Message: Command output follows\r\nOutput: a\r\nOutput: --END COMMAND--\r\n"
            "Output: \r\n\r\n" NEXT,
            "Response=Success|ActionID=amp1-1.aaaaaaaaaaaaaaaa|Message=Command output follows|Output=a|"
            "Output=--END COMMAND--|Output=|Server=s\n" NEXT_SEEN),
        ROW("Response: Follows\r\nPrivilege: Command\r\n" OURS
            "Message: Command output follows\r\nOutput: a\r\n\r\n" NEXT,
            "Response=Follows|Privilege=Command|ActionID=amp1-1.aaaaaaaaaaaaaaaa|Message=Command output "
            "follows|Output=a|"
            "Server=s\n" NEXT_SEEN),
        ROW("Privilege: Command\r\n" OURS "Response: Follows\r\na\n\nb\n--END COMMAND--\r\n\r\n" NEXT,
            "Privilege=Command|ActionID=amp1-1.aaaaaaaaaaaaaaaa|Response=Follows|Server=s|=a\\n\\nb\\n--END "
            "COMMAND--\n" NEXT_SEEN),
    };
    (void)state;

    check_rows(rows, sizeof rows / sizeof rows[0]);
}

/** Messages of a small grammar, of every mixture of ends: however reads are cut, they are the same, and none is lost or
 *  joined to another. */
/** Whether an answer begins within a text is told by its first bytes, however many have come: its ActionID behind a
 * very long line is part of the text, which ends at its marker. */
static void test_f18_a_long_line_before_an_action_id(void **state)
{
    static const char head[] = HEAD "a\nResponse: Success\nX: ", tail[] = "\n" OURS_TOO "--END COMMAND--\r\n\r\n" NEXT;
    const size_t filler = 5000;
    char *text = malloc(sizeof head + filler + sizeof tail);
    (void)state;

    memcpy(text, head, sizeof head - 1);
    memset(text + sizeof head - 1, 'x', filler);
    memcpy(text + sizeof head - 1 + filler, tail, sizeof tail);
    struct list list = parse_all_ways(span_of(text), "s");
    assert_int_equal(list.count, 2);
    assert_true(list.messages[0]->follows);
    assert_true(span_is(message_name(list.messages[1]), "B"));
    list_fini(&list);
    free(text);
}

static void test_f17_random_messages_stay_apart(void **state)
{
    static const char *const line_ends[] = {"\r\n", "\n"};
    static const char *const values[] = {"1", "", " two", "x\r", "a\nb", "http://h:1/", "--END COMMAND--"};
    uint32_t random = 12345;
    (void)state;

    for (int round = 0; round < 300; round++) {
        char bytes[4096], expected[4096] = "", seen[8192];
        size_t length = 0;
        for (int message = 0; message < 5; message++) {
            length += (size_t)snprintf(bytes + length, sizeof bytes - length, "Event: E%d%s", message,
                                       line_ends[(random >> 8) & 1]);
            for (int header = (random >> 12) & 3; header > 0; header--) {
                random = random * 1664525 + 1013904223;
                length += (size_t)snprintf(bytes + length, sizeof bytes - length, "H%d: %s%s", header,
                                           values[(random >> 16) % 7], line_ends[(random >> 20) & 1]);
            }
            random = random * 1664525 + 1013904223;
            length += (size_t)snprintf(bytes + length, sizeof bytes - length, "%s", line_ends[(random >> 9) & 1]);
            if ((random & 0x3000) == 0)
                length += (size_t)snprintf(bytes + length, sizeof bytes - length, "%s", line_ends[(random >> 10) & 1]);
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "E%d ", message);
        }
        struct list list = parse_all_ways((struct span){bytes, length}, "s");
        seen[0] = '\0';
        for (uint32_t i = 0; i < list.count; i++) {
            struct span name = message_name(list.messages[i]);
            if (list.messages[i]->kind == MESSAGE_EVENT)
                snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%.*s ", (int)name.length, name.bytes);
        }
        assert_string_equal(seen, expected);
        list_fini(&list);
    }
}

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
        cmocka_unit_test(test_f17_how_a_message_ends),
        cmocka_unit_test(test_f19_how_a_header_ends),
        cmocka_unit_test(test_f20_how_a_value_begins),
        cmocka_unit_test(test_f18_how_a_text_ends),
        cmocka_unit_test(test_f18_a_long_line_before_an_action_id),
        cmocka_unit_test(test_f17_random_messages_stay_apart),
        cmocka_unit_test(test_f15_limits_are_kept),
        cmocka_unit_test(test_f15_a_message_at_its_limit_passes),
        cmocka_unit_test(test_f15_a_banner_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
