// tests/unit/http/test_client.c: requests on a loop, to a socket of this test that answers as told.
#include "http/client.h"

#include "net/loop.h"
#include "unit/test.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** A receiver, and what became of the requests to it. */
struct bench {
    struct event_base *base;
    struct http_client *client;
    struct event *accept, *read;
    int listening, connection;
    char url[64], request[4096];
    size_t length;
    const char *answer; // sent when the request's body has come; NULL: the connection is closed
    unsigned status, done;
    uint64_t retry_after_ms;
    char reason[300];
    bool destroys, repeats;
    bool ends; // the connection is closed behind the answer
};

static void bench_on_read(evutil_socket_t fd, short what, void *argument)
{
    struct bench *bench = argument;
    ssize_t count = recv(fd, bench->request + bench->length, sizeof bench->request - 1 - bench->length, MSG_DONTWAIT);
    (void)what;

    if (count <= 0) {
        event_del(bench->read);
        return;
    }
    bench->length += (size_t)count;
    bench->request[bench->length] = '\0';
    if (strstr(bench->request, "\r\n\r\nbody") == NULL)
        return;
    if (bench->answer != NULL)
        assert_true(send(fd, bench->answer, strlen(bench->answer), MSG_DONTWAIT) >
                    0); // a long one: what there is room for
    if (bench->answer == NULL || bench->ends)
        shutdown(fd, SHUT_RDWR);
}

static void bench_on_accept(evutil_socket_t fd, short what, void *argument)
{
    struct bench *bench = argument;
    (void)what;

    if (bench->read != NULL)
        event_free(bench->read);
    if (bench->connection != -1)
        close(bench->connection);
    bench->connection = accept(fd, NULL, NULL);
    bench->length = 0;
    bench->read = event_new(bench->base, bench->connection, EV_READ | EV_PERSIST, bench_on_read, bench);
    event_add(bench->read, NULL);
}

static void bench_begin(struct bench *bench, const char *allow)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    struct network network;
    struct network_list list = {&network, 1};

    *bench = (struct bench){.base = loop_create(), .connection = -1};
    bench->listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(bench->listening, (struct sockaddr *)(void *)&address, length), 0);
    assert_int_equal(listen(bench->listening, 8), 0);
    assert_int_equal(getsockname(bench->listening, (struct sockaddr *)(void *)&address, &length), 0);
    snprintf(bench->url, sizeof bench->url, "http://127.0.0.1:%d/x", ntohs(address.sin_port));
    bench->accept = event_new(bench->base, bench->listening, EV_READ | EV_PERSIST, bench_on_accept, bench);
    event_add(bench->accept, NULL);
    assert_int_equal(network_read(span_of(allow), &network), NETWORK_GOOD);
    bench->client = http_client_create(
        bench->base, &(struct http_settings){.allow = &list, .connect_timeout_ms = 5000, .timeout_ms = 10000});
}

static void bench_end(struct bench *bench)
{
    http_client_destroy(bench->client);
    if (bench->read != NULL)
        event_free(bench->read);
    event_free(bench->accept);
    if (bench->connection != -1)
        close(bench->connection);
    close(bench->listening);
    event_base_free(bench->base);
}

static struct http_call *bench_post(struct bench *bench);

static void bench_on_done(void *context, const struct http_answer *answer)
{
    struct bench *bench = context;

    bench->done++;
    bench->status = answer->status;
    bench->retry_after_ms = answer->retry_after_ms;
    snprintf(bench->reason, sizeof bench->reason, "%s", answer->reason == NULL ? "" : answer->reason);
    if (bench->destroys) {
        http_client_destroy(bench->client);
        bench->client = NULL;
    } else if (bench->repeats) {
        bench->repeats = false;
        bench_post(bench);
        return;
    }
    event_base_loopbreak(bench->base);
}

static struct http_call *bench_post(struct bench *bench)
{
    const char *headers[] = {"Content-Type: text/x", "X-Own: 7"};

    return http_client_send(
        bench->client,
        &(struct http_request){.url = bench->url, .headers = headers, .header_count = 2, .body = span_of("body")},
        bench_on_done, bench);
}

/** Ends a loop that would run for ever. */
static void bench_run(const struct bench *bench)
{
    event_base_loopexit(bench->base, &(struct timeval){20, 0});
    event_base_dispatch(bench->base);
}

static void a_post_is_answered(void **state)
{
    struct bench bench;
    (void)state;

    bench_begin(&bench, "127.0.0.0/8");
    bench.answer = "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 3\r\n\r\nno!";
    bench_post(&bench);
    bench_run(&bench);
    assert_int_equal(bench.done, 1);
    assert_int_equal(bench.status, 503);
    assert_int_equal(bench.retry_after_ms, 7000);
    assert_non_null(strstr(bench.request, "POST /x HTTP/1.1\r\n"));
    assert_non_null(strstr(bench.request, "\r\nContent-Type: text/x\r\n"));
    assert_non_null(strstr(bench.request, "\r\nX-Own: 7\r\n"));
    assert_null(strstr(bench.request, "Expect"));
    bench_end(&bench);
}

/** libcurl would call a body a form that has no type. */
static void a_body_has_the_callers_type_or_none(void **state)
{
    const char *headers[] = {"Content-Type-Options: none"};
    struct bench bench;
    (void)state;

    bench_begin(&bench, "127.0.0.1");
    bench.answer = "HTTP/1.1 204 Fine\r\nConnection: close\r\n\r\n";
    http_client_send(
        bench.client,
        &(struct http_request){.url = bench.url, .headers = headers, .header_count = 1, .body = span_of("body")},
        bench_on_done, &bench);
    bench_run(&bench);
    assert_int_equal(bench.status, 204);
    assert_non_null(strstr(bench.request, "\r\nContent-Type-Options: none\r\n"));
    assert_null(strstr(bench.request, "Content-Type:"));
    bench_end(&bench);
}

static void a_callback_may_post_and_destroy(void **state)
{
    struct bench bench;
    (void)state;

    bench_begin(&bench, "127.0.0.1");
    bench.answer = "HTTP/1.1 204 Fine\r\nConnection: close\r\n\r\n";
    bench.repeats = true;
    bench_post(&bench);
    bench_run(&bench);
    assert_int_equal(bench.done, 2);
    assert_int_equal(bench.status, 204);
    bench.destroys = true;
    bench_post(&bench);
    bench_run(&bench);
    assert_int_equal(bench.done, 3);
    assert_null(bench.client);
    bench_end(&bench);
}

static void addresses_are_refused_before_they_are_connected_to(void **state)
{
    static const char *const hosts[] = {"127.0.0.1",         "[::1]",   "[::ffff:127.0.0.1]", "10.0.0.1",
                                        "[64:ff9b::7f00:1]", "0.0.0.0", "169.254.169.254"};
    struct bench bench;
    (void)state;

    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        bench_begin(&bench, "192.0.2.0/24");
        const char *port = strrchr(bench.url, ':');
        char url[64];
        snprintf(url, sizeof url, "http://%s%s", hosts[i], port);
        snprintf(bench.url, sizeof bench.url, "%s", url);
        bench_post(&bench);
        bench_run(&bench);
        assert_int_equal(bench.done, 1);
        assert_int_equal(bench.status, 0);
        assert_non_null(strstr(bench.reason, "is not a public one, and not allowed"));
        assert_int_equal(bench.connection, -1);
        bench_end(&bench);
    }
}

static void a_connection_that_is_closed_is_no_answer(void **state)
{
    struct bench bench;
    (void)state;

    bench_begin(&bench, "127.0.0.0/8");
    bench_post(&bench);
    bench_run(&bench);
    assert_int_equal(bench.done, 1);
    assert_int_equal(bench.status, 0);
    assert_true(bench.reason[0] != '\0');
    bench_end(&bench);
}

/** What a receiver answers decides nothing but the status, and whether there is one. */
static void strange_answers(void **state)
{
    static const struct {
        const char *answer;
        unsigned status; // 0: it is none
    } cases[] = {
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 Fine\r\n\r\n", 204},
        {"HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\nHTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 503},
        {"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 0},
        {"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", 302},
        {"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 200},
        {"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 500},
        {"HTTP/1.1 500 No\r\nContent-Length: 99999999999999999999\r\n\r\n", 500},
        {"HTTP/1.1 503 No\r\nRetry-After: -5\r\nContent-Length: 0\r\n\r\n", 503},
        {"no HTTP at all\r\n\r\n", 0},
    };
    struct bench bench;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench_begin(&bench, "127.0.0.0/8");
        bench.answer = cases[i].answer;
        bench.ends = true;
        bench_post(&bench);
        bench_run(&bench);
        if (bench.done != 1 || bench.status != cases[i].status || (bench.status == 0) != (bench.reason[0] != '\0'))
            fail_msg("%s: %u %s", cases[i].answer, bench.status, bench.reason);
        assert_int_equal(bench.retry_after_ms, 0);
        bench_end(&bench);
    }
}

static void headers_are_bounded(void **state)
{
    static char answer[1024 * 1024] = "HTTP/1.1 503 No\r\n";
    struct bench bench;
    (void)state;

    for (size_t used = strlen(answer); used + 100 < sizeof answer; used += 100)
        snprintf(answer + used, 101, "X-Long: %090d\r\n", 7);
    bench_begin(&bench, "127.0.0.0/8");
    bench.answer = answer;
    bench_post(&bench);
    bench_run(&bench);
    assert_int_equal(bench.done, 1);
    assert_true(bench.status == 503 || bench.reason[0] != '\0');
    bench_end(&bench);
}

static void calls_can_be_cancelled(void **state)
{
    struct bench bench;
    (void)state;

    bench_begin(&bench, "127.0.0.0/8");
    http_call_cancel(NULL);
    http_call_cancel(bench_post(&bench));
    bench_post(&bench); // ends with the client
    bench_end(&bench);
    assert_int_equal(bench.done, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_is_answered),
        cmocka_unit_test(a_body_has_the_callers_type_or_none),
        cmocka_unit_test(a_callback_may_post_and_destroy),
        cmocka_unit_test(addresses_are_refused_before_they_are_connected_to),
        cmocka_unit_test(a_connection_that_is_closed_is_no_answer),
        cmocka_unit_test(strange_answers),
        cmocka_unit_test(headers_are_bounded),
        cmocka_unit_test(calls_can_be_cancelled),
    };
    if (!http_is_built())
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
