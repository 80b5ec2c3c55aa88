// tests/unit/plugins/test_xml.c: how the xml format reads a client's bytes, wherever they are cut, and what it writes.
#include "plugin/host.h"
#include "unit/plugins/xml_plugin.h"
#include "unit/test.h"

#include <astmanproxy/testing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_LIMIT 65536
#define INVALID "{failed: Invalid XML Input}"
#define TOO_LONG "{failed: Message too long}"
#define LINE_END "<ActionID=7;!Failed to parse message: line end or NUL within a header>"
#define DOC(content) "<AsteriskManagerInput>" content "</AsteriskManagerInput>"

/** Decodes `bytes` in pieces of `piece`, none of which the session has to keep. @return the result as text; the caller
 *  frees it */
static char *run(struct span bytes, size_t piece)
{
    struct amp_test_client client = {
        .bytes = bytes.bytes, .length = bytes.length, .piece = piece, .most_bytes = BYTE_LIMIT, .most_kept = 1};
    return amp_test_decode(xml, &client);
}

static void assert_decodes_span(struct span bytes, bool finish, const char *expected)
{
    struct amp_test_client client = {
        .bytes = bytes.bytes, .length = bytes.length, .finish = finish, .most_bytes = BYTE_LIMIT, .most_kept = 1};
    assert_true(amp_test_decodes(xml, &client, expected));
}

static void assert_decodes(const char *text, const char *expected)
{
    assert_decodes_span(span_of(text), false, expected);
    assert_decodes_span(span_of(text), true, expected);
}

static void reads_the_documented_form(void **state)
{
    (void)state;
    assert_decodes("<AsteriskManagerInput>\r\n <Action Value=\"Ping\"/>\r\n <ActionID Value=\"1\"/>\r\n"
                   "</AsteriskManagerInput>\r\n\r\n",
                   "<Action=Ping;ActionID=1;>");
    assert_decodes(DOC("<Action Value='Ping'/>") DOC("<Action Value='Logoff'/>"), "<Action=Ping;><Action=Logoff;>");
}

static void reads_any_spelling(void **state)
{
    (void)state;
    static const char expected[] = "<Action=Ping;>";
    assert_decodes(DOC("<Action Value='Ping'></Action>"), expected);
    assert_decodes(DOC("<Action>Ping</Action>"), expected);
    assert_decodes(DOC("<Action>\r\n\tPi<!-- x --><![CDATA[n]]>&#103;\r\n</Action >"), expected);
    assert_decodes(DOC("<Action\nValue = \"Ping\"\t/>"), expected);
    assert_decodes(DOC("<Action Value='&#80;&#x69;ng'/>"), expected);
    assert_decodes(DOC("<Header Name='Action' Value='Ping'/>"), expected);
    assert_decodes(DOC("<Header Name='Action'>Ping</Header>"), expected);
    assert_decodes("<?xml version=\"1.0\" encoding='utf-8'?>\n<!-- a --><?b c?>" DOC("<?d?><Action Value='Ping'/>"),
                   expected);
    assert_decodes("\xEF\xBB\xBF<?xml version='1.0'?><AsteriskManagerInput xmlns='urn:x'><Action Value='Ping'/>"
                   "</AsteriskManagerInput\n>",
                   expected);
    assert_decodes(DOC("<A Value='&lt;&gt;&amp;&quot;&apos;\xC3\xA9 &#233;'/>"), "<A=<>&\"'\xC3\xA9 \xC3\xA9;>");
    assert_decodes(DOC("<A/><B></B><C Value=''/>"), "<A=;B=;C=;>");
    assert_decodes(DOC("<A Value=' x\ty\r\nz '/>"), "<A=x y z ;>"); // blanks in XML; AMI drops the first ones
    assert_decodes(DOC("<Header Value='x'/><Header Name='A B(c)' Value='y'/>"), "<Header=x;A B(c)=y;>");
    assert_decodes(DOC("<Variable Value='a'/><Variable Value='b'/>"), "<Variable=a;Variable=b;>");
}

static void documents_follow_each_other(void **state)
{
    (void)state;
    assert_decodes("\r\n \r\n<?xml version='1.0'?>" DOC("<A>1</A>") "\r\n\r\n<?xml version='1.0'?>" DOC(
                       "<A>2</A>") "<!-- end -->" DOC("<A>3</A>") " <!-- end --> ",
                   "<A=1;><A=2;><A=3;>");
    assert_decodes("<AsteriskManagerInput/> " DOC("") DOC("<A>1</A>") DOC(" "), "<A=1;>");
    assert_decodes("", "");
    assert_decodes(" \r\n\t", "");
}

static void what_is_malformed_fails(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Action: Ping\r\n\r\n",
        "GET / HTTP/1.1\r\n",
        "< x",
        "<A x>",
        DOC("<A Value='1'>"),
        DOC("<A Value='1' Value='2'/>"),
        DOC("<A Value=1/>"),
        DOC("<A Value='<'/>"),
        DOC("<A Value='&x;'/>"),
        DOC("<A>&x;</A>"),
        DOC("<A Value='&#0;'/>"),
        DOC("<A Value='&#1;'/>"),
        DOC("<A Value='\x01'/>"),
        DOC("<A Value='\xE9.'/>"),
        DOC("<A B(c)='1'/>"),
        DOC("<A>]]></A>"),
        "<!-- x --> x ",
        "<?xml version='1.0'?><?xml version='1.0'?>",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_decodes(texts[i], INVALID);
    static const char nul[] = "<AsteriskManagerInput><A Value='a\0b'/></AsteriskManagerInput>";
    assert_decodes_span((struct span){nul, sizeof nul - 1}, false, INVALID);
    assert_decodes(DOC("<A>1</A>") "nonsense", "<A=1;>" INVALID); // what came before is done
}

static void what_is_not_ours_fails(void **state)
{
    (void)state;
    assert_decodes("<AsteriskManagerOutput><A>1</A>",
                   "{failed: Invalid XML Input: the root element is not AsteriskManagerInput}");
    assert_decodes(DOC("<A><B>1</B></A>"), "{failed: Invalid XML Input: elements within a header}");
    assert_decodes("<?xml version='1.0' encoding='ISO-8859-1'?>" DOC("<A>1</A>"),
                   "{failed: Invalid XML Input: the encoding is not UTF-8}");
}

static void test_r16_document_types_fail(void **state)
{
    (void)state;
    static const char expected[] = "{failed: Invalid XML Input: a document type is not allowed}";
    assert_decodes("<!DOCTYPE AsteriskManagerInput>" DOC("<A>1</A>"), expected);
    assert_decodes("<!DOCTYPE x [<!ENTITY a 'b'>]>" DOC("<A>&a;</A>"), expected);
    assert_decodes("<?xml version='1.0'?><!DOCTYPE x SYSTEM 'file:///etc/passwd'>" DOC("<A>1</A>"), expected);
}

static void what_is_unclear_is_rejected(void **state)
{
    (void)state;
    assert_decodes(DOC("<A value='1'/><ActionID>7</ActionID>") DOC("<A>1</A>"),
                   "<A=;ActionID=7;!Failed to parse message: unknown attribute of a header><A=1;>");
    assert_decodes(DOC("<A Name='x' Value='1'/>"), "<A=1;!Failed to parse message: unknown attribute of a header>");
    assert_decodes(DOC("<A Value='1'>2</A>"), "<A=1;!Failed to parse message: a header with a Value and a text>");
    assert_decodes(DOC("Action: Ping"), "<!Failed to parse message: text that is in no header>");
    assert_decodes(DOC("<Header Name='' Value='1'/>"), "<!Failed to parse message: a header without a name>");
    assert_decodes(DOC("<Header Name=''>1</Header>"), "<!Failed to parse message: a header without a name>");
    assert_decodes(DOC("<A Value='1'> <!-- x -->\n</A>"), "<A=1;>");
}

/** The program finds them, in whatever form they were written. */
static void test_r01_line_ends_are_rejected(void **state)
{
    (void)state;
    static const char *const values[] = {"&#13;", "&#10;", "&#xD;&#xA;", "x&#13;&#10;Action: Command"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, DOC("<ActionID Value='7'/><A Value='a%sb'/>"), values[i]);
        assert_decodes(text, LINE_END);
        snprintf(text, sizeof text, DOC("<ActionID Value='7'/><A>a%sb</A>"), values[i]);
        assert_decodes(text, LINE_END);
        snprintf(text, sizeof text, DOC("<ActionID Value='7'/><Header Name='a%sb' Value='c'/>"), values[i]);
        assert_decodes(text, LINE_END);
    }
    assert_decodes(DOC("<ActionID>7</ActionID><A>a\nb</A>"), LINE_END);
    assert_decodes(DOC("<ActionID>7</ActionID><A><![CDATA[a\r\nb]]></A>"), LINE_END);
    assert_decodes(DOC("<ActionID>7</ActionID><A>a<!-- x -->\n<!-- x -->b</A>"), LINE_END);
}

/** `head` + `length` times `filler` + `tail`. */
static void assert_filled(const char *head, char filler, size_t length, const char *tail, bool fits)
{
    static const size_t pieces[] = {SIZE_MAX / 2, 1000, 7};
    size_t total = strlen(head) + length + strlen(tail);
    char *text = malloc(total + 1);
    memset(text, filler, total);
    memcpy(text, head, strlen(head));
    memcpy(text + total - strlen(tail), tail, strlen(tail) + 1);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        if (pieces[i] < 1000 && length > 100000)
            continue;
        char *seen = run((struct span){text, total}, pieces[i]);
        if (fits)
            assert_null(strstr(seen, "{failed"));
        else
            assert_string_equal(seen, TOO_LONG);
        free(seen);
    }
    free(text);
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        char filler;
        const char *tail;
    } tokens[] = {
        {"<AsteriskManagerInput><A Value='", 'x', "'/>"},
        {"<!--", 'x', "-->"},
        {"<?x ", 'x', "?>"},
        {"<AsteriskManagerInput ", ' ', ">"},
        {"<AsteriskManagerInput><A></A", ' ', ">"},
        {"<?xml version='1.0' ", ' ', "?>"},
        {"<AsteriskManagerInput><A>", 'x', "</A>"},
        {"<AsteriskManagerInput><A><![CDATA[", 'x', "]]></A>"},
    };
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        assert_filled(tokens[i].head, tokens[i].filler, 16000, tokens[i].tail, true);
        assert_filled(tokens[i].head, tokens[i].filler, 17000, tokens[i].tail, false);
        assert_filled(tokens[i].head, tokens[i].filler, 300000, tokens[i].tail, false);
        assert_filled(tokens[i].head, tokens[i].filler, 300000, "", false); // never ends
    }
    assert_filled("<AsteriskManagerInput><A Value='", 'x', 8300, "'/>", true);
    assert_filled("", ' ', 3000000, "", true); // between documents: as blank lines
    assert_filled("<AsteriskManagerInput>", ' ', 900000, "</AsteriskManagerInput>", true);
    assert_filled("<AsteriskManagerInput>", ' ', 1100000, "</AsteriskManagerInput>", false);
}

/** `<AsteriskManagerInput>` and then `part` again and again. */
static void assert_endless(const char *part, const char *expected)
{
    struct amp_output text = {0};
    amp_output_write(&text, "<AsteriskManagerInput>", 22);
    while (text.length < 300000)
        amp_output_write(&text, part, strlen(part));
    char *seen = run((struct span){text.bytes, text.length}, 4096);
    assert_string_equal(seen, expected);
    free(seen);
    amp_output_fini(&text);
}

static void test_r16_endless_documents_fail(void **state)
{
    (void)state;
    static const char *const parts[] = {"<A/>", "<A Value='x'/>", "<A b='c'/>", "x<A/>", "<A>x</A>"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_endless(parts[i], TOO_LONG);
    assert_endless("<a>", "{failed: Invalid XML Input: elements within a header}");
}

static void stops_where_the_document_ends(void **state)
{
    (void)state;
    static const char text[] = DOC("<A>1</A>") "\r\n" DOC("<A>2</A>") "<AsteriskManagerInput/>" DOC("<A>3</A>") "<x";
    struct amp_test_client client = {.stop = true};
    struct amp_test_decoder *decoder = amp_test_decoder_create(xml, &client);
    size_t length = strlen(DOC("<A>1</A>"));
    assert_int_equal(amp_test_decoder_give(decoder, text, sizeof text - 1), length);
    assert_int_equal(amp_test_decoder_give(decoder, text + length, sizeof text - 1 - length), length + 2);
    length += length + 2;
    amp_test_decoder_finish(decoder, text + length, sizeof text - 1 - length); // takes all that is whole
    assert_string_equal(amp_test_decoder_text(decoder), "<A=1;><A=2;><A=3;><!Invalid XML Input>");
    amp_test_decoder_destroy(decoder);
}

static void what_is_not_complete_is_rejected_at_the_end(void **state)
{
    (void)state;
    assert_decodes_span(span_of("<AsteriskManagerInput><ActionID>7</ActionID></AsteriskManagerInput"), true,
                        "<ActionID=7;!Invalid XML Input>");
    assert_decodes_span(span_of("<AsteriskManagerInput>"), true, "<!Invalid XML Input>");
    assert_decodes_span(span_of("<"), true, "<!Invalid XML Input>");
    assert_decodes_span(span_of("<!-- x"), true, "<!Invalid XML Input>");
    assert_decodes_span(span_of("<!-- x --><"), true, "<!Invalid XML Input>");
    assert_decodes_span(span_of("<!-- x --> \n"), true, "");
    assert_decodes_span(span_of("<AsteriskManagerInput><A"), false, "");
}

static void recognises_its_clients(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum amp_guess guess;
    } cases[] = {
        {"<", AMP_GUESS_YES},
        {"<Ast", AMP_GUESS_YES},
        {"\r\n <", AMP_GUESS_YES},
        {"\xEF\xBB\xBF<", AMP_GUESS_YES},
        {"\xEF\xBB\xBF\n<", AMP_GUESS_YES},
        {" ", AMP_GUESS_MAYBE},
        {"\r\n\r\n", AMP_GUESS_MAYBE},
        {"\xEF", AMP_GUESS_MAYBE},
        {"\xEF\xBB", AMP_GUESS_MAYBE},
        {"\xEF\xBB\xBF\r", AMP_GUESS_MAYBE},
        {"A", AMP_GUESS_NO},
        {"\r\nAction: Ping", AMP_GUESS_NO},
        {"\xEF\xBB<", AMP_GUESS_NO},
        {"{", AMP_GUESS_NO},
        {"\xEF\xBB\xBF\xEF", AMP_GUESS_NO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(xml->recognise(cases[i].text, strlen(cases[i].text)), cases[i].guess);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_documented_form),
        cmocka_unit_test(reads_any_spelling),
        cmocka_unit_test(documents_follow_each_other),
        cmocka_unit_test(what_is_malformed_fails),
        cmocka_unit_test(what_is_not_ours_fails),
        cmocka_unit_test(test_r16_document_types_fail),
        cmocka_unit_test(what_is_unclear_is_rejected),
        cmocka_unit_test(test_r01_line_ends_are_rejected),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(test_r16_endless_documents_fail),
        cmocka_unit_test(stops_where_the_document_ends),
        cmocka_unit_test(what_is_not_complete_is_rejected_at_the_end),
        cmocka_unit_test(recognises_its_clients),
    };
    return cmocka_run_group_tests(tests, xml_load, xml_unload);
}
