// tests/bench/bench_flood.c: an Asterisk that only floods: it can outrun any proxy, because its events are made before.
// It greets, takes every login, and answers every action with Success. The driver says on standard input
//
//   flood N    N events (flood.h) go to each connection that logged in with events; then the moment at which they began
//              (CLOCK_MONOTONIC, ns) is one line of output
//
// The end of input ends it. Actions that come during a flood are answered after it.
#include "flood.h"

#include <poll.h>

#define CONNECTIONS 2048
#define PIECE_BYTES ((size_t)256 * 1024)

struct connection {
    int fd; // -1: closed
    bool wants_events;
    char text[4096]; // actions without their end yet
    size_t length;
};

static struct connection connections[CONNECTIONS];
static size_t count;
static char *events; // FLOOD_CYCLE of them
static size_t position;

/** Value of a header of an action; empty if there is none. `value` has room for 256 bytes. */
static void find(const char *action, const char *name, char *value)
{
    const char *at = strstr(action, name);

    value[0] = '\0';
    if (at != NULL)
        snprintf(value, 256, "%.*s", (int)strcspn(at + strlen(name), "\r\n"), at + strlen(name));
}

static void answer(struct connection *connection, const char *action)
{
    char id[256], wanted[256], text[1024];
    bool is_login = strstr(action, "Action: Login\r\n") != NULL;
    int length;

    find(action, "ActionID: ", id);
    find(action, "Events: ", wanted);
    length = snprintf(text, sizeof text, "Response: Success\r\n%s%s%sChallenge: 123456789\r\nMessage: %s\r\n\r\n%s",
                      id[0] == '\0' ? "" : "ActionID: ", id, id[0] == '\0' ? "" : "\r\n",
                      is_login ? "Authentication accepted" : "Done",
                      is_login && strcmp(wanted, "off") != 0 ? "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: "
                                                               "9\r\nLastReload: 9\r\nStatus: Fully Booted\r\n\r\n"
                                                             : "");
    bench_send(connection->fd, text, (size_t)length);
    connection->wants_events = connection->wants_events || (is_login && strcmp(wanted, "off") != 0);
}

static void read_actions(struct connection *connection)
{
    ssize_t got = recv(connection->fd, connection->text + connection->length,
                       sizeof connection->text - 1 - connection->length, 0);
    char *end;

    if (got <= 0) {
        close(connection->fd);
        connection->fd = -1;
        return;
    }
    connection->length += (size_t)got;
    connection->text[connection->length] = '\0';
    while ((end = strstr(connection->text, "\r\n\r\n")) != NULL) {
        end[2] = '\0';
        answer(connection, connection->text);
        connection->length -= (size_t)(end + 4 - connection->text);
        memmove(connection->text, end + 4, connection->length + 1);
    }
}

static void flood(uint64_t wanted)
{
    size_t whole = (size_t)FLOOD_CYCLE * FLOOD_BYTES, length;

    printf("%llu\n", (unsigned long long)bench_now_ns());
    for (uint64_t left = wanted * FLOOD_BYTES; left > 0; left -= length) {
        length = whole - position < PIECE_BYTES ? whole - position : PIECE_BYTES;
        length = length < left ? length : (size_t)left;
        for (size_t i = 0; i < count; i++) {
            if (connections[i].fd >= 0 && connections[i].wants_events)
                bench_send(connections[i].fd, events + position, length);
        }
        position = (position + length) % whole;
    }
}

/** @return false at the end */
static bool obey(void)
{
    char line[256];
    ssize_t got = read(STDIN_FILENO, line, sizeof line - 1);

    if (got <= 0)
        return false;
    line[got] = '\0';
    if (strncmp(line, "flood ", 6) == 0)
        flood(strtoull(line + 6, NULL, 10));
    return true;
}

static void take_connection(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1;

    if (fd < 0 || count == CONNECTIONS)
        bench_fail("accept: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections[count++] = (struct connection){.fd = fd};
    bench_send(fd, "Asterisk Call Manager/9.0.0\r\n", 29);
}

static void serve(int listener)
{
    static struct pollfd polled[CONNECTIONS + 2];

    for (;;) {
        size_t known = count;
        polled[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
        polled[1] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (size_t i = 0; i < known; i++)
            polled[i + 2] = (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
        if (poll(polled, known + 2, -1) < 0 && errno != EINTR)
            bench_fail("poll: %s", strerror(errno));
        for (size_t i = 0; i < known; i++) {
            if (polled[i + 2].revents != 0)
                read_actions(&connections[i]);
        }
        if (polled[1].revents != 0)
            take_connection(listener);
        if (polled[0].revents != 0 && !obey())
            return;
    }
}

int main(int arguments_count, char **arguments)
{
    if (arguments_count != 2) {
        fprintf(stderr, "usage: %s PORT_FILE\n", arguments[0]);
        return EXIT_BROKEN;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    events = bench_allocate(FLOOD_CYCLE, FLOOD_BYTES + 1);
    for (unsigned i = 0; i < FLOOD_CYCLE; i++)
        flood_make(events + (size_t)i * FLOOD_BYTES, i); // its NUL is the next one's first byte
    int listener = bench_listen();
    bench_write_port(listener, arguments[1]);
    serve(listener);
    free(events);
    return 0;
}
