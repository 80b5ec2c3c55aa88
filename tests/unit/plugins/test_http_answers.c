// tests/unit/plugins/test_http_answers.c: the http plugin answers: formats, status, credentials, browsers.
#include "unit/plugins/http_test.h"

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

static void reports_by_path_and_method(void **state)
{
    (void)state;
    static const struct {
        const char *request, *status, *rest;
    } rows[] = {
        {GET("/metrics"), "200", "\r\n\r\nmetrics\n"},
        {GET("/metrics") "Accept: application/openmetrics-text;version=1.0.0\r\n", "200", "\r\n\r\nopenmetrics\n"},
        {GET("/healthz"), "200", "\r\n\r\nalive\n"},
        {GET("/healthz/live"), "200", "\r\n\r\nalive\n"},
        {GET("/healthz?ready"), "503", "\r\n\r\nready\n"},
        {GET("/healthz/ready"), "503", "Retry-After: 5\r\n"},
        {GET("/healthz/other"), "404", ""},
        {GET("/metrics/"), "404", ""},
        {"HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n", "200", "Content-Length: 8\r\n"},
        {"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n", "405", "Allow: GET, HEAD\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct amp_session session;
        char request[400];
        http_session_init(&session, true); // no login
        snprintf(request, sizeof request, "%s\r\n", rows[i].request);
        send_text(&session, request);
        assert_memory_equal(text_written(&session) + 9, rows[i].status, 3);
        assert_non_null(strstr(text_written(&session), rows[i].rest));
        http_session_fini(&session);
    }
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
    assert_refuses(GET("/?Action=CoreStatus&ProxyAction=Unknown") "\r\n", 400);
    settings.allow_get = SETTINGS_GET_REFUSED;
    assert_refuses(GET("/?Action=CoreStatus") "\r\n", 405);
    assert_answers("POST /?Action=Ping HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 200, PONG);
    settings.allow_get = SETTINGS_GET_ACTS;
}

/** A format of bytes has no character set. */
static void test_f54_types_of_text_and_of_bytes(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"text/csv", "text/csv; charset=utf-8"},
                                          {"application/json", "application/json; charset=utf-8"},
                                          {"application/problem+json", "application/problem+json; charset=utf-8"},
                                          {"image/svg+xml", "image/svg+xml; charset=utf-8"},
                                          {"text/plain; charset=latin1", "text/plain; charset=latin1"},
                                          {"application/msgpack", "application/msgpack"},
                                          {"application/cbor", "application/cbor"},
                                          {"application/x-protobuf; proto=ami", "application/x-protobuf; proto=ami"},
                                          {"application/octet-stream", "application/octet-stream"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct amp_plugin format = {.content_type = rows[i][0]};
        char type[128];
        response_type(&format, false, type, sizeof type);
        assert_string_equal(type, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f54_types_of_text_and_of_bytes),
        cmocka_unit_test(c71_answers_when_the_exchange_is_complete),
        cmocka_unit_test(reports_by_path_and_method),
        cmocka_unit_test(c69_tells_why_by_status),
        cmocka_unit_test(c70_waits_for_an_event),
        cmocka_unit_test(c70_ends_in_time),
        cmocka_unit_test(sends_long_answers_in_chunks),
        cmocka_unit_test(c72_every_request_says_who_it_is),
        cmocka_unit_test(refuses_what_is_no_credential),
        cmocka_unit_test(r15_refuses_foreign_pages),
        cmocka_unit_test(listed_pages_may),
        cmocka_unit_test(get_may_be_limited),
    };
    settings.allow_get = SETTINGS_GET_ACTS; // most sessions here need no login
    return cmocka_run_group_tests(tests, NULL, NULL);
}
