// tests/unit/plugins/test_json_encode.c: what the json format writes.
#include "plugins/json/brief.c"
#include "plugins/json/encode.c"
#include "plugins/json/utf8.c"

#include "plugin/host.h"
#include "unit/ami/parse.h"
#include "unit/growth.h"

#include <jansson.h>
#include <stdio.h>

/** Adds a header, or a line that is none if `name` is empty. */
static void add(struct message_builder *builder, const char *name, const char *value)
{
    if (name[0] == '\0')
        message_add_line(builder, span_of(value));
    else
        message_add(builder, span_of(name), span_of(value));
}

static void assert_message_encodes(struct message_builder *builder, const char *expected)
{
    struct amp_output out = {0};
    struct message *message = message_build(builder);
    json_encode(amp_message_of(message), &out);
    amp_output_write(&out, "", 1);
    assert_string_equal(out.bytes, expected);
    json_t *object = json_loads(out.bytes, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(object);
    json_decref(object);
    amp_output_fini(&out);
    message_unref(message);
}

/** @param headers  name, value, name, value, … NULL */
static void assert_encodes(const char *const *headers, const char *expected)
{
    struct message_builder builder;
    message_builder_init(&builder);
    for (; headers[0] != NULL; headers += 2)
        add(&builder, headers[0], headers[1]);
    assert_message_encodes(&builder, expected);
}

static void writes_an_object_a_line(void **state)
{
    (void)state;
    static const char *const headers[] = {"Event", "Hangup", "Channel", "SIP/1", "Cause", "", NULL};
    assert_encodes(headers, "{\"Event\":\"Hangup\",\"Channel\":\"SIP/1\",\"Cause\":\"\"}\n");
}

static void makes_arrays_of_repeated_headers(void **state)
{
    (void)state;
    static const char *const headers[] = {"Response", "Success", "Output", "a",      "Message", "m", "Output",
                                          "b",        "output",  "lower",  "Output", "",        NULL};
    assert_encodes(headers,
                   "{\"Response\":\"Success\",\"Output\":[\"a\",\"b\",\"\"],\"Message\":\"m\",\"output\":\"lower\"}\n");
}

static void keeps_lines_that_are_no_headers(void **state)
{
    (void)state;
    static const char *const one[] = {"Response", "Follows", "", "no header", NULL};
    static const char *const more[] = {"", "first line", "A", "b", "", "second \"line\"", NULL};
    assert_encodes(one, "{\"Response\":\"Follows\",\"UnparsedText\":\"no header\"}\n");
    assert_encodes(more, "{\"UnparsedText\":[\"first line\",\"second \\\"line\\\"\"],\"A\":\"b\"}\n");
}

static void escapes_what_json_must_not_hold(void **state)
{
    (void)state;
    static const char *const headers[] = {"A\"\\", "\"\\/\t\x01\x1f\x7f\b", "B", "l\xc3\xb6w \xf0\x9f\x93\x9e", NULL};
    assert_encodes(headers,
                   "{\"A\\\"\\\\\":\"\\\"\\\\/\\t\\u0001\\u001f\x7f\\u0008\",\"B\":\"l\xc3\xb6w \xf0\x9f\x93\x9e\"}\n");
    struct message_builder builder;
    message_builder_init(&builder);
    message_add(&builder, span_of("A"), (struct span){"a\0b\rc", 5});
    assert_message_encodes(&builder, "{\"A\":\"a\xef\xbf\xbd"
                                     "b\\rc\"}\n");
}

#define BAD "\xef\xbf\xbd"

static void mends_broken_utf8(void **state)
{
    (void)state;
    static const char *const values[][2] = {
        {"M\xfcller", "M" BAD "ller"},                   // Latin-1
        {"\x80\xbf", BAD BAD},                           // continuations alone
        {"\xc0\xaf", BAD BAD},                           // overlong
        {"\xe0\x80\xaf", BAD BAD BAD},                   // overlong
        {"\xed\xa0\x80", BAD BAD BAD},                   // a surrogate
        {"\xf4\x90\x80\x80", BAD BAD BAD BAD},           // past the last character
        {"\xf5\xff", BAD BAD},                           // never a first byte
        {"a\xe2\x82", "a" BAD},                          // cut short: one mark
        {"\xe2\x82\"\xf0\x9f\x93z", BAD "\\\"" BAD "z"}, // what follows is kept
        {"\xef\xbf\xbd\xf4\x8f\xbf\xbf", BAD "\xf4\x8f\xbf\xbf"},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char expected[100];
        const char *const headers[] = {"A", values[i][0], NULL};
        snprintf(expected, sizeof expected, "{\"A\":\"%s\"}\n", values[i][1]);
        assert_encodes(headers, expected);
    }
}

static void names_that_are_mended_alike_are_one_key(void **state)
{
    (void)state;
    static const char *const headers[] = {"N\xff", "1", "N\xfe", "2", "N" BAD, "3", "N\xc3\xbc", "4", "N", "5", NULL};
    assert_encodes(headers, "{\"N" BAD "\":[\"1\",\"2\",\"3\"],\"N\xc3\xbc\":\"4\",\"N\":\"5\"}\n");
}

/** Makes a message with that many headers, of which a fifth have the name of another one. */
static struct message *message_of_names(int count)
{
    struct message_builder builder;
    char name[32];
    message_builder_init(&builder);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "Name%d", i % (count / 5 * 4));
        message_add(&builder, span_of(name), span_of("x"));
    }
    return message_build(&builder);
}

static void encode_names(const void *message)
{
    struct amp_output out = {0};
    json_encode(amp_message_of(message), &out);
    assert_memory_equal(out.bytes, "{\"Name0\":[\"x\",\"x\"],", 19);
    amp_output_fini(&out);
}

static void many_names_cost_no_more_than_few(void **state)
{
    (void)state;
    struct message *few = message_of_names(1000), *many = message_of_names(10000);
    assert_linear(encode_names, few, many);
    message_unref(few);
    message_unref(many);
}

/** Strings of each length around the steps of the encoder, with an odd byte at each place. */
static void escapes_at_each_place_of_each_length(void **state)
{
    static const char odd[] = {'"', '\\', '\n', 0x01, 0x1f, 0x7f, (char)0xff, (char)0x80};
    (void)state;
    for (size_t length = 0; length < 50; length++) {
        for (size_t place = 0; place <= length; place++) { // at `length`: none
            char text[64], expected[256], *end;
            char byte = odd[(length + place) % sizeof odd];
            memset(text, 'x', length);
            text[length] = '\0';
            if (place < length)
                text[place] = byte;
            struct message_builder builder;
            message_builder_init(&builder);
            add(&builder, "Name", text);
            end = expected + sprintf(expected, "{\"Name\":\"");
            for (size_t i = 0; i < length; i++) {
                const char *escape = byte == '"'                   ? "\\\""
                                     : byte == '\\'                ? "\\\\"
                                     : byte == '\n'                ? "\\n"
                                     : byte == 0x01                ? "\\u0001"
                                     : byte == 0x1f                ? "\\u001f"
                                     : (unsigned char)byte >= 0x80 ? "\xef\xbf\xbd"
                                                                   : "\x7f";
                end += sprintf(end, "%s", i == place ? escape : "x");
            }
            sprintf(end, "\"}\n");
            assert_message_encodes(&builder, expected);
        }
    }
}

/** Names that differ in one byte only are keys of their own, at each length and place. */
static void tells_names_apart_by_each_byte(void **state)
{
    (void)state;
    for (size_t length = 1; length < 40; length++) {
        for (size_t place = 0; place < length; place++) {
            char one[64] = {0}, other[64] = {0}, expected[256];
            memset(one, 'n', length);
            memset(other, 'n', length);
            other[place] = 'm';
            struct message_builder builder;
            message_builder_init(&builder);
            add(&builder, one, "1");
            add(&builder, other, "2");
            add(&builder, one, "3");
            sprintf(expected, "{\"%s\":[\"1\",\"3\"],\"%s\":\"2\"}\n", one, other);
            assert_message_encodes(&builder, expected);
        }
    }
}

/** Makes the same message as one of the proxy itself, which goes the long way. */
static struct message *copy_of(const struct message *message)
{
    struct message_builder builder;
    message_builder_init(&builder);
    for (uint32_t i = 0; i < message->header_count; i++)
        message_add_copy(&builder, message, i);
    return message_build(&builder);
}

/** Both ways write the same of the messages that a server sends in `wire`. @param brief  counts those of the short way
 */
static void assert_both_ways_agree(struct span wire, size_t *brief)
{
    struct parser *parser = parser_create("pbx");
    struct list list = {0};
    parse_feed(parser, wire);
    parse_take(parser, &list);
    for (uint32_t i = 0; i < list.count; i++) {
        struct message *copy = copy_of(list.messages[i]);
        struct amp_output out = {0}, expected = {0}, none = {0};
        json_encode(amp_message_of(list.messages[i]), &out);
        json_encode(amp_message_of(copy), &expected);
        assert_false(json_encode_brief(amp_message_of(copy), &none));
        assert_int_equal(none.length, 0);
        *brief += json_encode_brief(amp_message_of(list.messages[i]), &none);
        assert_int_equal(out.length, expected.length);
        assert_memory_equal(out.bytes, expected.bytes, out.length);
        amp_output_fini(&out);
        amp_output_fini(&expected);
        amp_output_fini(&none);
        message_unref(copy);
    }
    list_fini(&list);
    parser_destroy(parser);
}

static void test_i15_events_are_written_the_same_in_both_ways(void **state)
{
    static const char *const plain[] = {
        "Event: A\r\nB: c\r\n\r\n",
        "Event: \r\nB:c\r\nC:  d \r\nD: \r\nE:\r\nF: :x: y\r\n\r\n",
        "Event: A\r\nANameOfMoreThan16Bytes: and a value of more than 16 bytes\r\nANameOfMoreThan16BytesToo: 1\r\n\r\n",
        "Event: A\r\nName: \"Ann\" \\ l\xc3\xb6w \xff\x01 \t\r\nB: c\r\n\r\n",
        "Event: A\r\nB: c\r\r\nD: e\rf\r\n\r\n",
    };
    static const char *const others[] = {
        "Event: A\r\nB: c\r\nB: d\r\n\r\n",
        "Event: A\r\nno header\r\n\r\n",
        "Event: A\r\n: no name\r\n\r\n",
        "Event: A\r\nN\xc3\xa4me: c\r\n\r\n",
        "Event: A\r\nB: two\nC: lines\r\nD: e\r\n\r\n",
        "Event: A\nB: c\n\n",
        "B: c\r\nEvent: A\r\n\r\n",
        "Response: Success\r\nMessage: m\r\n\r\n",
    };
    size_t brief = 0;
    (void)state;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        assert_both_ways_agree(span_of(plain[i]), &brief);
    assert_int_equal(brief, sizeof plain / sizeof plain[0]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_both_ways_agree(span_of(others[i]), &brief);
    assert_int_equal(brief, sizeof plain / sizeof plain[0]);
}

/** Values and names of each length around the steps, with an odd byte at each place; texts of each length around the
 *  limit, with and without escapes. */
static void test_i15_events_of_each_length_are_written_the_same(void **state)
{
    static const char odd[] = {'x', '"', '\\', 0x01, 0x7f, (char)0xff, (char)0xc3, ':', '\r', '\t', ' '};
    char text[4096];
    size_t brief = 0;
    (void)state;
    for (size_t length = 1; length < 36; length++) {
        for (size_t place = 0; place < length; place++) {
            for (size_t i = 0; i < sizeof odd; i++) {
                int size =
                    sprintf(text, "Event: A\r\n%0*d: 1\r\nB: %0*d\r\nC: d\r\n\r\n", (int)length, 0, (int)length, 0);
                text[(i % 2 == 0 ? strlen("Event: A\r\n") : (size_t)size - length - strlen("\r\nC: d\r\n\r\n")) +
                     place] = odd[i];
                assert_both_ways_agree((struct span){text, (size_t)size}, &brief);
            }
        }
    }
    assert_true(brief > 0);
    for (size_t headers = 1; headers < 70; headers += 3) {
        for (size_t length = 0; length < 60; length += 7) {
            for (int byte = 0; byte < 3; byte++) {
                size_t size = (size_t)sprintf(text, "Event: A\r\n");
                for (size_t i = 1; i < headers && size < sizeof text - 100; i++) {
                    size += (size_t)sprintf(text + size, "N%zu:", i);
                    memset(text + size, "x\x01\xc3"[byte], length);
                    size += length;
                    size += (size_t)sprintf(text + size, "\r\n");
                }
                size += (size_t)sprintf(text + size, "\r\n");
                assert_both_ways_agree((struct span){text, size}, &brief);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_an_object_a_line),
        cmocka_unit_test(test_i15_events_are_written_the_same_in_both_ways),
        cmocka_unit_test(test_i15_events_of_each_length_are_written_the_same),
        cmocka_unit_test(escapes_at_each_place_of_each_length),
        cmocka_unit_test(tells_names_apart_by_each_byte),
        cmocka_unit_test(makes_arrays_of_repeated_headers),
        cmocka_unit_test(keeps_lines_that_are_no_headers),
        cmocka_unit_test(escapes_what_json_must_not_hold),
        cmocka_unit_test(mends_broken_utf8),
        cmocka_unit_test(names_that_are_mended_alike_are_one_key),
        cmocka_unit_test(many_names_cost_no_more_than_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
