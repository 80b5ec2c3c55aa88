// tests/unit/net/test_transport.c: plain transports: all bytes arrive, ends are reported, addresses are read.
#include "net/transport.h"
#include "unit/net/ends.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>

static void bytes_arrive_both_ways_through_small_buffers(void **state)
{
    (void)state;
    enum { LENGTH = 1 << 20 };
    char *noise = make_noise(LENGTH, 7);
    struct ends ends;
    ends_init(&ends, 4096);
    ends.left.to_send = ends.right.to_send = noise;
    ends.left.to_send_length = ends.right.to_send_length = LENGTH;
    end_send(&ends.left);
    end_send(&ends.right);
    RUN_UNTIL(&ends, ends.left.received_length == LENGTH && ends.right.received_length == LENGTH);
    assert_memory_equal(ends.left.received, noise, LENGTH);
    assert_memory_equal(ends.right.received, noise, LENGTH);
    assert_false(transport_is_pending(&ends.left.transport));
    assert_false(transport_is_encrypted(&ends.left.transport));
    assert_null(transport_tls_version(&ends.left.transport));
    ends_fini(&ends);
    free(noise);
}

static void peek_leaves_the_bytes(void **state)
{
    (void)state;
    struct ends ends;
    char bytes[8];
    ends_init(&ends, 0);
    assert_int_equal(transport_peek(&ends.right.transport, bytes, 1), TRANSPORT_AGAIN);
    assert_int_equal(write(ends.left.transport.fd, "abc", 3), 3);
    assert_int_equal(transport_peek(&ends.right.transport, bytes, 1), 1);
    assert_int_equal(bytes[0], 'a');
    assert_int_equal(transport_read(&ends.right.transport, bytes, sizeof bytes), 3);
    transport_close(&ends.left.transport);
    assert_int_equal(transport_peek(&ends.right.transport, bytes, 1), TRANSPORT_END);
    assert_string_equal(transport_reason(&ends.right.transport), "end of stream");
    ends_fini(&ends);
}

static void after_shutdown_the_other_way_still_works(void **state)
{
    (void)state;
    struct ends ends;
    ends_init(&ends, 0);
    transport_shutdown(&ends.left.transport);
    RUN_UNTIL(&ends, ends.right.ended == 1);
    ends.right.to_send = "answer";
    ends.right.to_send_length = 6;
    end_send(&ends.right);
    RUN_UNTIL(&ends, ends.left.received_length == 6);
    ends_fini(&ends);
}

static int listen_on(const struct sockaddr *address, socklen_t size, struct sockaddr_storage *bound)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t bound_size = sizeof *bound;
    if (fd == -1 || bind(fd, address, size) == -1 || listen(fd, 4) == -1) {
        if (fd != -1)
            close(fd);
        return -1;
    }
    assert_int_equal(getsockname(fd, (struct sockaddr *)bound, &bound_size), 0);
    return fd;
}

static void connects_and_tells_its_address(const struct sockaddr *address, socklen_t size, const char *expected)
{
    struct event_base *base = event_base_new();
    struct sockaddr_storage bound;
    struct end end = {.seed = 1};
    struct ends ends = {.base = base};
    char text[46];
    int fd = listen_on(address, size, &bound);
    if (fd != -1) { // a machine without IPv6 has no ::1
        assert_true(transport_connect(&end.transport, base, (struct sockaddr *)&bound, size, end_on_event, &end));
        RUN_UNTIL(&ends, end.opened == 1);
        transport_local_address(&end.transport, text, sizeof text);
        assert_string_equal(text, expected);
        assert_true(transport_is_loopback(&end.transport));
        transport_close(&end.transport);
        transport_local_address(&end.transport, text, sizeof text);
        assert_string_equal(text, "");
        assert_false(transport_is_loopback(&end.transport));
        close(fd);
        // Nobody listens on that port any more.
        if (transport_connect(&end.transport, base, (struct sockaddr *)&bound, size, end_on_event, &end)) {
            RUN_UNTIL(&ends, end.closed == 1);
            assert_string_equal(end.reason, "Connection refused");
            transport_close(&end.transport);
        }
    }
    event_base_free(base);
}

static void addresses_are_told(void **state)
{
    (void)state;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in6 mapped = {.sin6_family = AF_INET6};
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
    connects_and_tells_its_address((struct sockaddr *)&v4, sizeof v4, "127.0.0.1");
    connects_and_tells_its_address((struct sockaddr *)&v6, sizeof v6, "::1");
    connects_and_tells_its_address((struct sockaddr *)&mapped, sizeof mapped, "127.0.0.1");
}

/** Writes a byte, announces the end and writes another. @return how many of the two the kernel has held back */
static size_t held_back(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_storage bound;
    struct end end = {.seed = 1};
    struct ends ends = {.base = event_base_new()};
    struct iovec byte = {"x", 1};
    char bytes[4];
    int fd = listen_on((struct sockaddr *)&address, sizeof address, &bound), peer;

    assert_true(
        transport_connect(&end.transport, ends.base, (struct sockaddr *)&bound, sizeof address, end_on_event, &end));
    RUN_UNTIL(&ends, end.opened == 1);
    peer = accept(fd, NULL, NULL);
    assert_int_equal(transport_write(&end.transport, &byte, 1), 1);
    assert_int_equal(transport_unsent(&end.transport), 0);
    transport_announce_end(&end.transport);
    assert_int_equal(transport_write(&end.transport, &byte, 1), 1);
    size_t held = transport_unsent(&end.transport);
    transport_shutdown(&end.transport);
    assert_int_equal(transport_unsent(&end.transport), 0);
    assert_int_equal(recv(peer, bytes, 2, MSG_WAITALL), 2);
    assert_int_equal(recv(peer, bytes, sizeof bytes, 0), 0);
    close(peer);
    close(fd);
    transport_close(&end.transport);
    event_base_free(ends.base);
    return held;
}

static void the_last_bytes_go_with_the_end(void **state)
{
    (void)state;
    size_t held = 0;
    for (int i = 0; i < 20 && held == 0; i++) // on a busy machine the kernel may have waited for long enough
        held = held_back();
    if (!test_is_emulated()) // it cannot tell what is unsent
        assert_int_equal(held, 1);
}

static void a_unix_socket_has_no_address_and_is_local(void **state)
{
    (void)state;
    struct ends ends;
    char text[46] = "x";
    ends_init(&ends, 0);
    transport_local_address(&ends.left.transport, text, sizeof text);
    assert_string_equal(text, "");
    assert_true(transport_is_loopback(&ends.left.transport));
    ends_fini(&ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_arrive_both_ways_through_small_buffers),
        cmocka_unit_test(peek_leaves_the_bytes),
        cmocka_unit_test(after_shutdown_the_other_way_still_works),
        cmocka_unit_test(addresses_are_told),
        cmocka_unit_test(the_last_bytes_go_with_the_end),
        cmocka_unit_test(a_unix_socket_has_no_address_and_is_local),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
