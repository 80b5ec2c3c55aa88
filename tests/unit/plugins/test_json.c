// tests/unit/plugins/test_json.c: how the json format reads a client's bytes, wherever they are cut.
#include "plugins/json/brief.c"
#include "plugins/json/decode.c"
#include "plugins/json/encode.c"
#include "plugins/json/json.c"
#include "plugins/json/utf8.c"

#include "unit/growth.h"

#include <astmanproxy/testing.h>

#define FAILED "Failed to parse JSON: "
#define TOO_LONG "{failed: Message too long}"

/** All ways to cut `bytes` must give `expected`. */
static void assert_decodes_bytes(const char *bytes, size_t length, bool finish, const char *expected)
{
    struct amp_test_client client = {
        .bytes = bytes, .length = length, .finish = finish, .most_bytes = 1 << 20, .most_kept = LINE_BYTES};
    assert_true(amp_test_decodes(&amp_plugin_v1, &client, expected));
}

static void assert_decodes(const char *text, const char *expected)
{
    assert_decodes_bytes(text, strlen(text), false, expected);
}

static void assert_refuses(const char *line, const char *expected)
{
    char text[1000];
    snprintf(text, sizeof text, "%s\n{\"Action\":\"Ping\"}\n", line);
    char whole[1000];
    snprintf(whole, sizeof whole, "%s<Action=Ping;>", expected);
    assert_decodes(text, whole);
}

static void reads_an_object_a_line(void **state)
{
    (void)state;
    assert_decodes("{\"Action\":\"Ping\",\"ActionID\":\"1\"}\r\n{ \"Action\" : \"Logoff\" }\n",
                   "<Action=Ping;ActionID=1;><Action=Logoff;>");
    assert_decodes("{\"Action\":\"Ping\"}", "");
    assert_decodes("{\"A\":\"\",\"L\\u00f6w\":\"\\ud83d\\udcde\\/\xc3\xb6\"}\n",
                   "<A=;L\xc3\xb6w=\xf0\x9f\x93\x9e/\xc3\xb6;>");
}

static void ignores_blank_lines(void **state)
{
    (void)state;
    assert_decodes("\n\r\n \t\n{\"Action\":\"Ping\"}\n\n\n", "<Action=Ping;>");
}

static void ignores_a_byte_order_mark(void **state)
{
    (void)state;
    assert_decodes("\xef\xbb\xbf{\"Action\":\"Ping\"}\n", "<Action=Ping;>");
    assert_decodes("\xef\xbb\xbf\n{\"Action\":\"Ping\"}\n", "<Action=Ping;>");
    assert_decodes("\n\xef\xbb\xbf{}\n", "<!" FAILED "invalid syntax>");
}

static void reads_all_simple_values(void **state)
{
    (void)state;
    assert_decodes("{\"a\":1,\"b\":-9223372036854775808,\"c\":9223372036854775807,\"d\":true,\"e\":false}\n",
                   "<a=1;b=-9223372036854775808;c=9223372036854775807;d=true;e=false;>");
    assert_decodes("{\"a\":1.5,\"b\":0.1,\"c\":1795393958.27,\"d\":1700000000.000001,\"e\":1e3,\"f\":1.0}\n",
                   "<a=1.5;b=0.1;c=1795393958.27;d=1700000000.000001;e=1000.0;f=1.0;>");
}

static void arrays_are_repeated_headers(void **state)
{
    (void)state;
    assert_decodes("{\"Action\":\"Originate\",\"Variable\":[\"a=1\",\"b=2\",3,true],\"Async\":true,\"None\":[]}\n",
                   "<Action=Originate;Variable=a=1;Variable=b=2;Variable=3;Variable=true;Async=true;>");
}

static void refuses_values_that_are_no_text(void **state)
{
    (void)state;
    assert_refuses("{\"Action\":null,\"ActionID\":\"7\"}", "<ActionID=7;!" FAILED "null is no value of a header>");
    assert_refuses("{\"Action\":{\"x\":1},\"ActionID\":\"7\"}",
                   "<ActionID=7;!" FAILED "an object is no value of a header>");
    assert_refuses("{\"V\":[1,{\"a\":1},null],\"ActionID\":\"7\"}",
                   "<V=1;ActionID=7;!" FAILED "an object is no value of a header>");
    assert_refuses("{\"V\":[[1]],\"ActionID\":\"7\"}",
                   "<ActionID=7;!" FAILED "an array within an array is no value of a header>");
    assert_refuses("{\"\":\"x\",\"ActionID\":\"7\"}", "<ActionID=7;!" FAILED "a key is empty>");
    assert_refuses("{}", "<!" FAILED "the object is empty>");
    assert_refuses("{\"V\":[]}", "<!" FAILED "the object is empty>");
}

static void refuses_what_is_no_object(void **state)
{
    (void)state;
    static const char *const lines[] = {"[{\"Action\":\"Ping\"}]", "[]", "1", "\"x\"", "null", "true", "1.5"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_refuses(lines[i], "<!" FAILED "the line is no object>");
}

static void test_r17_refuses_malformed_lines_and_goes_on(void **state)
{
    (void)state;
    assert_refuses("Action: Ping", "<!" FAILED "invalid syntax>");
    assert_refuses("{\"Action\":\"Ping\"", "<!" FAILED "the line ends before the object does>");
    assert_refuses("{\"Action\":\"Ping", "<!" FAILED "the line ends before the object does>");
    assert_refuses("{\"Action\":\"Ping\"} {}", "<!" FAILED "something follows the object>");
    assert_refuses("{\"Action\":\"Ping\",}", "<!" FAILED "invalid syntax>");
    assert_refuses("{'Action':'Ping'}", "<!" FAILED "invalid syntax>");
    assert_refuses("{\"a\":\"x\ty\"}", "<!" FAILED "invalid syntax>");
    assert_refuses("{\"a\":01}", "<!" FAILED "invalid syntax>");
    assert_refuses("{\"a\":NaN}", "<!" FAILED "invalid syntax>");
    assert_refuses("{\"a\":1,\"a\":2}", "<!" FAILED "a key occurs twice>");
    assert_refuses("{\"a\":\"\\u0000\"}", "<!" FAILED "NUL in a string>");
    assert_refuses("{\"a\\u0000\":\"b\"}", "<!" FAILED "NUL in a string>");
    assert_refuses("{\"a\":1e999}", "<!" FAILED "a number is out of range>");
    assert_refuses("{\"a\":9223372036854775808}", "<!" FAILED "a number is out of range>");
    assert_refuses("{\"a\":\"\xff\"}", "<!" FAILED "no UTF-8>");
    assert_refuses("{\"a\":\"\xed\xa0\x80\"}", "<!" FAILED "no UTF-8>");
    assert_refuses("{\"a\":\"\\ud800\"}", "<!" FAILED "invalid syntax>");
    static const char nul[] = "{\"Action\":\0\"Ping\"}\n{\"Action\":\"Ping\"}\0\n";
    static const char both[] = "<!" FAILED "the line ends before the object does>"
                               "<!" FAILED "something follows the object>";
    assert_decodes_bytes(nul, sizeof nul - 1, false, both);
}

/** A line that a client sends, and what must come of it; NULL: anything. */
struct sent {
    char text[LINE_BYTES + 2];
    size_t length;
    const char *expected;
};

static void decode_line(const void *input)
{
    const struct sent *line = input;
    struct amp_test_client client = {.bytes = line->text, .length = line->length, .most_bytes = 1 << 20};
    char *out = amp_test_decode(&amp_plugin_v1, &client);
    if (line->expected != NULL)
        assert_string_equal(out, line->expected);
    free(out);
}

/** Lines in which `part` is repeated: `count` times, and ten times that. @param expected  of the longer line */
static void assert_parts_cost_little(const char *part, size_t count, const char *expected)
{
    static struct sent few, many;
    size_t size = strlen(part);
    for (size_t i = 0; i < 10 * count; i++)
        memcpy(many.text + i * size, part, size);
    few.length = count * size + 1;
    many.length = 10 * count * size + 1;
    memcpy(few.text, many.text, few.length - 1);
    few.text[few.length - 1] = many.text[many.length - 1] = '\n';
    many.expected = expected;
    assert_linear(decode_line, &few, &many);
}

static void test_r17_depth_costs_little(void **state)
{
    (void)state;
    static const char *const parts[] = {"[", "{\"\":", "[{\"a\":", "{\"a\":["};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        assert_parts_cost_little(parts[i], 100, "<!" FAILED "the line ends before the object does>");
        assert_parts_cost_little(parts[i], LINE_BYTES / 10 / strlen(parts[i]), "<!" FAILED "nested too deeply>");
    }
}

static void test_r17_what_is_no_json_costs_little(void **state)
{
    (void)state;
    static const char *const parts[] = {"x", "{\"", "{\"ActionID\" "};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_parts_cost_little(parts[i], LINE_BYTES / 10 / strlen(parts[i]), "<!" FAILED "invalid syntax>");
}

/** Writes an object of about that many bytes, with as many different keys as fit. */
static void write_keys(struct sent *line, size_t bytes)
{
    size_t length = (size_t)snprintf(line->text, sizeof line->text, "{");
    for (int i = 0; length < bytes - 20; i++)
        length += (size_t)snprintf(line->text + length, sizeof line->text - length, "\"%d\":0.1,", i);
    line->length = length + (size_t)snprintf(line->text + length, sizeof line->text - length, "\"a\":1}\n");
}

static void test_r17_any_line_costs_little(void **state)
{
    (void)state;
    static struct sent few, many;
    write_keys(&few, LINE_BYTES / 10);
    write_keys(&many, LINE_BYTES);
    assert_linear(decode_line, &few, &many);
}

/** A line of `length` bytes. */
static void assert_long_line(size_t length, bool fits)
{
    static char text[3 * LINE_BYTES], expected[3 * LINE_BYTES];
    size_t filler = length - strlen("{\"a\":\"\"}");
    char *value = calloc(1, filler + 1);
    memset(value, 'x', filler);
    snprintf(text, sizeof text, "{\"Action\":\"Ping\"}\n{\"a\":\"%s\"}\n", value);
    snprintf(expected, sizeof expected, fits ? "<Action=Ping;><a=%s;>" : "<Action=Ping;>" TOO_LONG, value);
    assert_decodes(text, expected);
    free(value);
}

static void bounds_a_line(void **state)
{
    (void)state;
    assert_long_line(LINE_BYTES, true);
    assert_long_line(LINE_BYTES + 1, false);
    static char endless[2 * LINE_BYTES];
    memset(endless, '[', sizeof endless);
    assert_decodes_bytes(endless, sizeof endless, true, TOO_LONG);
}

static void finish_takes_a_last_line_without_its_end(void **state)
{
    (void)state;
    static const char one[] = "{\"Action\":\"Ping\"}\n{\"Action\":\"Logoff\"}";
    static const char half[] = "{\"Action\":\"Ping\"}\n{\"Action\":\"Logo";
    static const char blank[] = "{\"Action\":\"Ping\"}\n \r";
    assert_decodes_bytes(one, sizeof one - 1, true, "<Action=Ping;><Action=Logoff;>");
    assert_decodes_bytes(half, sizeof half - 1, true,
                         "<Action=Ping;><!" FAILED "the line ends before the object does>");
    assert_decodes_bytes(blank, sizeof blank - 1, true, "<Action=Ping;>");
    assert_decodes_bytes("", 0, true, "");
}

static void finish_takes_lines_that_were_held_back(void **state)
{
    (void)state;
    static const char text[] = "{\"Action\":\"A\"}\n{\"Action\":\"B\"}\n{\"Action\":\"C\"}";
    struct amp_test_client client = {.stop = true};
    struct amp_test_decoder *decoder = amp_test_decoder_create(&amp_plugin_v1, &client);
    size_t used = amp_test_decoder_give(decoder, text, sizeof text - 1);
    assert_int_equal(used, 15);
    amp_test_decoder_finish(decoder, text + used, sizeof text - 1 - used);
    assert_string_equal(amp_test_decoder_text(decoder), "<Action=A;><Action=B;><Action=C;>");
    amp_test_decoder_destroy(decoder);
}

static void assert_recognises(const char *text, enum amp_guess expected)
{
    assert_int_equal(amp_plugin_v1.recognise(text, strlen(text)), expected);
}

static void recognises_json(void **state)
{
    (void)state;
    assert_recognises("{", AMP_GUESS_YES);
    assert_recognises(" \r\n\t[1", AMP_GUESS_YES);
    assert_recognises("\xef\xbb\xbf\n{\"A", AMP_GUESS_YES);
    assert_recognises("\xef\xbb", AMP_GUESS_MAYBE);
    assert_recognises("\xef\xbb\xbf ", AMP_GUESS_MAYBE);
    assert_recognises("\r\n \n", AMP_GUESS_MAYBE);
    assert_recognises("\xef\xbbx", AMP_GUESS_NO);
    assert_recognises("Action: Ping", AMP_GUESS_NO);
    assert_recognises("\"Action: Ping\"", AMP_GUESS_NO);
    assert_recognises("<", AMP_GUESS_NO);
}

static void tells_how_a_list_is_written(void **state)
{
    (void)state;
    assert_string_equal(amp_plugin_v1.content_type, "application/json");
    json_t *list = json_loads("[{\"a\":1}\n,{\"b\":2}\n]\n", 0, NULL); // begin, message, between, message, end
    assert_int_equal(json_array_size(list), 2);
    json_decref(list);
    assert_string_equal(amp_plugin_v1.list_begin, "[");
    assert_string_equal(amp_plugin_v1.list_between, ",");
    assert_string_equal(amp_plugin_v1.list_end, "]\n");
}

static int set_up(void **state)
{
    (void)state;
    return amp_plugin_v1.configure(NULL) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_an_object_a_line),
        cmocka_unit_test(ignores_blank_lines),
        cmocka_unit_test(ignores_a_byte_order_mark),
        cmocka_unit_test(reads_all_simple_values),
        cmocka_unit_test(arrays_are_repeated_headers),
        cmocka_unit_test(refuses_values_that_are_no_text),
        cmocka_unit_test(refuses_what_is_no_object),
        cmocka_unit_test(test_r17_refuses_malformed_lines_and_goes_on),
        cmocka_unit_test(test_r17_depth_costs_little),
        cmocka_unit_test(test_r17_what_is_no_json_costs_little),
        cmocka_unit_test(test_r17_any_line_costs_little),
        cmocka_unit_test(bounds_a_line),
        cmocka_unit_test(finish_takes_a_last_line_without_its_end),
        cmocka_unit_test(finish_takes_lines_that_were_held_back),
        cmocka_unit_test(recognises_json),
        cmocka_unit_test(tells_how_a_list_is_written),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
