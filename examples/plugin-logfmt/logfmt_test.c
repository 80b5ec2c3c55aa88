// examples/plugin-logfmt/logfmt_test.c: unit tests of logfmt.c with astmanproxy's test kit; no proxy runs.
#include <astmanproxy/testing.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void check_that(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "failed: %s\n", what);
    failures++;
}

/** Decodes `text` cut in every way. @param expected  see amp_test_decode() */
static void check_decodes(const char *text, const char *expected)
{
    struct amp_test_client client = {.bytes = text, .length = strlen(text), .finish = true, .most_kept = 16384};

    check_that(amp_test_decodes(&amp_plugin_v1, &client, expected), text);
}

static void check_encodes(const char *message_text, const char *expected)
{
    struct amp_message *message = amp_test_message(message_text);
    char *line = amp_test_encode(&amp_plugin_v1, message, NULL);

    check_that(strcmp(line, expected) == 0, line);
    free(line);
    amp_test_message_free(message);
}

static void test_decoder(void)
{
    check_decodes("Action=Ping ActionID=1\r\n\nAction=Logoff", "<Action=Ping;ActionID=1;><Action=Logoff;>");
    check_decodes("A=\"a \\\"b\\\" \\t\"\n", "<A=a \"b\" \t;>");
    check_decodes("ActionID=x wrong\nAction=Ping\n",
                  "<ActionID=x;!Failed to parse logfmt: expected name=value><Action=Ping;>");
    check_decodes("ActionID=x A=\"open", "<ActionID=x;!Failed to parse logfmt: a quote is missing at the end>");
    check_decodes("ActionID=x A=\"b\\r\\nAction: Logoff\"",
                  "<ActionID=x;!Failed to parse message: line end or NUL within a header>");
}

static void test_long_line(void)
{
    static char line[20000];
    struct amp_test_client client = {.bytes = line, .length = sizeof line};

    memset(line, 'x', sizeof line);
    check_that(amp_test_decodes(&amp_plugin_v1, &client, "{failed: Message too long}"), "a line without an end");
}

static void test_encoder(void)
{
    check_encodes("Event: Hangup\nEmpty:\nOdd name: a=b\nTab: a\tb\\c\n",
                  "Event=Hangup Empty=\"\" Odd_name=\"a=b\" Tab=\"a\\u0009b\\\\c\"\n");
    check_encodes("Response: Follows\nline of text\n", "Response=Follows text=\"line of text\"\n");
}

/** Any bytes may be in a message: here a quote, and a byte that is no UTF-8. */
static void test_any_bytes(void)
{
    static const struct amp_bytes fields[] = {{"Event", 5}, {"\"\xff", 2}};
    struct amp_message *message = amp_test_message_of(fields, 1);
    size_t length;
    char *line = amp_test_encode(&amp_plugin_v1, message, &length);

    check_that(length == 12 && memcmp(line, "Event=\"\\\"\xff\"\n", length) == 0, line);
    free(line);
    amp_test_message_free(message);
}

static void test_settings(void)
{
    char *errors = amp_test_configure(&amp_plugin_v1, "logfmt: {names: upper}");

    check_that(errors != NULL && strstr(errors, "logfmt.names: expected one of keep, lower; found") != NULL,
               "a wrong value");
    free(errors);
    errors = amp_test_configure(&amp_plugin_v1, "logfmt: {name: lower}");
    check_that(errors != NULL && strstr(errors, "expected one of the keys names") != NULL, "an unknown key");
    free(errors);
    check_that(amp_test_configure(&amp_plugin_v1, "logfmt: {names: lower}") == NULL, "names: lower");
    check_encodes("Event: Hangup\n", "event=Hangup\n");
    check_that(amp_test_configure(&amp_plugin_v1, NULL) == NULL, "no section");
    check_encodes("Event: Hangup\n", "Event=Hangup\n");
}

int main(void)
{
    check_that(amp_plugin_v1.recognise("Action=", 7) == AMP_GUESS_YES, "recognise: Action=");
    check_that(amp_plugin_v1.recognise("Action:", 7) == AMP_GUESS_NO, "recognise: Action:");
    test_decoder();
    test_long_line();
    test_encoder();
    test_any_bytes();
    test_settings();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
