// tests/unit/net/test_listener.c: accepted connections have the options of clients, whenever they came, and all that
// wait are accepted. (That no accept4() is made in vain: tests/system/test_costs.py.)
#include "net/listener.h"

#include "net/transport.h"
#include "unit/test.h"

#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 100 };

struct accepting {
    struct event_base *base;
    struct listener *listener;
    int accepted[MOST], count;
    char address[LISTENER_ADDRESS_SIZE]; // of the last client
};

static void on_accepted(int fd, const char *address, void *context)
{
    struct accepting *accepting = context;

    assert_true(accepting->count < MOST);
    accepting->accepted[accepting->count++] = fd;
    snprintf(accepting->address, sizeof accepting->address, "%s", address);
}

static struct accepting *accepting_create(void)
{
    struct accepting *accepting = calloc(1, sizeof *accepting);
    struct error err;

    assert_non_null(accepting);
    accepting->base = event_base_new();
    accepting->listener = listener_open("127.0.0.1", 0, &err);
    assert_non_null(accepting->listener);
    return accepting;
}

static void accepting_destroy(struct accepting *accepting)
{
    for (int i = 0; i < accepting->count; i++)
        close(accepting->accepted[i]);
    listener_close(accepting->listener);
    event_base_free(accepting->base);
    free(accepting);
}

static int connect_to(const struct accepting *accepting)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(getsockname(listener_descriptor(accepting->listener), (struct sockaddr *)&address, &size), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, size), 0);
    return fd;
}

static void await(struct accepting *accepting, int count)
{
    while (accepting->count < count)
        event_base_loop(accepting->base, EVLOOP_ONCE);
}

static int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;

    assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
    return value;
}

static void assert_options(int fd)
{
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), 60);
    assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL), 10);
    assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPCNT), 6);
    assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 60000);
    assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT), TRANSPORT_UNSENT);
    assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
}

static void i15_connections_have_the_options_of_clients(void **state)
{
    (void)state;
    struct accepting *accepting = accepting_create();
    int early[2] = {connect_to(accepting), connect_to(accepting)}, late; // before listener_start(), as by systemd

    listener_start(accepting->listener, accepting->base, on_accepted, accepting);
    await(accepting, 2);
    late = connect_to(accepting);
    await(accepting, 3);
    for (int i = 0; i < 3; i++)
        assert_options(accepting->accepted[i]);
    close(early[0]);
    close(early[1]);
    close(late);
    accepting_destroy(accepting);
}

static void i15_all_that_wait_are_accepted(void **state)
{
    (void)state;
    struct accepting *accepting = accepting_create();
    int clients[MOST];
    char expected[LISTENER_ADDRESS_SIZE];
    struct sockaddr_in own;
    socklen_t size = sizeof own;

    listener_start(accepting->listener, accepting->base, on_accepted, accepting);
    for (int i = 0; i < MOST; i++)
        clients[i] = connect_to(accepting);
    await(accepting, MOST);
    assert_int_equal(getsockname(clients[MOST - 1], (struct sockaddr *)&own, &size), 0);
    snprintf(expected, sizeof expected, "127.0.0.1:%u", ntohs(own.sin_port));
    assert_string_equal(accepting->address, expected);
    for (int i = 0; i < MOST; i++)
        close(clients[i]);
    accepting_destroy(accepting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(i15_connections_have_the_options_of_clients),
        cmocka_unit_test(i15_all_that_wait_are_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
