// tests/unit/plugins/test_standard.c: how the standard format reads a client's bytes, wherever they are cut.
#include "plugins/standard/standard.c"

#include "plugin/host.h"
#include "unit/test.h"

#include <stdio.h>

#define HTTP_REFUSED "{failed: This is AMI, not HTTP}"

/** The result as text: `<Name=value;…>` for each message, with `!reason` before its end if it was rejected. */
struct record {
    char text[300000];
    size_t length;
    bool stop; // say false after each message
};

static void note(struct record *record, const char *bytes, size_t length)
{
    assert_true(record->length + length < sizeof record->text);
    memcpy(record->text + record->length, bytes, length);
    record->length += length;
    record->text[record->length] = '\0';
}

static void note_text(struct record *record, const char *text)
{
    note(record, text, strlen(text));
}

static bool on_message(void *context, struct message *message, const char *rejected)
{
    struct record *record = context;
    note_text(record, "<");
    for (uint32_t i = 0; i < message->header_count; i++) {
        struct span name, value;
        message_header(message, i, &name, &value);
        note(record, name.bytes, name.length);
        note_text(record, "=");
        note(record, value.bytes, value.length);
        note_text(record, ";");
    }
    if (rejected != NULL) {
        note_text(record, "!");
        note_text(record, rejected);
    }
    note_text(record, ">");
    message_unref(message);
    return !record->stop;
}

/** Passes `bytes` in pieces of `piece` bytes, as a session does: unused bytes are passed again with the next ones. */
static void run(struct record *record, const char *bytes, size_t length, size_t piece, bool stop)
{
    struct amp_input input;
    void *decoder = amp_plugin_v1.decoder_create();
    record->length = 0;
    record->text[0] = '\0';
    record->stop = stop;
    amp_input_init(&input, 1 << 20, on_message, record);
    for (size_t start = 0, end = 0; end < length;) {
        end = end + piece < length ? end + piece : length;
        size_t used = 0;
        do { // again after a stop, until nothing more is used
            char *exact = malloc(end - start + 1);
            memcpy(exact, bytes + start, end - start);
            used = amp_plugin_v1.decode(decoder, exact, end - start, &input);
            assert_true(used <= end - start);
            free(exact);
            start += used;
        } while (used > 0 && start < end);
        assert_true(end - start <= ID_LINE_BYTES + 1); // what a session has to keep is bounded
    }
    if (input.failed != NULL) {
        note_text(record, "{failed: ");
        note_text(record, input.failed);
        note_text(record, "}");
    }
    amp_input_fini(&input);
    amp_plugin_v1.decoder_destroy(decoder);
}

static void assert_decodes_bytes(const char *bytes, size_t length, const char *expected)
{
    static struct record record;
    static const size_t pieces[] = {SIZE_MAX / 2, 1, 2, 3, 1000};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        if (pieces[i] < 1000 && length > 20000)
            continue; // byte by byte over long lines takes its time
        run(&record, bytes, length, pieces[i], false);
        assert_string_equal(record.text, expected);
        run(&record, bytes, length, pieces[i], true);
        assert_string_equal(record.text, expected);
    }
}

static void assert_decodes(const char *text, const char *expected)
{
    assert_decodes_bytes(text, strlen(text), expected);
}

static void reads_messages(void **state)
{
    (void)state;
    assert_decodes("Action: Ping\r\nActionID: 1\r\n\r\nAction: Logoff\r\n\r\n",
                   "<Action=Ping;ActionID=1;><Action=Logoff;>");
    assert_decodes("Action: Ping\n\nAction: Logoff\r\n\n", "<Action=Ping;><Action=Logoff;>");
    assert_decodes("Action: Ping\r\n", "");
    assert_decodes("Action: Ping\r\n\r", "");
}

static void ignores_blank_blocks(void **state)
{
    (void)state;
    assert_decodes("\r\n\n\r\n\r\nAction: Ping\r\n\r\n\r\n\n\n", "<Action=Ping;>");
}

static void skips_blanks_after_the_colon_only(void **state)
{
    (void)state;
    assert_decodes("Action:Ping\r\nA:  \t x y \r\nEmpty:\r\nBlank:   \r\nB: c:d\r\n\r\n",
                   "<Action=Ping;A=x y ;Empty=;Blank=;B=c:d;>");
}

static void rejects_lines_that_are_no_header(void **state)
{
    (void)state;
    assert_decodes("Action: Ping\nnonsense\nActionID: 7\n\nAction: Ping\n\n",
                   "<Action=Ping;ActionID=7;!Failed to parse message: no colon in a line><Action=Ping;>");
    assert_decodes(": x\nActionID: 7\n\n", "<ActionID=7;!Failed to parse message: a header without a name>");
    assert_decodes("A B: x\nActionID: 7\n\n",
                   "<ActionID=7;!Failed to parse message: blank or control byte in the name of a header>");
    assert_decodes("A\x7f: x\nActionID: 7\n\n",
                   "<ActionID=7;!Failed to parse message: blank or control byte in the name of a header>");
    assert_decodes(" Action: x\nActionID: 7\n\n",
                   "<ActionID=7;!Failed to parse message: blank or control byte in the name of a header>");
}

static void rejects_bytes_that_make_lines(void **state)
{
    (void)state;
    static const char nul[] = "Action: Pi\0ng\nActionID: 7\n\n";
    static const char expected[] = "<ActionID=7;!Failed to parse message: carriage return or NUL within a line>";
    assert_decodes("Action: Ping\rX: y\nActionID: 7\n\n", expected);
    assert_decodes("Action: Ping\r\r\nActionID: 7\n\n", expected);
    assert_decodes("\r\r\nActionID: 7\n\n", expected);
    assert_decodes_bytes(nul, sizeof nul - 1, expected);
}

static void rejects_what_has_nothing_else(void **state)
{
    (void)state;
    assert_decodes("nonsense\r\n\r\n", "<!Failed to parse message: no colon in a line>");
}

/** `Action: Ping⏎NAME: xxx…⏎ActionID: 7⏎⏎` where the middle line has `length` bytes. */
static void assert_line_of(const char *name, size_t length, const char *end, bool fits)
{
    static char text[100000], expected[100000];
    char *filler = malloc(length + 1);
    memset(filler, 'x', length);
    filler[length - strlen(name) - 2] = '\0';
    snprintf(text, sizeof text, "Action: Ping%s%s: %s%sLast: 7%s%s", end, name, filler, end, end, end);
    if (fits)
        snprintf(expected, sizeof expected, "<Action=Ping;%s=%s;Last=7;>", name, filler);
    else
        snprintf(expected, sizeof expected, "<Action=Ping;Last=7;!Failed to parse message: line too long>");
    assert_decodes(text, expected);
    free(filler);
}

static void rejects_long_lines(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *end = i == 0 ? "\n" : "\r\n";
        assert_line_of("Variable", 1022, end, true);
        assert_line_of("Variable", 1023, end, false);
        assert_line_of("Variable", 30000, end, false);
        assert_line_of("actionid", 8192, end, true);
        assert_line_of("ActionID", 8193, end, false);
        assert_line_of("ActionIDs", 1023, end, false);
    }
}

static void an_endless_line_fails(void **state)
{
    (void)state;
    static char text[200000];
    memset(text, 'x', sizeof text);
    assert_decodes_bytes(text, sizeof text, "{failed: Message too long}");
    assert_decodes_bytes(text, SKIPPED_BYTES, "");
    assert_decodes_bytes(text, SKIPPED_BYTES + 1, "{failed: Message too long}");
}

static void endless_bad_lines_fail(void **state)
{
    (void)state;
    static char text[200000];
    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "x\n", 2);
    assert_decodes_bytes(text, sizeof text, "{failed: Message too long}");
}

static void counts_lines(void **state)
{
    (void)state;
    char text[4096], expected[4096];
    for (int lines = 128; lines <= 129; lines++) {
        size_t used = 0, wanted = 1;
        strcpy(expected, "<");
        for (int i = 0; i < lines; i++) {
            used += (size_t)snprintf(text + used, sizeof text - used, "H%d: v\r\n", i);
            wanted += (size_t)snprintf(expected + wanted, sizeof expected - wanted, "H%d=v;", i);
        }
        snprintf(text + used, sizeof text - used, "\r\nAction: Ping\r\n\r\n");
        snprintf(expected + wanted, sizeof expected - wanted, "%s><Action=Ping;>",
                 lines > 128 ? "!Too many lines in message or allocation failure" : "");
        assert_decodes(text, expected);
    }
}

static void knows_http(void **state)
{
    (void)state;
    assert_decodes("GET / HTTP/1.1\r\nHost: pbx\r\n\r\n", HTTP_REFUSED);
    assert_decodes("POST /rawman?action=ping HTTP/1.1\r\n", HTTP_REFUSED);
    assert_decodes("HEAD http://pbx/ HTTP/1.1\r\n", HTTP_REFUSED);
    assert_decodes("PUT / HTTP/1.1\r\n", HTTP_REFUSED);
    assert_decodes("\r\nOPTIONS * HTTP/1.1\r\n", HTTP_REFUSED);
    assert_decodes("DELETE / HTTP/1.1\r\nHOST: pbx\r\n\r\nAction: Ping\r\n\r\n", HTTP_REFUSED);
    assert_decodes("Action: Ping\r\n\r\nAction: Ping\r\nHost: pbx\r\n\r\n",
                   "<Action=Ping;><Action=Ping;Host=pbx;>"); // later it is a header as any other
    assert_decodes("Action: x\r\nGET it: x\r\n\r\n",
                   "<Action=x;!Failed to parse message: blank or control byte in the name of a header>");
}

static void a_long_request_is_http_too(void **state)
{
    (void)state;
    char text[3000];
    memset(text, 'x', sizeof text);
    memcpy(text, "GET /", 5);
    assert_decodes_bytes(text, sizeof text, HTTP_REFUSED);
}

static void writes_the_same_bytes(void **state)
{
    (void)state;
    struct message_builder builder;
    message_builder_init(&builder);
    message_addf(&builder, "Event", "Hangup");
    message_addf(&builder, "Cause", "%d", 16);
    struct message *message = message_build(&builder);
    message_builder_fini(&builder);
    struct amp_output out = {0};
    amp_plugin_v1.encode(amp_message_of(message), &out);
    static const char expected[] = "Event: Hangup\r\nCause: 16\r\n\r\n";
    assert_int_equal(out.length, sizeof expected - 1);
    assert_memory_equal(out.bytes, expected, out.length);
    amp_output_fini(&out);
    message_unref(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_messages),
        cmocka_unit_test(ignores_blank_blocks),
        cmocka_unit_test(skips_blanks_after_the_colon_only),
        cmocka_unit_test(rejects_lines_that_are_no_header),
        cmocka_unit_test(rejects_bytes_that_make_lines),
        cmocka_unit_test(rejects_what_has_nothing_else),
        cmocka_unit_test(rejects_long_lines),
        cmocka_unit_test(an_endless_line_fails),
        cmocka_unit_test(endless_bad_lines_fail),
        cmocka_unit_test(counts_lines),
        cmocka_unit_test(knows_http),
        cmocka_unit_test(a_long_request_is_http_too),
        cmocka_unit_test(writes_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
