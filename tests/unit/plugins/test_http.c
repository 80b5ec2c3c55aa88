// tests/unit/plugins/test_http.c: the http plugin on a session that only looks like one (tests/http_session.h).
#include "tests/http_session.h"

#include "unit/test.h"

#include <sys/stat.h>

#define HOST "Host: localhost\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" HOST
#define PING GET("/?Action=Ping") "\r\n"
#define PONG "<Action=Ping;>"

/** What came back: a session per test, and its text NUL-terminated. */
static const char *text_written(struct amp_session *session)
{
    buffer_add(&session->written, "", 1);
    session->written.length--;
    return session->written.bytes;
}

static const char *text_actions(struct amp_session *session)
{
    buffer_add(&session->actions, "", 1);
    session->actions.length--;
    return session->actions.bytes;
}

static void send_text(struct amp_session *session, const char *text)
{
    http_session_send(session, text, strlen(text));
}

static unsigned count_of(const char *text, const char *word)
{
    unsigned count = 0;
    for (; (text = strstr(text, word)) != NULL; text++)
        count++;
    return count;
}

/** Sends `request` at once and byte by byte: the first answer has `status`, and `actions` were judged. */
static void assert_answers(const char *request, int status, const char *actions)
{
    char expected[16];
    snprintf(expected, sizeof expected, "HTTP/1.1 %d", status);
    for (size_t piece = strlen(request); piece > 0; piece = piece == 1 ? 0 : 1) {
        struct amp_session session;
        http_session_init(&session, false);
        for (size_t i = 0; i < strlen(request); i += piece)
            http_session_send(&session, request + i, piece);
        assert_string_equal(text_actions(&session), actions);
        if (strncmp(text_written(&session), expected, strlen(expected)) != 0)
            fail_msg("%s\nexpected %d, got %s", request, status, text_written(&session));
        if (status >= 400)
            assert_non_null(strstr(text_written(&session), "Response: Error\r\nMessage: "));
        http_session_fini(&session);
    }
}

static void assert_refuses(const char *request, int status)
{
    assert_answers(request, status, "");
}

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

// --- answers ----------------------------------------------------------------------------------------------------

static void c71_answers_when_the_exchange_is_complete(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, false);
    send_text(&session, GET("/?Action=List&format=json") "\r\n");
    assert_non_null(strstr(text_written(&session), "Content-Type: application/json; charset=utf-8\r\n"));
    assert_non_null(strstr(text_written(&session), "\r\n\r\n[Response: Success\r\n\r\n,Event: Item\r\n\r\n,Event: "
                                                   "ListComplete\r\n\r\n]"));
    session.written.length = 0;
    send_text(&session, GET("/?Action=Ping") "Accept: text/csv, application/json;q=0.5, text/plain;q=0.4\r\n\r\n");
    assert_non_null(strstr(text_written(&session), "\r\n\r\nResponse: Success\r\nPing: Pong\r\n\r\n")); // bare
    assert_non_null(strstr(text_written(&session), "application/json"));
    http_session_fini(&session);
}

static void c69_tells_why_by_status(void **state)
{
    (void)state;
    static const struct {
        enum amp_reason reason;
        int status;
    } rows[] = {{AMP_REASON_INVALID, 400},     {AMP_REASON_NOT_LOGGED_IN, 401}, {AMP_REASON_DENIED, 403},
                {AMP_REASON_TOO_MANY, 429},    {AMP_REASON_NO_SERVER, 503},     {AMP_REASON_LOST, 502},
                {AMP_REASON_TIMEOUT, 504},     {AMP_REASON_NONE, 200},          {(enum amp_reason)99, 500},
                {AMP_REASON_UNKNOWN_USER, 401}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct amp_session session;
        http_session_init(&session, false);
        send_text(&session, GET("/?Action=Wait") "\r\n");
        http_session_give(&session, "Response: Error\nMessage: why", AMP_DELIVERY_ANSWER, true, rows[i].reason);
        assert_int_equal(atoi(text_written(&session) + 9), rows[i].status);
        assert_non_null(strstr(text_written(&session), "Response: Error\r\nMessage: why\r\n\r\n"));
        if (rows[i].status == 401)
            assert_non_null(strstr(text_written(&session), "\r\nWWW-Authenticate: Basic realm="));
        http_session_fini(&session);
    }
}

static void c70_waits_for_an_event(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, false);
    send_text(&session, GET("/?Action=Wait") "X-Until-Event: hangup\r\nX-Maxtime: 5000\r\n\r\n");
    assert_true(session.listening);
    assert_int_equal(session.timer_ms, 5000);
    http_session_give(&session, "Response: Success", AMP_DELIVERY_ANSWER, true, AMP_REASON_NONE);
    http_session_give(&session, "Event: Newchannel", AMP_DELIVERY_EVENT, false, AMP_REASON_NONE);
    assert_int_equal(session.written.length, 0);
    http_session_give(&session, "Event: Hangup", AMP_DELIVERY_LATE, false, AMP_REASON_NONE);
    assert_non_null(strstr(text_written(&session), "Event: Newchannel\r\n\r\nEvent: Hangup\r\n\r\n"));
    assert_false(session.listening);
    assert_false(session.finished);
    http_session_fini(&session);
}

static void c70_ends_in_time(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, false);
    send_text(&session, GET("/?Action=Wait") "X-Maxtime: 99999999\r\n\r\n");
    assert_int_equal(session.timer_ms, 30000); // it never raises the limit
    http_session_expire(&session);
    assert_non_null(strstr(text_written(&session), "HTTP/1.1 504"));
    assert_true(session.finished); // the answer may still come: not to the next request
    http_session_fini(&session);
    http_session_init(&session, false);
    send_text(&session, GET("/?Action=Ping") "X-Until-Event: Never\r\n\r\n");
    http_session_expire(&session);
    assert_non_null(strstr(text_written(&session), "HTTP/1.1 200"));
    assert_non_null(strstr(text_written(&session), "Ping: Pong"));
    assert_false(session.finished);
    http_session_fini(&session);
    assert_refuses(GET("/?Action=Ping") "X-Maxtime: soon\r\n\r\n", 400);
}

static void sends_long_answers_in_chunks(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, false);
    send_text(&session, GET("/?Action=Wait&format=json") "\r\n");
    char *item = malloc(40000);
    memset(item, 'x', 40000);
    memcpy(item, "Event: ", 7);
    item[39999] = '\0';
    for (int i = 0; i < 5; i++)
        http_session_give(&session, item, AMP_DELIVERY_ANSWER, i == 4, AMP_REASON_NONE);
    free(item);
    assert_non_null(strstr(text_written(&session), "\r\nTransfer-Encoding: chunked\r\n"));
    assert_null(strstr(text_written(&session), "Content-Length"));
    assert_non_null(strstr(text_written(&session), "\r\n\r\n1\r\n[\r\n"));
    assert_string_equal(session.written.bytes + session.written.length - 8, "]\r\n0\r\n\r\n");
    assert_int_equal(count_of(session.written.bytes, "Event: "), 5);
    assert_false(session.finished);
    http_session_fini(&session);
}

// --- credentials ------------------------------------------------------------------------------------------------

#define BASIC "Authorization: Basic ZGF2ZTpzZWNyZXQ=\r\n"
#define LOGIN "<Action=Login;Username=dave;Secret=secret;>"

static void c72_every_request_says_who_it_is(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, true);
    send_text(&session, GET("/?Action=Ping") BASIC "\r\n" GET("/?Action=Ping") BASIC "\r\n");
    assert_string_equal(text_actions(&session), LOGIN PONG PONG); // once is enough
    assert_int_equal(count_of(text_written(&session), "HTTP/1.1 200"), 2);
    send_text(&session, PING);
    assert_int_equal(count_of(text_written(&session), "HTTP/1.1 401"), 1);
    assert_int_equal(session.logouts, 1);
    send_text(&session, GET("/?Action=Ping") "Authorization: Bearer ZGF2ZTpzZWNyZXQ\r\n\r\n");
    send_text(&session, GET("/?Action=Ping") "Authorization: Bearer dave:secret\r\n\r\n");
    assert_int_equal(session.logins, 2);
    assert_int_equal(count_of(text_written(&session), "HTTP/1.1 200"), 4);
    send_text(&session, GET("/?Action=Ping") "Authorization: Basic ZGF2ZTp3cm9uZw==\r\n\r\n");
    assert_int_equal(count_of(text_written(&session), "HTTP/1.1 401"), 2);
    assert_int_equal(session.logouts, 3);
    send_text(&session, GET("/?Action=Ping") BASIC "\r\n");
    assert_int_equal(session.logins, 4);
    http_session_fini(&session);
}

static void refuses_what_is_no_credential(void **state)
{
    (void)state;
    assert_refuses(GET("/?Action=Ping") "Authorization: Digest x\r\n\r\n", 401);
    assert_refuses(GET("/?Action=Ping") "Authorization: Basic ####\r\n\r\n", 401);
    assert_refuses(GET("/?Action=Ping") "Authorization: Basic ZGF2ZQ==\r\n\r\n", 401);
    assert_refuses(GET("/?Action=Ping") "Authorization: Basic YToNCmI=\r\n\r\n", 401); // a line end in it
    assert_refuses(GET("/?Action=Ping") BASIC BASIC "\r\n", 401);
}

// --- browsers ---------------------------------------------------------------------------------------------------

static void r15_refuses_foreign_pages(void **state)
{
    (void)state;
    static const char *const foreign[] = {
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: https://localhost\r\n",
        "Origin: http://localhost:81\r\n",
        "Origin: http://localhost/\r\n",
        "Origin: http://localhost.evil.example\r\n",
        "Origin:\r\n",
        "Origin: http://localhost\r\nOrigin: http://localhost\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Origin: http://localhost\r\nSec-Fetch-Site: cross-site\r\n",
    };
    char request[512];
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        snprintf(request, sizeof request, GET("/?Action=Ping") "%s\r\n", foreign[i]);
        assert_refuses(request, 403);
        snprintf(request, sizeof request, "POST / HTTP/1.1\r\n" HOST "%sContent-Length: 11\r\n\r\nAction=Ping",
                 foreign[i]);
        assert_refuses(request, 403);
        snprintf(request, sizeof request, GET("/ws") "%s\r\n", foreign[i]);
        assert_refuses(request, 403);
        snprintf(request, sizeof request, "OPTIONS / HTTP/1.1\r\n" HOST "%s\r\n", foreign[i]);
        assert_refuses(request, 403);
    }
    assert_refuses("GET /?Action=Ping HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403);
    assert_answers(GET("/?Action=Ping") "Origin: http://LOCALHOST:80\r\nSec-Fetch-Site: same-origin\r\n\r\n", 200,
                   PONG);
    assert_answers(GET("/?Action=Ping") "Sec-Fetch-Site: none\r\n\r\n", 200, PONG);
    assert_answers("GET /?Action=Ping HTTP/1.1\r\nHost: [::1]:8080\r\nOrigin: http://[::1]:8080\r\n\r\n", 200, PONG);
}

static void listed_pages_may(void **state)
{
    (void)state;
    static const char *const origins[] = {"https://panel.example", NULL};
    static const char *const hosts[] = {"pbx.example", NULL};
    settings.origins = origins;
    settings.hosts = hosts;
    struct amp_session session;
    http_session_init(&session, false);
    send_text(&session, "GET /?Action=Ping HTTP/1.1\r\nHost: pbx.example:8088\r\nOrigin: https://PANEL.example\r\n"
                        "Sec-Fetch-Site: cross-site\r\n\r\n");
    assert_non_null(strstr(text_written(&session), "HTTP/1.1 200"));
    assert_non_null(strstr(text_written(&session), "\r\nAccess-Control-Allow-Origin: https://panel.example\r\n"));
    session.written.length = 0;
    send_text(&session, "OPTIONS / HTTP/1.1\r\nHost: panel.example\r\nOrigin: https://panel.example\r\n\r\n");
    assert_non_null(strstr(text_written(&session), "HTTP/1.1 204"));
    assert_non_null(strstr(text_written(&session), "\r\nAccess-Control-Allow-Headers: Authorization"));
    http_session_fini(&session);
    settings.origins = settings.hosts = nothing;
}

static void get_may_be_limited(void **state)
{
    (void)state;
    settings.allow_get = SETTINGS_GET_READS;
    assert_answers(GET("/?Action=CoreStatus") "\r\n", 200, "<Action=CoreStatus;>");
    assert_refuses(GET("/?Action=Originate") "\r\n", 403);
    assert_refuses(GET("/?Action=CoreStatus&ProxyAction=Unknown") "\r\n", 403);
    settings.allow_get = SETTINGS_GET_REFUSED;
    assert_refuses(GET("/?Action=CoreStatus") "\r\n", 405);
    assert_answers("POST /?Action=Ping HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 200, PONG);
    settings.allow_get = SETTINGS_GET_ACTS;
}

// --- files ------------------------------------------------------------------------------------------------------

static void write_file(int folder, const char *name, const char *text)
{
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
}

static void assert_file(int root, const char *path, bool there)
{
    struct amp_bytes name;
    int file = files_open(root, text_of(path), &name);
    assert_int_equal(file != -1, there);
    if (file != -1)
        close(file);
}

static void has_no_way_out_of_the_root(void **state)
{
    (void)state;
    char folder[] = "/tmp/amp-http-XXXXXX";
    assert_non_null(mkdtemp(folder));
    int outside = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(outside, "root", 0700), 0);
    int root = openat(outside, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(root, "sub", 0700), 0);
    write_file(outside, "secret", "no");
    write_file(root, "index.html", "<p>");
    write_file(root, ".hidden", "no");
    write_file(root, "sub/page.txt", "text");
    assert_int_equal(symlinkat("../secret", root, "link"), 0);
    assert_int_equal(symlinkat("sub", root, "linked"), 0);
    assert_int_equal(mkfifoat(root, "pipe", 0600), 0);
    assert_file(root, "/", true);
    assert_file(root, "/index.html", true);
    assert_file(root, "/sub/page.txt", true);
    static const char *const refused[] = {
        "/../secret",     "/sub/../../secret",
        "/link",          "/linked/page.txt",
        "/.hidden",       "/./index.html",
        "//index.html",   "/sub",
        "/sub/",          "/pipe",
        "/missing",       "/index.html/",
        "/sub//page.txt", "/..",
        "/sub/..",        "/../root/index.html",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_file(root, refused[i], false);
    settings.root = root;
    assert_answers(GET("/index%2ehtml") "\r\n", 200, "");
    assert_refuses(GET("/%2e%2e/secret") "\r\n", 404);
    assert_refuses(GET("/index.html%00.txt") "\r\n", 404);
    assert_refuses(GET("/%zz") "\r\n", 400);
    assert_answers(GET("/sub/page.txt") "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT\r\n\r\n", 304, "");
    settings.root = -1;
    static const char *const made[] = {"root/sub/page.txt", "root/link",    "root/linked", "root/pipe",
                                       "root/index.html",   "root/.hidden", "secret"};
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
        unlinkat(outside, made[i], 0);
    unlinkat(outside, "root/sub", AT_REMOVEDIR);
    unlinkat(outside, "root", AT_REMOVEDIR);
    close(root);
    close(outside);
    rmdir(folder);
}

// --- feeds ------------------------------------------------------------------------------------------------------

static struct amp_output framed(amp_frame *frame, const char *event, uint64_t serial, const char *encoded,
                                size_t length)
{
    struct message_builder builder;
    message_builder_init(&builder);
    message_add(&builder, span_of(event == NULL ? "Response" : "Event"), span_of(event == NULL ? "Success" : event));
    struct message *message = message_build(&builder);
    message_builder_fini(&builder);
    struct amp_output out = {0};
    frame(amp_message_of(message), serial, (struct amp_bytes){encoded, length}, &out);
    message_unref(message);
    return out;
}

static void assert_event(const char *event, uint64_t serial, const char *encoded, const char *expected)
{
    struct amp_output out = framed(events_frame, event, serial, encoded, strlen(encoded));
    amp_output_write(&out, "", 1);
    assert_string_equal(out.bytes, expected);
    amp_output_fini(&out);
}

static void frames_events(void **state)
{
    (void)state;
    assert_event("Hangup", 7, "{}\n", "event: Hangup\nid: 7\ndata: {}\n\n");
    assert_event("a: b", 0, "x\r\ny\rz\n\n", "event: a__b\ndata: x\ndata: y\ndata: z\n\n");
    assert_event(NULL, 0, "", "data: \n\n");
    assert_event("A", 0, "x\n\ny", "event: A\ndata: x\ndata: \ndata: y\n\n");
}

static void frames_websocket_messages(void **state)
{
    (void)state;
    static char text[70000];
    memset(text, 'x', sizeof text);
    static const struct {
        size_t length, head;
        const char *bytes;
    } rows[] = {{0, 2, "\x81\x00"},
                {125, 2, "\x81\x7d"},
                {126, 4, "\x81\x7e\x00\x7e"},
                {65535, 4, "\x81\x7e\xff\xff"},
                {65536, 10, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct amp_output out = framed(websocket_frame, "A", 1, text, rows[i].length);
        assert_int_equal(out.length, rows[i].head + rows[i].length);
        assert_memory_equal(out.bytes, rows[i].bytes, rows[i].head);
        amp_output_fini(&out);
    }
    struct amp_output out = framed(websocket_frame, "A", 1, "\xff", 1);
    assert_memory_equal(out.bytes, "\x82\x01\xff", 3);
    amp_output_fini(&out);
    char accept[64];
    websocket_accept(text_of("dGhlIHNhbXBsZSBub25jZQ=="), accept);
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); // RFC 6455, 1.3
}

static void feeds_need_credentials(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, true);
    send_text(&session, GET("/events") "\r\n");
    assert_non_null(strstr(text_written(&session), "HTTP/1.1 401"));
    send_text(&session, GET("/events?username=dave&secret=secret&events=call,agent") "\r\n");
    assert_string_equal(text_actions(&session), LOGIN "<Action=Events;EventMask=call,agent;>");
    assert_ptr_equal(session.frame, events_frame);
    assert_non_null(strstr(text_written(&session), "Content-Type: text/event-stream"));
    session.written.length = 0;
    send_text(&session, "what is said here does not matter\r\n\r\n");
    http_session_expire(&session);
    assert_string_equal(text_written(&session), ": keep-alive\n\n");
    http_session_fini(&session);
}

#define UPGRADE "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void begins_websockets(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, true);
    send_text(&session, GET("/ws") UPGRADE KEY "Sec-WebSocket-Protocol: chat, ami.standard\r\n\r\n");
    assert_non_null(strstr(text_written(&session), "HTTP/1.1 101"));
    assert_non_null(strstr(text_written(&session), "\r\nSec-WebSocket-Protocol: ami.standard\r\n"));
    assert_ptr_equal(session.frame, websocket_frame);
    http_session_send(&session, "\x81\x8d\0\0\0\0Action: Ping\n", 19);
    assert_string_equal(text_actions(&session), PONG);
    session.written.length = 0;
    http_session_send(&session, "\x01\x83\0\0\0\0Act\x89\x81\0\0\0\0!\x80\x89\0\0\0\0ion: Ping", 31);
    assert_string_equal(text_actions(&session), PONG PONG); // fragments, a ping between them
    assert_string_equal(text_written(&session), "\x8a\x01!");
    http_session_expire(&session);
    http_session_expire(&session);
    assert_string_equal(text_written(&session), "\x8a\x01!\x89");
    http_session_send(&session, "\x8a\x80\0\0\0\0", 6);
    http_session_expire(&session);
    http_session_expire(&session);
    assert_false(session.finished);
    http_session_expire(&session);
    assert_true(session.finished); // two pongs are missing
    http_session_fini(&session);
    assert_refuses(GET("/ws") "\r\n", 426);
    assert_refuses(GET("/ws") UPGRADE "\r\n", 400);
    assert_refuses(GET("/ws") UPGRADE "Sec-WebSocket-Key: short\r\n\r\n", 400);
}

static void one_websocket_message_is_one_action(void **state)
{
    (void)state;
    struct amp_session session;
    http_session_init(&session, false);
    send_text(&session, GET("/ws") UPGRADE KEY "\r\n");
    http_session_send(&session, "\x81\x94\0\0\0\0Action: A\n\nAction: B", 26);
    http_session_send(&session, "\x81\x80\0\0\0\0", 6);
    assert_string_equal(text_actions(&session), "<!><!>");
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
        cmocka_unit_test(c71_answers_when_the_exchange_is_complete),
        cmocka_unit_test(c69_tells_why_by_status),
        cmocka_unit_test(c70_waits_for_an_event),
        cmocka_unit_test(c70_ends_in_time),
        cmocka_unit_test(sends_long_answers_in_chunks),
        cmocka_unit_test(c72_every_request_says_who_it_is),
        cmocka_unit_test(refuses_what_is_no_credential),
        cmocka_unit_test(r15_refuses_foreign_pages),
        cmocka_unit_test(listed_pages_may),
        cmocka_unit_test(get_may_be_limited),
        cmocka_unit_test(has_no_way_out_of_the_root),
        cmocka_unit_test(frames_events),
        cmocka_unit_test(frames_websocket_messages),
        cmocka_unit_test(feeds_need_credentials),
        cmocka_unit_test(begins_websockets),
        cmocka_unit_test(one_websocket_message_is_one_action),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
