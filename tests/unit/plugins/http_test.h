// tests/unit/plugins/http_test.h: what the tests of the http plugin share.
#ifndef PLUGINS_HTTP_TEST_H
#define PLUGINS_HTTP_TEST_H

#include "tests/unit/plugins/http_balancer.h"
#include "tests/unit/plugins/http_session.h"

#include "unit/test.h"

#define HOST "Host: localhost\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" HOST
#define PING GET("/?Action=Ping") "\r\n"
#define PONG "<Action=Ping;>"
#define LOGIN "<Action=Login;Username=dave;Secret=secret;>"

/** What the client received: a session per test, and its text NUL-terminated. */
static inline const char *text_written(struct amp_session *session)
{
    buffer_add(&session->written, "", 1);
    session->written.length--;
    return session->written.bytes;
}

static inline const char *text_actions(struct amp_session *session)
{
    buffer_add(&session->actions, "", 1);
    session->actions.length--;
    return session->actions.bytes;
}

static inline void send_text(struct amp_session *session, const char *text)
{
    http_session_send(session, text, strlen(text));
}

static inline unsigned count_of(const char *text, const char *word)
{
    unsigned count = 0;
    for (; (text = strstr(text, word)) != NULL; text++)
        count++;
    return count;
}

/** Sends `request` at once and byte by byte: the first answer has `status`, and `actions` were sent. */
static inline void assert_answers(const char *request, int status, const char *actions)
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

static inline void assert_refuses(const char *request, int status)
{
    assert_answers(request, status, "");
}

#endif
