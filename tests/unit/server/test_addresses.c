// tests/unit/server/test_addresses.c: a server's name has several addresses: each is tried before the server is lost.
#include "base/clock.h"
#include "net/resolver.h"
#include "net/tls.h"
#include "server/server.h"

#include "unit/test.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 30000 // at most, for anything

static const char *const addresses[] = {"127.0.0.2", "127.0.0.1"}; // in the order in which they are found

static int look_up(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    struct addrinfo numeric = *hints;
    (void)host;

    numeric.ai_flags = AI_NUMERICHOST;
    if (getaddrinfo(addresses[0], service, &numeric, found) != 0)
        return EAI_FAIL;
    return getaddrinfo(addresses[1], service, &numeric, &(*found)->ai_next);
}

struct fixture {
    struct event_base *base;
    struct config config;
    struct servers servers;
    struct server server;
    struct server_config described;
    struct metrics_server metrics;
    int listening[2];
};

static int listen_at(const char *address, uint16_t port, int backlog)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    inet_pton(AF_INET, address, &place.sin_addr);
    if (bind(fd, (struct sockaddr *)&place, sizeof place) == 0 && listen(fd, backlog) == 0)
        return fd;
    close(fd);
    return -1;
}

/** Both addresses, with the same port. */
static void listen_at_both(struct fixture *fixture, int backlog)
{
    for (int tries = 0; tries < 100; tries++) {
        struct sockaddr_in place = {0};
        socklen_t length = sizeof place;
        fixture->listening[0] = listen_at(addresses[0], 0, backlog);
        assert_int_not_equal(fixture->listening[0], -1);
        assert_int_equal(getsockname(fixture->listening[0], (struct sockaddr *)&place, &length), 0);
        fixture->described.port = ntohs(place.sin_port);
        fixture->listening[1] = listen_at(addresses[1], fixture->described.port, 8);
        if (fixture->listening[1] != -1)
            return;
        close(fixture->listening[0]);
    }
    fail_msg("no port is free at both addresses");
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    fixture->base = event_base_new();
    fixture->described = (struct server_config){.name = (char *)"pbx1", .host = (char *)"two.example", .lanes = 4};
    fixture->config.retry.interval_ms = 60000;
    fixture->config.retry.max_interval_ms = 60000;
    fixture->servers = (struct servers){.base = fixture->base, .config = &fixture->config};
    fixture->servers.resolver = resolver_create(fixture->base, look_up);
    fixture->server = (struct server){
        .servers = &fixture->servers, .config = &fixture->described, .metrics = &fixture->metrics, .wait_ms = 60000};
    for (int i = 0; i < SERVER_LANES; i++)
        lane_init(&fixture->server.lanes[i], &fixture->server, i > 0);
    queue_init(&fixture->server.queue);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < SERVER_LANES; i++)
        lane_close(&fixture->server.lanes[i]);
    queue_fini(&fixture->server.queue);
    resolver_destroy(fixture->servers.resolver);
    tls_context_unref(fixture->server.tls);
    event_base_free(fixture->base);
    for (int i = 0; i < 2; i++)
        close(fixture->listening[i]);
    free(fixture);
    return 0;
}

/** Turns the loop until a connection arrives there. @return the connection */
static int accept_at(struct fixture *fixture, int index)
{
    struct pollfd wanted = {.fd = fixture->listening[index], .events = POLLIN};

    for (uint64_t limit = clock_ms() + WAIT_MS; clock_ms() < limit;) {
        event_base_loop(fixture->base, EVLOOP_NONBLOCK);
        if (poll(&wanted, 1, 1) == 1)
            return accept(wanted.fd, NULL, NULL);
    }
    fail_msg("nobody connects to %s", addresses[index]);
    return -1;
}

/** Turns the loop until the lane is in that state. */
static void wait_for_state(struct fixture *fixture, const struct lane *lane, enum lane_state state)
{
    for (uint64_t limit = clock_ms() + WAIT_MS; lane->state != state;) {
        struct timeval pause = {0, 1000};
        assert_true(clock_ms() < limit);
        event_base_loopexit(fixture->base, &pause);
        event_base_dispatch(fixture->base);
    }
}

/** The server accepts the connection and ends it in the handshake. */
static void test_f59_the_second_address_after_one_that_hangs_up(void **state)
{
    struct fixture *fixture = *state;
    struct lane *lane = MAIN(&fixture->server);
    struct error err;
    int first, second;

    listen_at_both(fixture, 8);
    fixture->described.tls = SERVER_TLS_ON;
    fixture->server.tls = tls_context_for_server(false, NULL, TLS1_2_VERSION, &err);
    assert_non_null(fixture->server.tls);
    lane_open(lane);
    first = accept_at(fixture, 0);
    close(first);
    second = accept_at(fixture, 1);
    assert_int_equal(lane->state, LANE_CONNECTING);
    assert_int_equal(fixture->server.deadline_ms, 0); // not lost
    close(second);
    wait_for_state(fixture, lane, LANE_CLOSED);
    assert_int_not_equal(fixture->server.deadline_ms, 0); // there is no third
}

/** The server does not answer: its queue of connections is full. */
static void test_f59_the_second_address_after_one_that_is_silent(void **state)
{
    struct fixture *fixture = *state;
    struct lane *lane = MAIN(&fixture->server);
    struct sockaddr_in place = {.sin_family = AF_INET};
    int waiting[8], second;

    listen_at_both(fixture, 0);
    inet_pton(AF_INET, addresses[0], &place.sin_addr);
    place.sin_port = htons(fixture->described.port);
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(waiting[i], (struct sockaddr *)&place, sizeof place);
    }
    lane_open(lane);
    wait_for_state(fixture, lane, LANE_CONNECTING);
    lane_tick(lane, lane->deadline_ms - 1);
    assert_int_equal(lane->state, LANE_CONNECTING);
    lane_tick(lane, lane->deadline_ms);
    second = accept_at(fixture, 1);
    wait_for_state(fixture, lane, LANE_BANNER);
    assert_string_equal(fixture->server.address, addresses[1]);
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++)
        close(waiting[i]);
    close(second);
}

/** Nobody listens there: the system reports it at once. */
static void test_f59_the_second_address_after_one_that_refuses(void **state)
{
    struct fixture *fixture = *state;
    struct lane *lane = MAIN(&fixture->server);
    int second;

    listen_at_both(fixture, 8);
    close(fixture->listening[0]);
    fixture->listening[0] = -1;
    lane_open(lane);
    second = accept_at(fixture, 1);
    wait_for_state(fixture, lane, LANE_BANNER);
    assert_string_equal(fixture->server.address, addresses[1]);
    close(second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_f59_the_second_address_after_one_that_hangs_up),
        TEST(test_f59_the_second_address_after_one_that_is_silent),
        TEST(test_f59_the_second_address_after_one_that_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
