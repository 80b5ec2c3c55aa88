// tests/bench/bench_reference.c: the yardstick. What the least possible program would cost: it logs in to the server,
// accepts plain clients and calls send() with each chunk that it reads on every one of them. It parses nothing, checks
// nothing and answers nothing; a slow client holds up all. Ratios of the table compare the proxy with it.
#include "bench.h"

#include <poll.h>

static int accept_client(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1;
    if (fd < 0)
        bench_fail("accept: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    bench_send(fd, "Reference/1.0\r\n", 15); // tells the load generator that it is one of the clients now
    return fd;
}

/** Sends the whole chunk; a client that is gone is closed and -1. */
static void give_chunk(int *client, const char *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t sent = send(*client, bytes + done, length - done, MSG_NOSIGNAL);
        if (sent > 0) {
            done += (size_t)sent;
        } else if (errno != EINTR) {
            close(*client);
            *client = -1;
            return;
        }
    }
}

static void fan_out(int server, int listener, int *clients, size_t capacity)
{
    static char chunk[BENCH_READ_BYTES];
    size_t count = 0;
    struct pollfd polled[2] = {{.fd = server, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
    for (;;) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR)
            bench_fail("poll: %s", strerror(errno));
        if ((polled[1].revents & POLLIN) != 0 && count < capacity)
            clients[count++] = accept_client(listener);
        if ((polled[0].revents & (POLLIN | POLLHUP)) == 0)
            continue;
        ssize_t length = recv(server, chunk, sizeof chunk, 0);
        if (length <= 0)
            return;
        for (size_t i = 0; i < count; i++)
            if (clients[i] >= 0)
                give_chunk(&clients[i], chunk, (size_t)length);
    }
}

int main(int count, char **arguments)
{
    if (count != 6) {
        fprintf(stderr, "usage: %s SERVER_PORT USER SECRET PORT_FILE CLIENTS\n", arguments[0]);
        return EXIT_BROKEN;
    }
    size_t capacity = (size_t)strtoul(arguments[5], NULL, 10);
    int *clients = bench_allocate(capacity + 1, sizeof *clients);
    int server = bench_connect((unsigned)strtoul(arguments[1], NULL, 10));
    bench_login(server, arguments[2], arguments[3], "on");
    int listener = bench_listen();
    bench_write_port(listener, arguments[4]);
    fan_out(server, listener, clients, capacity);
    free(clients);
    return 0;
}
