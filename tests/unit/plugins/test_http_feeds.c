// tests/unit/plugins/test_http_feeds.c: the http plugin serves files and streams.
#include "unit/plugins/http_test.h"

#include <sys/stat.h>

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
    assert_event("A", UINT64_MAX, "x", "event: A\nid: 18446744073709551615\ndata: x\n\n");
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

static void frames_objects_with_ids(void **state)
{
    (void)state;
    static const struct {
        const char *id, *encoded, *expected;
    } rows[] = {{"e.0.t.1", "{\"Event\":\"A\"}", "\x81\x1d{\":id\":\"e.0.t.1\",\"Event\":\"A\"}"},
                {"e.0.t.1", "{}", "\x81\x11{\":id\":\"e.0.t.1\"}"},
                {"", "{\"Event\":\"A\"}", "\x81\x0d{\"Event\":\"A\"}"},
                {"e.0.t.1", "[]", "\x81\x02[]"},
                {"e.0.t.1", "", "\x81"}, // and a length of 0
                {"1", "{\"A\":\"\xff\"}", "\x82\x13{\":id\":\"1\",\"A\":\"\xff\"}"}};
    struct amp_session session;
    http_session_init(&session, true);
    send_text(&session, GET("/ws?ids=1") UPGRADE KEY "\r\n");
    assert_non_null(session.id_frame);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct amp_output out = {0};
        session.id_frame(NULL, (struct amp_bytes){rows[i].id, strlen(rows[i].id)},
                         (struct amp_bytes){rows[i].encoded, strlen(rows[i].encoded)}, &out);
        amp_output_write(&out, "", 1);
        assert_string_equal(out.bytes, rows[i].expected);
        amp_output_fini(&out);
    }
    http_session_fini(&session);
}

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
        cmocka_unit_test(has_no_way_out_of_the_root),
        cmocka_unit_test(frames_events),
        cmocka_unit_test(frames_websocket_messages),
        cmocka_unit_test(feeds_need_credentials),
        cmocka_unit_test(frames_objects_with_ids),
        cmocka_unit_test(begins_websockets),
        cmocka_unit_test(one_websocket_message_is_one_action),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
