// tests/bench/bench_http.c: HTTP requests over connections that stay open, some in flight on each, as fast as they are
// answered. Prints one line of JSON. An answer other than 200, or a connection that ends, makes the exit code 1.
#include "bench.h"

#include <fcntl.h>
#include <sys/epoll.h>

struct connection {
    int fd;
    uint64_t sent, answered;
    char carry[16]; // the end of what was read: a status line may be cut anywhere
    size_t carry_length;
};

static const char good[] = "HTTP/1.1 200 ", any[] = "HTTP/1.1 ";

static void send_requests(struct connection *connection, const char *request, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        bench_send(connection->fd, request, strlen(request));
    connection->sent += count;
}

/** Counts the answers whose status line is complete in these bytes. @return false: one was no success */
static bool count_answers(struct connection *connection, char *bytes, size_t length)
{
    const char *at = bytes, *end = bytes + length;
    while ((at = memmem(at, (size_t)(end - at), any, sizeof any - 1)) != NULL) {
        if ((size_t)(end - at) < sizeof good - 1)
            break;
        if (memcmp(at, good, sizeof good - 1) != 0)
            return false;
        connection->answered++;
        at += sizeof good - 1;
    }
    size_t kept = at != NULL ? (size_t)(end - at) : length < sizeof any - 2 ? length : sizeof any - 2;
    memcpy(connection->carry, end - kept, kept);
    connection->carry_length = kept;
    return true;
}

int main(int count, char **arguments)
{
    static char buffer[BENCH_READ_BYTES + 16];
    if (count != 6) {
        fprintf(stderr, "usage: %s PORT CONNECTIONS IN_FLIGHT REQUESTS_EACH REQUEST\n", arguments[0]);
        return EXIT_BROKEN;
    }
    unsigned port = (unsigned)strtoul(arguments[1], NULL, 10);
    uint64_t connections = strtoull(arguments[2], NULL, 10), depth = strtoull(arguments[3], NULL, 10),
             each = strtoull(arguments[4], NULL, 10), done = 0;
    struct connection *all = bench_allocate(connections, sizeof *all);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (uint64_t i = 0; i < connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        all[i].fd = bench_connect(port);
        epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event);
    }
    uint64_t start = bench_now_ns();
    for (uint64_t i = 0; i < connections; i++)
        send_requests(&all[i], arguments[5], depth < each ? depth : each);
    while (done < connections) {
        struct epoll_event event;
        if (epoll_wait(epoll, &event, 1, 20000) != 1)
            bench_fail("no answer for 20 seconds");
        struct connection *connection = event.data.ptr;
        memcpy(buffer, connection->carry, connection->carry_length);
        ssize_t got = recv(connection->fd, buffer + connection->carry_length, BENCH_READ_BYTES, 0);
        uint64_t before = connection->answered;
        if (got <= 0 || !count_answers(connection, buffer, connection->carry_length + (size_t)got)) {
            fprintf(stderr, "closed, or no success: %.200s\n", buffer);
            return EXIT_WRONG;
        }
        uint64_t more = connection->answered - before;
        done += more > 0 && connection->answered == each;
        if (connection->sent + more > each)
            more = each - connection->sent;
        send_requests(connection, arguments[5], more);
    }
    double seconds = (double)(bench_now_ns() - start) / 1e9;
    printf("{\"requests\": %llu, \"seconds\": %.3f, \"per_second\": %.0f}\n", (unsigned long long)(connections * each),
           seconds, (double)(connections * each) / seconds);
    free(all);
    return 0;
}
