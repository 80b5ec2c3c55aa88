// tests/unit/plugins/test_ajam.c: AJAM's bodies and paths. The expected bytes are those that Asterisk sent
// (tests/data/captures/ajam-http.txt), or those that its main/manager.c would write.
#include "plugins/http/ajam_path.c"
#include "plugins/http/ajam_render.c"
#include "plugins/http/text.c"
#include "unit/test.h"

static void expect_body(struct ajam_path path, const char *dest, const char *object, const char *text, const char *body)
{
    struct buffer out = {0};
    struct ajam_names names = {text_of(dest), text_of(object)};
    ajam_render(path, &names, text_of(text), &out);
    buffer_add(&out, "", 1);
    assert_string_equal(out.bytes, body);
    buffer_wipe(&out);
}

static void expect_xml(const char *text, const char *inner)
{
    char whole[4096];
    snprintf(whole, sizeof whole, "<ajax-response>\n%s</ajax-response>\n", inner);
    expect_body((struct ajam_path){AJAM_XML, false}, "", "", text, whole);
}

static void test_i16_ajam_xml_is_asterisks(void **state)
{
    (void)state;
    expect_xml("Response: Success\r\nActionID: h2\r\nPing: Pong\r\nTimestamp: 1795393964.617834\r\n\r\n",
               "<response type='object' id='unknown'><generic response='Success' actionid='h2' ping='Pong' "
               "timestamp='1795393964.617834' /></response>\n");
    expect_xml("Response: Success\r\nOutput: System uptime: 2 minutes, 12 seconds\r\nOutput: Last reload: 2 minutes\r\n"
               "Output: x\r\n\r\nEvent: E\r\nOutput: y\r\n\r\n",
               "<response type='object' id='unknown'><generic response='Success' output='System uptime: 2 minutes, 12 "
               "seconds' output-2='Last reload: 2 minutes' output-3='x' /></response>\n"
               "<response type='object' id='unknown'><generic event='E' output='y' /></response>\n");
    expect_xml("A-b.c: <>\"'&\r\n1st: x\r\nEmpty:\r\n\r\n",
               "<response type='object' id='unknown'><generic a_b_c='&lt;&gt;&quot;&apos;&amp;' _1st='x' empty='' "
               "/></response>\n");
    expect_xml("Response: Follows\r\nno colon here\nName: value\r\n  <third>\r\n\r\n",
               "<response type='object' id='unknown'><generic response='Follows' opaque_data='no colon here\nName: "
               "value\n  &lt;third&gt;' /></response>\n");
    expect_xml("", "");
}

static void test_i16_ajam_names_of_a_request_are_escaped(void **state)
{
    (void)state;
    expect_body((struct ajam_path){AJAM_XML, false}, "box", "peer", "A: 1\r\n\r\n",
                "<ajax-response>\n<response type='object' id='box'><peer a='1' /></response>\n</ajax-response>\n");
    expect_body((struct ajam_path){AJAM_XML, false}, "'><script>", "a><b", "A: 1\r\n\r\n",
                "<ajax-response>\n<response type='object' id='&apos;&gt;&lt;script&gt;'><a__b a='1' /></response>\n"
                "</ajax-response>\n");
}

static void test_i16_ajam_html_is_asterisks(void **state)
{
    (void)state;
    expect_body((struct ajam_path){AJAM_HTML, false}, "", "",
                "Response: Success\r\nActionID: <h5>\r\nPing: Pong\r\nPing: 2\r\n\r\n",
                PAGE_BEGIN "<tr><td>Response</td><td>Success</td></tr>\n"
                           "<tr><td>ActionID</td><td>&lt;h5&gt;</td></tr>\n"
                           "<tr><td>Ping</td><td>Pong</td></tr>\n"
                           "<tr><td>Ping-2</td><td>2</td></tr>\n"
                           "<tr><td colspan=\"2\"><hr></td></tr>\r\n" PAGE_END);
}

/** The page around the answer, and a whole one, as the capture has them. */
static void test_i16_ajam_html_is_the_captured_page(void **state)
{
    static char capture[65536];
    FILE *file = fopen(AMP_SOURCE "/tests/data/captures/ajam-http.txt", "r");
    (void)state;
    assert_non_null(file);
    capture[fread(capture, 1, sizeof capture - 1, file)] = '\0';
    fclose(file);
    const char *begin = strstr(capture, "<title>Asterisk&trade;");
    assert_non_null(begin);
    struct buffer out = {0};
    ajam_render((struct ajam_path){AJAM_HTML, false}, &(struct ajam_names){0},
                text_of("Response: Success\r\nActionID: h5\r\nPing: Pong\r\nTimestamp: 1795393964.620173\r\n\r\n"),
                &out);
    assert_true(strlen(begin) > out.length);
    assert_memory_equal(begin, out.bytes, out.length);
    buffer_wipe(&out);
}

static void test_i16_ajam_paths(void **state)
{
    static const char *const good[] = {
        "/rawman",           "/RawMan", "/rawman/", "/asterisk/mxml", "/Asterisk/MANAGER/",
        "/asterisk/arawman", "/amxml",  "/amanager"};
    static const char *const bad[] = {"/",         "/rawman/x",         "/asteriskrawman", "/asterisk",
                                      "/rawman//", "/asterisk//rawman", "/xrawman",        "/asterisk/asterisk/rawman"};
    struct ajam_path path;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(ajam_path_find(text_of(good[i]), "/asterisk", &path));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(ajam_path_find(text_of(bad[i]), "/asterisk", &path));
    assert_true(ajam_path_find(text_of("/asterisk/amxml/"), "/asterisk", &path));
    assert_true(path.digest && path.format == AJAM_XML);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i16_ajam_xml_is_asterisks),
        cmocka_unit_test(test_i16_ajam_names_of_a_request_are_escaped),
        cmocka_unit_test(test_i16_ajam_html_is_asterisks),
        cmocka_unit_test(test_i16_ajam_html_is_the_captured_page),
        cmocka_unit_test(test_i16_ajam_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
