// tests/unit/plugins/test_http_ajam.c: what AJAM's responses say about their connection, how long it is kept, and large
// answers.
#include "unit/plugins/http_test.h"

#include "unit/growth.h"

#define DENIED "Response: Error\r\nMessage: Permission denied\r\n\r\n"

/** Replaces the date and the id of the cookie, which differ from run to run. */
static const char *plain(struct amp_session *session)
{
    char *text, *found;
    text_written(session); // ends it by a NUL
    text = found = session->written.bytes;
    for (; (found = strstr(found, "\r\nDate: ")) != NULL; found += 8)
        memset(found + 8, '-', strcspn(found + 8, "\r"));
    for (found = text; (found = strstr(found, "mansession_id=\"")) != NULL; found += 15)
        memset(found + 15, '-', AJAM_KEY_DIGITS);
    return text;
}

static void assert_written(const char *request, const char *connection)
{
    struct amp_session session;
    char expected[1024];
    snprintf(expected, sizeof expected,
             "HTTP/1.1 200 OK\r\nServer: astmanproxy\r\nDate: -----------------------------\r\n%s"
             "Cache-Control: no-cache, no-store\r\nContent-type: text/plain\r\n"
             "Set-Cookie: mansession_id=\"--------------------------------\"; Version=1; Max-Age=60; Path=/; HttpOnly; "
             "SameSite=Lax\r\nPragma: SuppressEvents\r\nX-Content-Type-Options: nosniff\r\nContent-Length: %zu\r\n\r\n"
             "%s",
             connection, strlen(DENIED), DENIED);
    http_session_init(&session, true);
    settings.ajam.on = true;
    send_text(&session, request);
    assert_string_equal(plain(&session), expected);
    assert_int_equal(session.finished, strcmp(connection, "Connection: close\r\n") == 0);
    if (!session.finished)
        assert_int_equal(session.timer_ms, 15000);
    if (!session.finished) { // nothing comes within that time
        http_session_expire(&session);
        assert_true(session.finished);
        assert_string_equal(plain(&session), expected);
    }
    http_session_fini(&session);
}

static void test_i16_ajam_keeps_a_connection_for_15_seconds(void **state)
{
    (void)state;
    assert_written(GET("/rawman?action=CoreStatus") "\r\n", "");
    assert_written("GET /rawman?action=CoreStatus HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                   "Connection: keep-alive\r\n");
}

static void test_i16_ajam_closes_a_connection_that_is_not_to_be_kept(void **state)
{
    (void)state;
    assert_written(GET("/rawman?action=CoreStatus") "Connection: close\r\n\r\n", "Connection: close\r\n");
    assert_written("GET /rawman?action=CoreStatus HTTP/1.0\r\n\r\n", "Connection: close\r\n");
}

// --- XML --------------------------------------------------------------------------------------------------------

/** A message with `count` names of which none is another, each twice, and one with the first name alone. */
struct named {
    unsigned count;
    struct buffer text;
};

static void write_names(struct named *named)
{
    for (unsigned i = 0; i < 2 * named->count; i++)
        buffer_print(&named->text, "Line-%06u: %u\r\n", i % named->count, i);
    buffer_text(&named->text, "\r\nLine-000000: a\r\n\r\n");
}

static void render_names(const void *input)
{
    const struct named *named = input;
    struct ajam_names names = {text_of(""), text_of("")};
    struct buffer body = {0};
    char last[160];

    ajam_render((struct ajam_path){AJAM_XML, false}, &names, buffer_bytes(&named->text), &body);
    buffer_add(&body, "", 1);
    snprintf(last, sizeof last,
             " line_%06u-2='%u' /></response>\n<response type='object' id='unknown'><generic line_000000='a' />",
             named->count - 1, 2 * named->count - 1);
    assert_non_null(strstr(body.bytes, "<generic line_000000='0' line_000001='1' "));
    assert_non_null(strstr(body.bytes, last));
    buffer_wipe(&body);
}

static void test_many_names_take_no_longer_each(void **state)
{
    (void)state;
    struct named few = {.count = 500}, many = {.count = 5000};
    write_names(&few);
    write_names(&many);
    assert_linear(render_names, &few, &many);
    buffer_wipe(&few.text);
    buffer_wipe(&many.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i16_ajam_keeps_a_connection_for_15_seconds),
        cmocka_unit_test(test_i16_ajam_closes_a_connection_that_is_not_to_be_kept),
        cmocka_unit_test(test_many_names_take_no_longer_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
