// tests/unit/plugins/test_http.c: the http plugin reads requests: actions, ambiguous frames, limits, connections.
#include "unit/plugins/http_test.h"

// --- recognition ------------------------------------------------------------------------------------------------

static void assert_guess(const char *text, enum amp_guess guess)
{
    assert_int_equal(amp_plugin_v1.recognise(text, strlen(text)), guess);
}

static void tells_http_from_ami(void **state)
{
    (void)state;
    assert_guess("G", AMP_GUESS_MAYBE);
    assert_guess("GET", AMP_GUESS_MAYBE);
    assert_guess("GET ", AMP_GUESS_MAYBE);
    assert_guess("GET /", AMP_GUESS_YES);
    assert_guess("OPTIONS *", AMP_GUESS_YES);
    assert_guess("POST http://x/", AMP_GUESS_YES);
    assert_guess("M-SEARCH * HTTP", AMP_GUESS_YES);
    assert_guess("Action: Ping", AMP_GUESS_NO);
    assert_guess("ACTION: Ping", AMP_GUESS_NO);
    assert_guess("ACTION : Ping", AMP_GUESS_NO);
    assert_guess("<Ast", AMP_GUESS_NO);
    assert_guess("\x16\x03", AMP_GUESS_NO);
    assert_guess("ABCDEFGHIJKLMNOPQRSTU", AMP_GUESS_NO);
}

// --- actions ----------------------------------------------------------------------------------------------------

static void c67_answers_actions(void **state)
{
    (void)state;
    assert_answers(PING, 200, PONG);
    assert_answers(GET("/any/path?action=Ping") "\r\n", 200, "<action=Ping;>");
    assert_answers(GET("/?ActionID=a+b%20c%2B&Action=Ping&x") "\r\n", 200, "<ActionID=a b c+;Action=Ping;x=;>");
    assert_answers("POST / HTTP/1.1\r\n" HOST "Content-Length: 22\r\n\r\nAction=Ping&V=1&V=%26=", 200,
                   "<Action=Ping;V=1;V=&=;>");
    assert_answers("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nActio\r\n6;a=b\r\nn=Ping\r\n"
                   "0\r\nX: y\r\n\r\n",
                   200, PONG);
    assert_answers("POST /?ActionID=7 HTTP/1.1\r\n" HOST "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Length: 12\r\n\r\nAction: Ping",
                   200, "<ActionID=7;Action=Ping;>");
    assert_answers("GET http://localhost/?Action=Ping HTTP/1.1\r\n" HOST "\r\n", 200, PONG);
    assert_answers("GET /?Action=Ping HTTP/1.0\r\n\r\n", 200, PONG);
    assert_answers("\r\n" PING, 200, PONG);
    assert_answers("POST /?Action=Ping HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n&", 100,
                   PONG);
}

static void c68_splits_before_it_decodes(void **state)
{
    (void)state;
    assert_answers(GET("/?Action=Ping&A=x%26Action%3DCommand") "\r\n", 200, "<Action=Ping;A=x&Action=Command;>");
    assert_refuses(GET("/?Action=Ping&A=x%0d%0aAction:%20Command") "\r\n", 400);
    assert_refuses(GET("/?Action=Ping&A%0A=x") "\r\n", 400);
    assert_refuses(GET("/?Action=Ping&A=%00") "\r\n", 400);
    assert_refuses(GET("/?Action=Ping&A=%") "\r\n", 400);
    assert_refuses(GET("/?Action=Ping&A=%4") "\r\n", 400);
    assert_refuses(GET("/?Action=Ping&A=%4x") "\r\n", 400);
    assert_refuses(GET("/?Action=Ping&=x") "\r\n", 400);
}

static void takes_one_action(void **state)
{
    (void)state;
    assert_refuses(GET("/?Action=Ping&Action=List") "\r\n", 400);
    assert_refuses("POST / HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nContent-Length: 28\r\n\r\n"
                   "Action: Ping\n\nAction: List\n\n",
                   400);
    assert_refuses("POST / HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nContent-Length: 1\r\n\r\n\n", 400);
    assert_refuses("POST / HTTP/1.1\r\n" HOST "Content-Type: image/png\r\nContent-Length: 1\r\n\r\n\n", 415);
}

static void knows_its_methods(void **state)
{
    (void)state;
    assert_refuses("PUT / HTTP/1.1\r\n" HOST "\r\n", 405);
    assert_refuses("BREW / HTTP/1.1\r\n" HOST "\r\n", 501);
    assert_refuses("POST / HTTP/1.1\r\n" HOST "\r\n", 411);
    assert_refuses(GET("/nothing") "\r\n", 404);
    assert_refuses("GET /?Action=Ping&format=bogus HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_answers("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 204, "");
    struct amp_session session;
    http_session_init(&session, false);
    send_text(&session, "HEAD /?Action=Ping HTTP/1.1\r\n" HOST "\r\n");
    assert_non_null(strstr(text_written(&session), "HTTP/1.1 405"));
    assert_null(strstr(text_written(&session), "Message:"));
    http_session_fini(&session);
}

// --- r14: what two programs could read as two different things ---------------------------------------------------

static void r14_refuses_ambiguous_frames(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "GET / HTTP/1.1\n" HOST "\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "\n",
        "GET / HTTP/1.1\rX: y\r\n" HOST "\r\n",
        "GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "\tfolded: x\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "X : y\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST ": y\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "X\x01: y\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "X: \x01\r\n\r\n",
        "GET  / HTTP/1.1\r\n" HOST "\r\n",
        "GET /  HTTP/1.1\r\n" HOST "\r\n",
        "GET / HTTP/1.1 \r\n" HOST "\r\n",
        "GET /\r\n\r\n",
        "GET / http/1.1\r\n" HOST "\r\n",
        "GET x HTTP/1.1\r\n" HOST "\r\n",
        "GET * HTTP/1.1\r\n" HOST "\r\n",
        "GET /#x HTTP/1.1\r\n" HOST "\r\n",
        "GET /\x7f HTTP/1.1\r\n" HOST "\r\n",
        "GET http://other/ HTTP/1.1\r\n" HOST "\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST HOST "\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\nx",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\nx",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\nx",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\nx",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 1 1\r\n\r\nx",
        "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\nx",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551617\r\n\r\nx",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\r\n\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n",
    };
    char request[512];
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        snprintf(request, sizeof request, "%s%s", heads[i], PING); // what hides behind it is never read
        assert_refuses(request, 400);
    }
}

static void r14_refuses_ambiguous_chunks(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "1\nx\r\n0\r\n\r\n",    "1\r\nxy\r\n0\r\n\r\n",     "1\r\nx\n0\r\n\r\n",     "000000001\r\nx\r\n0\r\n\r\n",
        "\r\nx\r\n0\r\n\r\n",   "1 \r\nx\r\n0\r\n\r\n",     "0x1\r\nx\r\n0\r\n\r\n", "-1\r\nx\r\n0\r\n\r\n",
        "g\r\nx\r\n0\r\n\r\n",  "1;\x01\r\nx\r\n0\r\n\r\n", "0\r\nX : y\r\n\r\n",    "0\r\nX: y\n\r\n",
        "0\r\n folded\r\n\r\n", "1\rx\r\n0\r\n\r\n",        "1\r\nx\r\r0\r\n\r\n",
    };
    char request[512];
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        snprintf(request, sizeof request,
                 "POST /?Action=Ping HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n%s%s", bodies[i], PING);
        assert_refuses(request, 400);
    }
}

/** A request whose target, headers or body are of a given size. */
static void assert_size(const char *format, size_t size, int status)
{
    char *filler = malloc(size + 1);
    memset(filler, 'x', size);
    filler[size] = '\0';
    char *request = malloc(size + 300);
    snprintf(request, size + 300, format, filler);
    struct amp_session session;
    http_session_init(&session, false);
    send_text(&session, request);
    int answered = text_written(&session)[0] == '\0' ? 0 : atoi(session.written.bytes + 9);
    assert_int_equal(answered, status);
    http_session_fini(&session);
    free(request);
    free(filler);
}

static void has_limits(void **state)
{
    (void)state;
    assert_size("GET /?Action=Ping&x=%s HTTP/1.1\r\n" HOST "\r\n", 8000, 200);
    assert_size("GET /?Action=Ping&x=%s HTTP/1.1\r\n" HOST "\r\n", 8192, 414);
    assert_size("GET /?Action=Ping HTTP/1.1\r\n" HOST "X: %s\r\n\r\n", 16000, 200);
    assert_size("GET /?Action=Ping HTTP/1.1\r\n" HOST "X: %s\r\n\r\n", 16384, 431);
    assert_size("GET /?Action=Ping HTTP/1.1\r\n" HOST "X: %s", 16384, 431);
    assert_size("%.1s", 1, 0);
    assert_refuses("POST / HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n", 413);
    assert_refuses("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n10001\r\n", 413);
    assert_refuses("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", 413);
    assert_refuses("GET / HTTP/2.0\r\n" HOST "\r\n", 505);
    char many[4096] = GET("/?Action=Ping");
    for (int i = 0; i < 100; i++)
        strcat(many, "a: b\r\n");
    strcat(many, "\r\n");
    assert_refuses(many, 431);
}

// --- connections ------------------------------------------------------------------------------------------------

static void answers_pipelined_requests_in_turn(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, false);
    send_text(&session, PING GET("/?Action=Wait") "\r\n" PING);
    assert_string_equal(text_actions(&session), PONG "<Action=Wait;>");
    assert_int_equal(count_of(text_written(&session), "HTTP/1.1 200"), 1);
    http_session_give(&session, "Response: Success", AMP_DELIVERY_ANSWER, true, AMP_REASON_NONE);
    http_session_resume(&session);
    assert_string_equal(text_actions(&session), PONG "<Action=Wait;>" PONG);
    assert_int_equal(count_of(text_written(&session), "HTTP/1.1 200"), 3);
    assert_false(session.finished);
    http_session_fini(&session);
}

static void closes_when_asked(void **state)
{
    (void)state;
    static const char *const requests[] = {
        GET("/?Action=Ping") "Connection: close\r\n\r\n",
        "GET /?Action=Ping HTTP/1.0\r\n\r\n",
        GET("/?Action=Logoff") "\r\n",
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct amp_session session;
        http_session_init(&session, false);
        send_text(&session, requests[i]);
        send_text(&session, PING);
        assert_true(session.finished);
        assert_int_equal(count_of(text_written(&session), "HTTP/1.1"), 1);
        assert_non_null(strstr(text_written(&session), "\r\nConnection: close\r\n"));
        http_session_fini(&session);
    }
}

static void r21_a_slow_request_ends(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, false);
    assert_int_equal(session.timer_ms, 15000);
    send_text(&session, "GET / HT");
    assert_int_equal(session.timer_ms, 10000);
    session.timer_ms = 1;
    send_text(&session, "TP");
    assert_int_equal(session.timer_ms, 1); // more bytes buy no time
    http_session_expire(&session);
    assert_non_null(strstr(text_written(&session), "HTTP/1.1 408"));
    assert_true(session.finished);
    http_session_fini(&session);
    http_session_init(&session, false);
    http_session_expire(&session);
    assert_true(session.finished);
    assert_int_equal(session.written.length, 0);
    http_session_fini(&session);
}

static void has_no_action_for_a_client_that_left(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, false);
    send_text(&session, GET("/?Action=Wait") "\r\n");
    amp_plugin_v1.protocol->end(session.state);
    assert_false(session.finished);
    http_session_give(&session, "Response: Success", AMP_DELIVERY_ANSWER, true, AMP_REASON_NONE);
    assert_true(session.finished);
    assert_non_null(strstr(text_written(&session), "HTTP/1.1 200"));
    http_session_fini(&session);
}

static void test_a_balancers_request_is_for_the_client_that_it_names(void **state)
{
    static const struct {
        enum amp_client client;
        int status;
        const char *actions;
    } cases[] = {
        {AMP_CLIENT_SAME, 200, PONG},  {AMP_CLIENT_OTHER, 200, PONG}, {AMP_CLIENT_DENIED, 403, ""},
        {AMP_CLIENT_LIMITED, 429, ""}, {AMP_CLIENT_INVALID, 400, ""},
    };
    static const char request[] =
        GET("/?Action=Ping") "X-Forwarded-For: 1.1.1.1, 2.2.2.2\r\nx-forwarded-for: 3.3.3.3\r\n\r\n";
    struct amp_session session;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[16];
        balancer_client = cases[i].client;
        http_session_init(&session, false);
        send_text(&session, request);
        assert_string_equal(text_actions(&session), cases[i].actions);
        assert_string_equal(balancer_told, "1.1.1.1, 2.2.2.2,3.3.3.3");
        snprintf(expected, sizeof expected, "HTTP/1.1 %d", cases[i].status);
        assert_memory_equal(text_written(&session), expected, strlen(expected));
        http_session_fini(&session);
    }
    balancer_client = AMP_CLIENT_SAME;
    http_session_init(&session, false);
    send_text(&session, PING);
    assert_string_equal(balancer_told, ""); // the client is asked for also without the header
    http_session_fini(&session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_http_from_ami),
        cmocka_unit_test(c67_answers_actions),
        cmocka_unit_test(c68_splits_before_it_decodes),
        cmocka_unit_test(takes_one_action),
        cmocka_unit_test(knows_its_methods),
        cmocka_unit_test(r14_refuses_ambiguous_frames),
        cmocka_unit_test(r14_refuses_ambiguous_chunks),
        cmocka_unit_test(has_limits),
        cmocka_unit_test(answers_pipelined_requests_in_turn),
        cmocka_unit_test(closes_when_asked),
        cmocka_unit_test(r21_a_slow_request_ends),
        cmocka_unit_test(has_no_action_for_a_client_that_left),
        cmocka_unit_test(test_a_balancers_request_is_for_the_client_that_it_names),
    };
    settings.allow_get = SETTINGS_GET_ACTS; // most sessions here need no login
    return cmocka_run_group_tests(tests, NULL, NULL);
}
