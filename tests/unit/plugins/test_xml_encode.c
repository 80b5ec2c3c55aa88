// tests/unit/plugins/test_xml_encode.c: what the xml format writes: the old program's form, and always well-formed,
// which its decoder (expat) verifies.
#include "plugin/host.h"
#include "unit/ami/parse.h"
#include "unit/plugins/xml_plugin.h"
#include "unit/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVER " <Server Value=\"pbx\"/>\r\n"
#define CAPTURES AMP_SOURCE "/tests/data/captures"
#define REPLACEMENT "\xEF\xBF\xBD"

static struct span encode(const struct message *message, struct amp_output *out)
{
    out->length = 0;
    xml->encode(amp_message_of(message), out);
    return (struct span){out->bytes, out->length};
}

/** Checks that the AMI text becomes this XML text. */
static void assert_encodes(struct span ami, const char *expected)
{
    struct list list = parse_cut(ami, 0, "pbx", NULL);
    struct amp_output out = {0};
    assert_int_equal(list.count, 1);
    encode(list.messages[0], &out);
    amp_output_write(&out, "", 1);
    assert_string_equal(out.bytes, expected);
    amp_output_fini(&out);
    list_fini(&list);
}

#define ASSERT_ENCODES(ami, content)                                          \
    assert_encodes((struct span){ami "\r\n\r\n", sizeof(ami "\r\n\r\n") - 1}, \
                   "<AsteriskManagerOutput>\r\n" content SERVER "</AsteriskManagerOutput>\r\n\r\n")

static void test_c62_the_old_shape(void **state)
{
    (void)state;
    ASSERT_ENCODES("Response: Success\r\nActionID: Foo\r\nPing: Pong",
                   " <Response Value=\"Success\"/>\r\n <ActionID Value=\"Foo\"/>\r\n <Ping Value=\"Pong\"/>\r\n");
    ASSERT_ENCODES("Event: x\r\nVariable: a\r\nVariable: b\r\nEmpty:",
                   " <Event Value=\"x\"/>\r\n <Variable Value=\"a\"/>\r\n <Variable Value=\"b\"/>\r\n"
                   " <Empty Value=\"\"/>\r\n");
}

static void test_f20_blanks_around_a_value_are_written(void **state)
{
    (void)state;
    ASSERT_ENCODES("Response: Success\r\nOutput:   'call' =>  1. \r\nOutput: \tx\r\nOutput:  ",
                   " <Response Value=\"Success\"/>\r\n <Output Value=\"  'call' =&gt;  1. \"/>\r\n"
                   " <Output Value=\"&#9;x\"/>\r\n <Output Value=\" \"/>\r\n");
}

static void test_c62_our_own_messages_have_another_tag(void **state)
{
    (void)state;
    struct message_builder builder;
    struct amp_output out = {0};
    message_builder_init(&builder);
    message_addf(&builder, "Response", "Success");
    struct message *message = message_build(&builder);
    message_builder_fini(&builder);
    encode(message, &out);
    amp_output_write(&out, "", 1);
    assert_string_equal(out.bytes, "<AsteriskManagerProxyOutput>\r\n <Response Value=\"Success\"/>\r\n"
                                   "</AsteriskManagerProxyOutput>\r\n\r\n");
    amp_output_fini(&out);
    message_unref(message);
}

static void test_c63_only_what_is_no_header_is_unparsed(void **state)
{
    (void)state;
    ASSERT_ENCODES("Response: Error\r\nMessage: Queue status will follow, and some more of it\r\nno header <here>",
                   " <Response Value=\"Error\"/>\r\n"
                   " <Message Value=\"Queue status will follow, and some more of it\"/>\r\n"
                   " <UnparsedText Value=\"no header &lt;here&gt;\"/>\r\n");
    assert_encodes(span_of("Response: Follows\r\nPrivilege: Command\r\nline 1\n\nA: line 3\n--END COMMAND--\r\n\r\n"),
                   "<AsteriskManagerOutput>\r\n"
                   " <Response Value=\"Follows\"/>\r\n <Privilege Value=\"Command\"/>\r\n" SERVER
                   " <UnparsedText Value=\"line 1\"/>\r\n <UnparsedText Value=\"\"/>\r\n"
                   " <UnparsedText Value=\"A: line 3\"/>\r\n <UnparsedText Value=\"--END COMMAND--\"/>\r\n"
                   "</AsteriskManagerOutput>\r\n\r\n");
}

static void names_that_no_element_can_have(void **state)
{
    (void)state;
    ASSERT_ENCODES("Event: x\r\nA B(c): 1\r\n1st: 2\r\n-a: 3\r\na-1._: 4\r\n_x: 5\r\nH\xC3\xB6: 6\r\n\xFF\"<: 7",
                   " <Event Value=\"x\"/>\r\n <Header Name=\"A B(c)\" Value=\"1\"/>\r\n"
                   " <Header Name=\"1st\" Value=\"2\"/>\r\n <Header Name=\"-a\" Value=\"3\"/>\r\n"
                   " <a-1._ Value=\"4\"/>\r\n <_x Value=\"5\"/>\r\n <Header Name=\"H\xC3\xB6\" Value=\"6\"/>\r\n"
                   " <Header Name=\"" REPLACEMENT "&quot;&lt;\" Value=\"7\"/>\r\n");
    ASSERT_ENCODES("Event: x\r\nHeader: 1\r\nUnparsedText: 2\r\nheader: 3",
                   " <Event Value=\"x\"/>\r\n <Header Name=\"Header\" Value=\"1\"/>\r\n"
                   " <Header Name=\"UnparsedText\" Value=\"2\"/>\r\n <header Value=\"3\"/>\r\n");
}

static void test_c64_values_that_xml_cannot_hold(void **state)
{
    (void)state;
    ASSERT_ENCODES("E: <&>\"'\x7f", " <E Value=\"&lt;&amp;&gt;&quot;'\x7f\"/>\r\n");
    ASSERT_ENCODES("E: x\r\nE: a\tb\nc\rd", " <E Value=\"x\"/>\r\n <E Value=\"a&#9;b&#10;c&#13;d\"/>\r\n");
    ASSERT_ENCODES("E: a\0b\x1b[0m\x0b", " <E Value=\"a" REPLACEMENT "b" REPLACEMENT "[0m" REPLACEMENT "\"/>\r\n");
    ASSERT_ENCODES("E: M\xFCller", " <E Value=\"M" REPLACEMENT "ller\"/>\r\n"); // Latin-1
}

/** Checks that `bytes` in a value become `expected`. */
static void assert_characters(const char *bytes, const char *expected)
{
    char ami[64], text[256];
    snprintf(ami, sizeof ami, "E: x%sy\r\n\r\n", bytes);
    snprintf(text, sizeof text,
             "<AsteriskManagerOutput>\r\n <E Value=\"x%sy\"/>\r\n" SERVER "</AsteriskManagerOutput>\r\n\r\n", expected);
    assert_encodes(span_of(ami), text);
}

static void test_c64_only_whole_characters_are_kept(void **state)
{
    (void)state;
    static const char *const good[] = {
        "\xC2\x80",     "\xDF\xBF",         "\xE0\xA0\x80",     "\xED\x9F\xBF",     "\xEE\x80\x80",
        "\xEF\xBF\xBD", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xF0\x9F\x98\x80", "\xE2\x82\xAC\xC3\xA9",
    };
    static const struct {
        const char *bytes;
        unsigned replacements;
    } bad[] = {
        {"\x80", 1},
        {"\xC3", 1},
        {"\xC0\xAF", 2},
        {"\xE2\x82", 1},
        {"\xE0\x80\x80", 3},
        {"\xED\xA0\x80", 3},
        {"\xEF\xBF\xBE", 1},
        {"\xEF\xBF\xBF", 1},
        {"\xF0\x8F\xBF\xBF", 4},
        {"\xF4\x90\x80\x80", 4},
        {"\xF5\x80\x80\x80", 4},
        {"\xFE\xFF", 2},
        {"\xF0\x9F\x98", 1},
        {"\xC3\xC3", 2},
        {"\xE2\x82\xE2\x82", 2},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_characters(good[i], good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char expected[64] = "";
        for (unsigned k = 0; k < bad[i].replacements; k++)
            strcat(expected, REPLACEMENT);
        assert_characters(bad[i].bytes, expected);
    }
}

static void long_values_are_whole(void **state)
{
    (void)state;
    for (size_t length = 1990; length < 4200; length += length % 100 == 0 ? 50 : 1) {
        struct message_builder builder;
        struct amp_output out = {0};
        char *value = malloc(length);
        memset(value, 'x', length);
        message_builder_init(&builder);
        message_add(&builder, span_of("E"), (struct span){value, length});
        struct message *message = message_build(&builder);
        message_builder_fini(&builder);
        struct span text = encode(message, &out);
        const char *begin = memchr(text.bytes, '"', text.length);
        assert_non_null(begin);
        assert_memory_equal(begin + 1, value, length);
        assert_int_equal(begin[1 + length], '"');
        amp_output_fini(&out);
        message_unref(message);
        free(value);
    }
}

static bool on_message(void *context, struct message *message, const char *rejected)
{
    struct message **seen = context;
    assert_null(*seen);
    assert_null(rejected);
    *seen = message;
    return true;
}

/** Reads the output, under the root element of actions. The caller owns the message. */
static struct message *decode(struct span text)
{
    bool is_own = memmem(text.bytes, text.length, "<AsteriskManagerProxyOutput>", 28) == text.bytes;
    const char *tag = is_own ? "<AsteriskManagerProxyOutput>" : "<AsteriskManagerOutput>";
    static const char input_root[] = "<AsteriskManagerInput>", input_end[] = "</AsteriskManagerInput>\r\n\r\n";
    size_t root = strlen(tag), end = root + strlen("/\r\n\r\n");
    struct message *message = NULL;
    struct amp_input input;
    struct amp_output document = {0};
    assert_true(text.length >= root + end);
    assert_memory_equal(text.bytes, tag, root);
    assert_memory_equal(text.bytes + text.length - end, "</", 2);
    assert_memory_equal(text.bytes + text.length - end + 2, tag + 1, root - 1);
    amp_output_write(&document, input_root, sizeof input_root - 1);
    amp_output_write(&document, text.bytes + root, text.length - root - end);
    amp_output_write(&document, input_end, sizeof input_end - 1);
    amp_input_init(&input, 1 << 20, on_message, &message);
    void *decoder = xml->decoder_create();
    assert_int_equal(xml->decode(decoder, document.bytes, document.length, &input), document.length);
    if (input.failed != NULL)
        fail_msg("%s: %.*s", input.failed, (int)text.length, text.bytes);
    xml->decoder_destroy(decoder);
    amp_input_fini(&input);
    amp_output_fini(&document);
    return message;
}

/** Decoding gives the same headers if all lines of the message are headers of one line. The decoded message is an
 *  action, whose values lose leading blanks; test_f20 checks that they were written. */
static void assert_comes_back(const struct message *message, const struct message *again)
{
    assert_non_null(again);
    assert_int_equal(message->header_count, again->header_count);
    for (uint32_t i = 0; i < message->header_count; i++) {
        struct span name, value, name_again, value_again;
        message_header(message, i, &name, &value);
        message_header(again, i, &name_again, &value_again);
        while (value.length > 0 && (unsigned char)*value.bytes <= ' ')
            value = (struct span){value.bytes + 1, value.length - 1};
        assert_true(span_equals(name, name_again) && span_equals(value, value_again));
    }
}

static void actions_come_back(void **state)
{
    (void)state;
    static const char ami[] =
        "Action: Originate\r\nActionID: a<b>&\"c'\r\nVariable: x=1\r\nVariable: y=\t2 \r\n"
        "A B(c): \xC3\xA9\xE2\x82\xAC\r\nHeader: h\r\nUnparsedText: u\r\nEmpty:\r\nxml: 1\r\n\r\n";
    struct list list = parse_cut((struct span){ami, sizeof ami - 1}, 0, NULL, NULL);
    struct amp_output out = {0};
    assert_int_equal(list.count, 1);
    struct message *again = decode(encode(list.messages[0], &out));
    assert_comes_back(list.messages[0], again);
    message_unref(again);
    amp_output_fini(&out);
    list_fini(&list);
}

/** Each message of a real Asterisk is well-formed, and comes back. */
static uint32_t check_capture(const char *name)
{
    char path[4096];
    struct amp_output out = {0}, bytes = {0};
    char buffer[65536];
    snprintf(path, sizeof path, CAPTURES "/%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    for (size_t count; (count = fread(buffer, 1, sizeof buffer, file)) > 0;)
        amp_output_write(&bytes, buffer, count);
    fclose(file);
    struct list list = parse_cut((struct span){bytes.bytes, bytes.length}, 0, "pbx", NULL);
    for (uint32_t i = 0; i < list.count; i++) {
        struct message *again = decode(encode(list.messages[i], &out));
        if (strcmp(name, "ajam-http.txt") != 0 && (i > 0 || memcmp(bytes.bytes, "Asterisk", 8) != 0)) // no AMI; banner
            assert_comes_back(list.messages[i], again);
        message_unref(again);
    }
    uint32_t count = list.count;
    list_fini(&list);
    amp_output_fini(&out);
    amp_output_fini(&bytes);
    return count;
}

static void captures_come_back(void **state)
{
    (void)state;
    DIR *entries = opendir(CAPTURES);
    uint32_t count = 0;
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (strstr(entry->d_name, ".txt") != NULL)
            count += check_capture(entry->d_name);
    }
    closedir(entries);
    assert_true(count > 5000);
}

/** Any bytes at all give XML with the same number of elements. */
static void noise_is_well_formed(void **state)
{
    (void)state;
    struct amp_output out = {0};
    uint32_t random = 12345;
    for (int round = 0; round < 20000; round++) {
        struct message_builder builder;
        char bytes[24];
        for (size_t i = 0; i < sizeof bytes; i++) {
            random = random * 1664525 + 1013904223;
            bytes[i] = (char)(random >> 24);
        }
        message_builder_init(&builder);
        message_add(&builder, (struct span){bytes, 1 + random % 8}, (struct span){bytes + 8, sizeof bytes - 8});
        struct message *message = message_build(&builder);
        message_builder_fini(&builder);
        struct span text = encode(message, &out);
        if (memmem(text.bytes, text.length, "&#1", 3) == NULL) { // a line end, which no action may have
            struct message *again = decode(text);
            assert_int_equal(again->header_count, 1);
            message_unref(again);
        }
        message_unref(message);
    }
    amp_output_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_c62_the_old_shape),
        cmocka_unit_test(test_f20_blanks_around_a_value_are_written),
        cmocka_unit_test(test_c62_our_own_messages_have_another_tag),
        cmocka_unit_test(test_c63_only_what_is_no_header_is_unparsed),
        cmocka_unit_test(names_that_no_element_can_have),
        cmocka_unit_test(test_c64_values_that_xml_cannot_hold),
        cmocka_unit_test(test_c64_only_whole_characters_are_kept),
        cmocka_unit_test(long_values_are_whole),
        cmocka_unit_test(actions_come_back),
        cmocka_unit_test(captures_come_back),
        cmocka_unit_test(noise_is_well_formed),
    };
    return cmocka_run_group_tests(tests, xml_load, xml_unload);
}
