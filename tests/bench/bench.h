// tests/bench/bench.h: what the three benchmark programs share: clock, histogram, sockets, a small AMI login.
// Everything here is static inline: each program is one file. Errors end the program: a benchmark has nobody to tell.
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE // accept4, memmem, memrchr
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BENCH_READ_BYTES (256 * 1024)

enum { EXIT_WRONG = 1, EXIT_BROKEN = 2 }; // 1: loss, repeat, wrong answer; 2: the benchmark itself could not run

__attribute__((format(printf, 1, 2), noreturn)) static inline void bench_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_BROKEN);
}

static inline uint64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void *bench_allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        bench_fail("out of memory");
    return memory;
}

/** Log-linear histogram of nanoseconds: 32 steps for each power of two, so a percentile is right to 3 %. */
struct histogram {
    uint64_t count, maximum;
    uint64_t buckets[64 * 32];
};

static inline size_t histogram_index(uint64_t value)
{
    if (value < 32)
        return (size_t)value;
    unsigned shift = 58u - (unsigned)__builtin_clzll(value); // leaves the top six bits: 32 … 63
    return (size_t)shift * 32 + (size_t)(value >> shift);
}

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->count++;
    if (value > histogram->maximum)
        histogram->maximum = value;
    histogram->buckets[histogram_index(value)]++;
}

/** The value that `share` (0 … 1) of all do not exceed, in microseconds; 0 if nothing was counted. */
static inline double histogram_us(const struct histogram *histogram, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)histogram->count), seen = 0;
    for (size_t i = 0; i < sizeof histogram->buckets / sizeof *histogram->buckets; i++) {
        seen += histogram->buckets[i];
        if (seen == 0 || seen < wanted)
            continue;
        if (i < 64)
            return (double)i / 1000.0;
        uint64_t shift = i / 32 - 1, low = (i % 32 + 32) << shift;
        double middle = (double)low + (double)(1ull << shift) / 2.0, maximum = (double)histogram->maximum;
        return (middle < maximum ? middle : maximum) / 1000.0;
    }
    return 0.0;
}

/** Takes a decimal number from the text at `*at` and moves behind it. False if there is none before `end`. */
static inline bool bench_number(const char **at, const char *end, uint64_t *number)
{
    const char *start = *at;
    *number = 0;
    while (*at < end && **at >= '0' && **at <= '9')
        *number = *number * 10 + (uint64_t)(*(*at)++ - '0');
    return *at > start;
}

/** A blocking connection to 127.0.0.1:port. */
static inline int bench_connect(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        bench_fail("connect to port %u: %s", port, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static inline void bench_send(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            bench_fail("send: %s", strerror(errno));
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        }
    }
}

/** Reads byte by byte, so that nothing behind `wanted` is taken from the socket. Ends the program if the peer closes
 *  first, sends a refusal, or is silent for 20 seconds. */
static inline void bench_await(int fd, const char *wanted)
{
    char text[8192];
    size_t length = 0;
    struct timeval limit = {.tv_sec = 20}, never = {0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    do {
        if (length == sizeof text - 1 || recv(fd, text + length, 1, 0) != 1)
            bench_fail("no %s came: %.*s", wanted[0] == '\n' ? "line" : wanted, (int)length, text);
        text[++length] = '\0';
        if (strstr(text, "Response: Error") != NULL && strstr(text, "\r\n\r\n") != NULL)
            bench_fail("refused: %s", text);
    } while (strstr(text, wanted) == NULL);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &never, sizeof never);
}

/** Logs in with a plain secret: the banner is read, then the answer to its end. */
static inline void bench_login(int fd, const char *user, const char *secret, const char *events)
{
    char action[512];
    int length = snprintf(action, sizeof action, "Action: Login\r\nUsername: %s\r\nSecret: %s\r\nEvents: %s\r\n\r\n",
                          user, secret, events);
    if (length < 0 || (size_t)length >= sizeof action)
        bench_fail("user or secret is too long");
    bench_await(fd, "\n");
    bench_send(fd, action, (size_t)length);
    bench_await(fd, "Message: Authentication accepted\r\n\r\n");
}

/** A listening socket on 127.0.0.1; the kernel chooses the port. */
static inline int bench_listen(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 4096) != 0)
        bench_fail("listen: %s", strerror(errno));
    return fd;
}

/** Writes the port of a listening socket to a file, in one step, so that a reader never sees half a number. */
static inline void bench_write_port(int fd, const char *path)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    char temporary[4096];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *file = fopen(temporary, "w");
    if (file == NULL || getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
        fprintf(file, "%u\n", (unsigned)ntohs(address.sin_port)) < 0 || fclose(file) != 0 ||
        rename(temporary, path) != 0)
        bench_fail("%s: %s", path, strerror(errno));
}

#endif
