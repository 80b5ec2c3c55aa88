// examples/plugin-cloudevents/cloudevents_test.c: unit tests with astmanproxy's test kit; no proxy runs.
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

/** Encodes a message. @return the line, without the id's value if `hides_id`; the caller frees it */
static char *line_of(const char *message_text, bool hides_id)
{
    struct amp_message *message = amp_test_message(message_text);
    char *line = amp_test_encode(&amp_plugin_v1, message, NULL);
    char *id = strstr(line, ",\"id\":\"");

    amp_test_message_free(message);
    check_that(id != NULL, "an id");
    if (id != NULL && hides_id) {
        char *end = strchr(id + 7, '"');
        memmove(id + 7, end, strlen(end) + 1);
    }
    return line;
}

static void check_encodes(const char *message_text, const char *expected)
{
    char *line = line_of(message_text, true);

    check_that(strcmp(line, expected) == 0, line);
    free(line);
}

static void test_event(void)
{
    check_encodes("Event: Hangup\nChannel: PJSIP/7-1\nUniqueid: 1.2\nLinkedid: 1.1\nTimestamp: 1767225600.012345\n"
                  "Server: pbx 1\n",
                  "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"/asterisk/pbx%201\","
                  "\"type\":\"org.asterisk.ami.event.Hangup\",\"time\":\"2026-01-01T00:00:00.012345Z\","
                  "\"subject\":\"PJSIP/7-1\",\"partitionkey\":\"1.1\",\"server\":\"pbx 1\","
                  "\"datacontenttype\":\"application/json\",\"data\":{\"Event\":\"Hangup\",\"Channel\":\"PJSIP/7-1\","
                  "\"Uniqueid\":\"1.2\",\"Linkedid\":\"1.1\",\"Timestamp\":\"1767225600.012345\","
                  "\"Server\":\"pbx 1\"}}\n");
}

static void test_answers(void)
{
    check_encodes("Response: Success\nActionID: a1\nVariable: x\nVariable: y\nvariable: z\n",
                  "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"/asterisk/\","
                  "\"type\":\"org.asterisk.ami.response.Success\",\"actionid\":\"a1\","
                  "\"datacontenttype\":\"application/json\",\"data\":{\"Response\":\"Success\",\"ActionID\":\"a1\","
                  "\"Variable\":[\"x\",\"y\"],\"variable\":\"z\"}}\n");
    check_encodes(
        "a line of text\n",
        "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"/asterisk/\",\"type\":\"org.asterisk.ami.message\","
        "\"datacontenttype\":\"application/json\",\"data\":{\"UnparsedText\":\"a line of text\"}}\n");
}

/** The proxy's number of a message is the id, and only its own: a dialplan can send a header of that name. */
static void test_id(void)
{
    char *line = line_of("Event: X\nExportID: k3.17\nServer: a\nExportID: spoofed\n", false);
    check_that(strstr(line, ",\"id\":\"k3.17\",") != NULL, line);
    check_that(strstr(line, "\"ExportID\":\"spoofed\"") != NULL && strstr(line, "[\"k3.17") == NULL, line);
    free(line);
    line = line_of("Event: X\nServer: a\nExportID: spoofed\n", false);
    char *other = line_of("Event: X\nServer: b\nExportID: spoofed\n", false);
    check_that(strstr(line, "\"id\":\"spoofed\"") == NULL, line);
    check_that(strncmp(line, other, 60) != 0, "other messages have other ids");
    free(line);
    free(other);
}

static void test_time(void)
{
    static const char *const wrong[] = {"", "1", "1.", ".5", "x.1", "1.2x", "999999999999.1", "253402300800.0", "-1.5"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "Event: X\nTimestamp: %s\n", wrong[i]);
        char *line = line_of(text, true);
        check_that(strstr(line, "\"time\":") == NULL, line);
        free(line);
    }
    char *line = line_of("Event: X\nTimestamp: 951782400.5\n", true);
    check_that(strstr(line, "\"time\":\"2000-02-29T00:00:00.500000Z\"") != NULL, line);
    free(line);
}

/** Any bytes may be in a message. Attributes have no control characters and noncharacters; data may. */
static void test_any_bytes(void)
{
    static const char value[] = "\"\\\t\x7f\xc3\xa9\xff\xed\xa0\x80\xef\xbf\xbe\xf0\x9f\x98\x80\xc0\x80";
    struct amp_bytes fields[] = {{"Ch\xc3 \"", 5}, {value, sizeof value}, {"Channel", 7}, {value, sizeof value}};
    struct amp_message *message = amp_test_message_of(fields, 2);
    char *line = amp_test_encode(&amp_plugin_v1, message, NULL);
    static const char bad[] = "\xef\xbf\xbd";
    char data[256], attribute[256];

    snprintf(data, sizeof data,
             "\"Ch__\\\"\":\"\\\"\\\\\\u0009\x7f\xc3\xa9%s%s%s%s\xef\xbf\xbe\xf0\x9f\x98\x80%s%s%s\"", bad, bad, bad,
             bad, bad, bad, bad);
    snprintf(attribute, sizeof attribute, "\"subject\":\"\\\"\\\\%s%s\xc3\xa9%s%s%s%s%s\xf0\x9f\x98\x80%s%s%s\"", bad,
             bad, bad, bad, bad, bad, bad, bad, bad, bad);
    check_that(strstr(line, data) != NULL, line);
    check_that(strstr(line, attribute) != NULL, line);
    free(line);
    amp_test_message_free(message);
}

/** Many headers of one name, and many names: in time that grows with their number. */
static void test_many_headers(void)
{
    enum { COUNT = 100000 };
    struct amp_bytes *fields = calloc(2 * COUNT, sizeof *fields);
    char *names = calloc(COUNT, 8);
    size_t length;

    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(names + 8 * (size_t)i, 8, "%u", i);
        const char *name = i % 2 == 0 ? "Output" : names + 8 * (size_t)i;
        fields[2 * i] = (struct amp_bytes){name, strlen(name)};
        fields[2 * i + 1] = (struct amp_bytes){"v", 1};
    }
    struct amp_message *message = amp_test_message_of(fields, COUNT);
    char *line = amp_test_encode(&amp_plugin_v1, message, &length);
    char *array = strstr(line, "\"Output\":[\"v\",\"v\",");
    check_that(array != NULL && strstr(array + 1, "\"Output\"") == NULL && strstr(line, "\"99999\":\"v\"") != NULL,
               "one array");
    free(line);
    amp_test_message_free(message);
    free(fields);
    free(names);
}

static void check_refused(const char *yaml, const char *expected)
{
    char *errors = amp_test_configure(&amp_plugin_v1, yaml);

    check_that(errors != NULL && strstr(errors, expected) != NULL, yaml);
    free(errors);
}

static void test_settings(void)
{
    check_refused("cloudevents: {source: 'a b'}", "cloudevents.source: expected the beginning of a URI");
    check_refused("cloudevents: {source: 'http://x/%2'}", "cloudevents.source: expected the beginning of a URI");
    check_refused("cloudevents: {type: com..x}", "cloudevents.type: expected words with dots between them");
    check_refused("cloudevents: {typ: x}", "expected one of the keys source, type, subject");
    check_that(amp_test_configure(&amp_plugin_v1, "cloudevents: {source: 'https://a/b?c=%20#', type: com.example, "
                                                  "subject: [Account, Exten]}") == NULL,
               "settings");
    check_encodes("Event: X\nChannel: c\nExten: 100\nServer: s\n",
                  "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"https://a/b?c=%20#s\","
                  "\"type\":\"com.example.event.X\",\"subject\":\"100\",\"server\":\"s\","
                  "\"datacontenttype\":\"application/json\","
                  "\"data\":{\"Event\":\"X\",\"Channel\":\"c\",\"Exten\":\"100\",\"Server\":\"s\"}}\n");
}

int main(void)
{
    check_that(amp_test_configure(&amp_plugin_v1, NULL) == NULL, "no section");
    test_event();
    test_answers();
    test_id();
    test_time();
    test_any_bytes();
    test_many_headers();
    test_settings();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
