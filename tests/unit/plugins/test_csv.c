// tests/unit/plugins/test_csv.c: what the csv format writes, and how it reads a client's bytes.
#include "plugins/csv/csv.c"

#include "ami/message.h"
#include "plugin/host.h"
#include "unit/test.h"

#include <astmanproxy/testing.h>

#include <stdio.h>

#define NO_COLON "!Failed to parse CSV: no colon in a field"
#define NO_SENSE "{failed: Failed to parse CSV: a quote out of place}"
#define TOO_LONG "{failed: Message too long}"
#define LINE_END "!Failed to parse message: line end or NUL within a header"

/** @param headers  name, value, name, value, … NULL; an empty name: a line that is no header */
static struct message *message_of(const char *const *headers)
{
    struct message_builder builder;
    message_builder_init(&builder);
    for (; headers[0] != NULL; headers += 2) {
        if (headers[0][0] == '\0')
            message_add_line(&builder, span_of(headers[1]));
        else
            message_add(&builder, span_of(headers[0]), span_of(headers[1]));
    }
    return message_build(&builder);
}

static void assert_encodes(const char *const *headers, const char *expected)
{
    struct amp_output out = {0};
    struct message *message = message_of(headers);
    amp_plugin_v1.encode(amp_message_of(message), &out);
    amp_output_write(&out, "", 1);
    assert_string_equal(out.bytes, expected);
    amp_output_fini(&out);
    message_unref(message);
}

static const char *const simple[] = {"Event", "Hangup", "Channel", "SIP/1", "AccountCode", "", NULL};
static const char *const quoted[] = {"CallerIDName", "\"A, \"\"B\"", "\"N", "x\"", "", "CLI \"text\"", NULL};

static void test_c66_one_record_a_message(void **state)
{
    (void)state;
    assert_encodes(simple, "\"Event: Hangup\",\"Channel: SIP/1\",\"AccountCode: \"\r\n");
}

static void test_c66_quotes_are_doubled(void **state)
{
    (void)state;
    assert_encodes(quoted, "\"CallerIDName: \"\"A, \"\"\"\"B\"\"\",\"\"\"N: x\"\"\",\"CLI \"\"text\"\"\"\r\n");
}

static void test_c66_legacy_separators(void **state)
{
    (void)state;
    legacy = true;
    assert_encodes(simple, "\"Event: Hangup\", \"Channel: SIP/1\", \"AccountCode: \"\r\n\r\n");
    assert_encodes(quoted, "\"CallerIDName: \"\"A, \"\"\"\"B\"\"\", \"\"\"N: x\"\"\", \"CLI \"\"text\"\"\"\r\n\r\n");
    legacy = false;
}

static void test_c66_fields_of_any_length(void **state)
{
    (void)state;
    static char value[3000], expected[4000];
    memset(value, 'x', sizeof value - 1);
    const char *const headers[] = {"Output", value, NULL};
    snprintf(expected, sizeof expected, "\"Output: %s\"\r\n", value);
    assert_encodes(headers, expected);
}

/** All ways to cut `bytes` must give `expected`. */
static void assert_decodes_bytes(const char *bytes, size_t length, bool finish, const char *expected)
{
    struct amp_test_client client = {
        .bytes = bytes, .length = length, .finish = finish, .most_bytes = 1 << 20, .most_kept = BOM_BYTES - 1};
    assert_true(amp_test_decodes(&amp_plugin_v1, &client, expected));
}

static void assert_decodes(const char *text, const char *expected)
{
    assert_decodes_bytes(text, strlen(text), false, expected);
}

static void assert_finishes(const char *text, const char *expected)
{
    assert_decodes_bytes(text, strlen(text), true, expected);
}

static void reads_a_record_an_action(void **state)
{
    (void)state;
    assert_decodes("\"Action: Ping\",\"ActionID: foo\"\r\n\"Action: Logoff\"\n",
                   "<Action=Ping;ActionID=foo;><Action=Logoff;>");
    assert_decodes("\"Action: Ping\"\r\"Action: Logoff\"\r", "<Action=Ping;><Action=Logoff;>");
    assert_decodes("\"Action: Ping\"", "");
}

static void test_c66_reads_the_legacy_blank(void **state)
{
    (void)state;
    assert_decodes("\"Action: Ping\", \"ActionID: foo\"\r\n\r\n\"Action: Logoff\" ,\t\"A: b\" \r\n\r\n",
                   "<Action=Ping;ActionID=foo;><Action=Logoff;A=b;>");
}

static void reads_fields_without_quotes(void **state)
{
    (void)state;
    assert_decodes("Action: Ping, ActionID: a b \r\n", "<Action=Ping;ActionID=a b;>");
}

static void splits_at_the_first_colon(void **state)
{
    (void)state;
    assert_decodes("\"Action:Ping\",\"A:  \tb: c \",\"Empty:\",\"Blank:  \",\"Q: \"\"x, \"\"\"\"\"\n",
                   "<Action=Ping;A=b: c ;Empty=;Blank=;Q=\"x, \"\";>");
}

static void rejects_fields_that_are_no_header(void **state)
{
    (void)state;
    assert_decodes("\"Action: Ping\",\"nonsense\",\"ActionID: 7\"\n\"Action: Ping\"\n",
                   "<Action=Ping;ActionID=7;" NO_COLON "><Action=Ping;>");
    assert_decodes("\": x\",\"ActionID: 7\"\n", "<ActionID=7;!Failed to parse CSV: a header without a name>");
    assert_decodes("nonsense\n", "<" NO_COLON ">");
}

static void skips_what_is_empty(void **state)
{
    (void)state;
    assert_decodes("\n\r\n \t\r\n\"Action: Ping\",,\"\",\n,\n\n\"Action: Logoff\",\n",
                   "<Action=Ping;><Action=Logoff;>");
    assert_decodes("\xef\xbb\xbf\"Action: Ping\"\n", "<Action=Ping;>");
    assert_decodes("\xef\xbb\xbf\n\"Action: Ping\"\n", "<Action=Ping;>");
    assert_decodes("\xef\xbb\"Action: Ping\"\n", NO_SENSE); // half a mark is a field without quotes
}

static void line_ends_within_quotes_make_no_header(void **state)
{
    (void)state;
    assert_decodes("\"Action: Ping\",\"A: b\r\nAction: Logoff\",\"ActionID: 7\"\r\n\"Action: Ping\"\r\n",
                   "<Action=Ping;ActionID=7;" LINE_END "><Action=Ping;>");
    assert_decodes("\"Action: Ping\",\"A\r: b\",\"ActionID: 7\"\r\n", "<Action=Ping;ActionID=7;" LINE_END ">");
    static const char nul[] = "\"Action: Pi\0ng\",\"ActionID: 7\"\r\nAction: \0\n";
    assert_decodes_bytes(nul, sizeof nul - 1, false, "<ActionID=7;" LINE_END "><" LINE_END ">");
}

static void a_quote_out_of_place_fails(void **state)
{
    (void)state;
    static const char *const records[] = {"\"Action\": Ping\n", "\"Action: \"Ping\"\"\n", "Action: \"Ping\"\n",
                                          "\"Action: Ping\" x\n", "\"Action: Ping\" \"\n"};
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, "\"Action: Ping\"\n%s\"Action: Logoff\"\n", records[i]);
        assert_finishes(text, "<Action=Ping;>" NO_SENSE);
    }
}

/** A record of `length` bytes, with its end. */
static void assert_long_record(size_t length, bool fits)
{
    static char text[2 * RECORD_BYTES], expected[2 * RECORD_BYTES];
    size_t filler = length - strlen("\"a:\"\n");
    char *value = calloc(1, filler + 1);
    memset(value, 'x', filler);
    snprintf(text, sizeof text, "\"Action: Ping\"\n\"a:%s\"\n", value);
    snprintf(expected, sizeof expected, fits ? "<Action=Ping;><a=%s;>" : "<Action=Ping;>" TOO_LONG, value);
    assert_decodes(text, expected);
    free(value);
}

static void bounds_a_record(void **state)
{
    (void)state;
    assert_long_record(RECORD_BYTES, true);
    assert_long_record(RECORD_BYTES + 1, false);
    static char endless[2 * RECORD_BYTES];
    static const char *const parts[] = {"\"", "\"\"\"\",", "x", ",", "\"\r\n", "\"a\",", "x "};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t part = strlen(parts[i]);
        endless[0] = '"';
        for (size_t k = 1; k + part < sizeof endless; k += part)
            memcpy(endless + k, parts[i], part);
        struct amp_test_client client = {.bytes = endless, .length = sizeof endless, .piece = 7, .most_bytes = 1 << 20};
        char *out = amp_test_decode(&amp_plugin_v1, &client);
        assert_true(strncmp(out, "{failed: ", 9) == 0 || strstr(out, NO_COLON) != NULL);
        free(out);
    }
}

static void blank_lines_without_end_are_no_record(void **state)
{
    (void)state;
    static char text[3 * RECORD_BYTES];
    memset(text, '\n', sizeof text - 1);
    assert_finishes(text, "");
}

static void long_fields_leave_no_memory_behind(void **state)
{
    (void)state;
    static char text[60000];
    struct amp_test_client client = {.most_bytes = 1 << 20};
    struct amp_test_decoder *test = amp_test_decoder_create(&amp_plugin_v1, &client);
    struct decoder *decoder = amp_test_decoder_state(test);
    memset(text, 'x', sizeof text);
    memcpy(text, "\"Action:", 8);
    memcpy(text + sizeof text - 2, "\"\n", 2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(amp_test_decoder_give(test, text, sizeof text), sizeof text);
    assert_true(csv_get_buffer_size(&decoder->parser) <= KEPT_BYTES);
    amp_test_decoder_destroy(test);
}

static void uses_a_record_exactly(void **state)
{
    (void)state;
    static const char text[] = "\"Action: A\"\r\n\"Action: B\"\r\n\"Action: C\"";
    struct amp_test_client client = {.stop = true};
    struct amp_test_decoder *decoder = amp_test_decoder_create(&amp_plugin_v1, &client);
    size_t used = amp_test_decoder_give(decoder, text, sizeof text - 1);
    assert_int_equal(used, 12); // the LF belongs to what follows
    amp_test_decoder_finish(decoder, text + used, sizeof text - 1 - used);
    assert_string_equal(amp_test_decoder_text(decoder), "<Action=A;><Action=B;><Action=C;>");
    amp_test_decoder_destroy(decoder);
}

static void finish_takes_a_last_record_without_its_end(void **state)
{
    (void)state;
    assert_finishes("\"Action: Ping\"\r\n\"Action: Logoff\"", "<Action=Ping;><Action=Logoff;>");
    assert_finishes("\"Action: Ping\"\r\n\"Action: Logoff\",", "<Action=Ping;><Action=Logoff;>");
    assert_finishes("\"Action: Ping\"\r\nAction: Logoff ", "<Action=Ping;><Action=Logoff;>");
    assert_finishes("\"Action: Ping\"\r\n", "<Action=Ping;>");
    assert_finishes("\"ActionID: 7\",\"Action: Log",
                    "<ActionID=7;!Failed to parse CSV: a quote is missing at the end>");
    assert_finishes("", "");
    assert_finishes(" \n", "");
    assert_finishes("\xef\xbb", "<" NO_COLON ">");
    assert_finishes("\xef\xbb\xbf", "");
    assert_finishes("\xef\xbb\xbf\"Action: Ping\"", "<Action=Ping;>");
}

static void assert_recognises(const char *text, enum amp_guess expected)
{
    assert_int_equal(amp_plugin_v1.recognise(text, strlen(text)), expected);
}

static void recognises_csv(void **state)
{
    (void)state;
    assert_recognises("\"", AMP_GUESS_YES);
    assert_recognises(" \r\n\t\"A", AMP_GUESS_YES);
    assert_recognises("\xef\xbb\xbf\n\"A", AMP_GUESS_YES);
    assert_recognises("\xef\xbb", AMP_GUESS_MAYBE);
    assert_recognises("\r\n \n", AMP_GUESS_MAYBE);
    assert_recognises("\xef\xbbx", AMP_GUESS_NO);
    assert_recognises("Action: Ping", AMP_GUESS_NO);
    assert_recognises("{\"", AMP_GUESS_NO);
}

/** What is written is read as the same action. */
static void round_trip(void **state)
{
    (void)state;
    static const char *const headers[] = {"Action", "Originate", "Variable",   "a=\"x\",b", "Variable",
                                          "",       "H\xc3\xb6", "\xff: , \"", NULL};
    struct message *message = message_of(headers);
    for (int i = 0; i < 2; i++) {
        struct amp_output out = {0};
        legacy = i == 1;
        amp_plugin_v1.encode(amp_message_of(message), &out);
        assert_decodes_bytes(out.bytes, out.length, false,
                             "<Action=Originate;Variable=a=\"x\",b;Variable=;H\xc3\xb6=\xff: , \";>");
        amp_output_fini(&out);
    }
    legacy = false;
    message_unref(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_c66_one_record_a_message),
        cmocka_unit_test(test_c66_quotes_are_doubled),
        cmocka_unit_test(test_c66_legacy_separators),
        cmocka_unit_test(test_c66_fields_of_any_length),
        cmocka_unit_test(reads_a_record_an_action),
        cmocka_unit_test(test_c66_reads_the_legacy_blank),
        cmocka_unit_test(reads_fields_without_quotes),
        cmocka_unit_test(splits_at_the_first_colon),
        cmocka_unit_test(rejects_fields_that_are_no_header),
        cmocka_unit_test(skips_what_is_empty),
        cmocka_unit_test(line_ends_within_quotes_make_no_header),
        cmocka_unit_test(a_quote_out_of_place_fails),
        cmocka_unit_test(bounds_a_record),
        cmocka_unit_test(blank_lines_without_end_are_no_record),
        cmocka_unit_test(long_fields_leave_no_memory_behind),
        cmocka_unit_test(uses_a_record_exactly),
        cmocka_unit_test(finish_takes_a_last_record_without_its_end),
        cmocka_unit_test(recognises_csv),
        cmocka_unit_test(round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
