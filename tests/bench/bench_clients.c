// tests/bench/bench_clients.c: many clients in one process that only listen. Each logs in (or, with --raw, only waits
// for a greeting line, as the reference program sends; with a format's name it asks for that format, or opens a feed
// over HTTP), then the driver says on standard input
//
//   expect N   the next N background events are counted at every client; one line of JSON tells the result
//   quit       (or the end of input) the end
//
// A background event carries `SimSequence: N`, which grows by one from event to event, and `SimTime: NS`, the moment
// at which the simulator made it (CLOCK_MONOTONIC). A gap, a step back, a missing or a surplus event, or a client that
// was closed makes the exit code 1. Nothing is judged by time. Each byte is looked at once, by memmem. With the format
// `sums` the events are those of the flood (flood.h), and a wrong sum is an error too. With `servers` each server has a
// sequence of its own; the last digit of its name tells which.
#include "flood.h"
#include "shapes.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#define STALL_MS 20000 // silence after which what has not come is called missing
#define LINGER_MS 100  // listened on for events that must not come any more

#define SOURCES 10 // servers that are told from each other

struct client {
    int fd;   // -1: closed by the peer
    SSL *tls; // NULL: plain
    bool started[SOURCES];
    uint64_t last[SOURCES]; // SimSequence seen last
    uint64_t count;         // events of this run
    char *carry;            // start of a message whose end has not come yet
    size_t carry_length, carry_capacity;
};

struct bench {
    const struct shape *shape;
    int epoll;
    struct client *clients;
    uint32_t client_count;
    uint64_t expected, complete; // events per client; clients that have them all
    bool started[SOURCES];
    uint64_t first[SOURCES], bytes, events, start_ns, end_ns;
    uint64_t gaps, steps_back, uneven_starts, closed, wrong_sums;
    double cpu;
    struct histogram latency;
    char *buffer; // room for a carry and one read
    size_t buffer_size;
    bool failed;
};

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void check_sequence(struct bench *bench, struct client *client, unsigned source, uint64_t sequence)
{
    if (!bench->started[source]) {
        bench->started[source] = true;
        bench->first[source] = sequence;
    }
    if (!client->started[source])
        bench->uneven_starts += sequence != bench->first[source];
    else if (sequence <= client->last[source])
        bench->steps_back++;
    else
        bench->gaps += sequence - client->last[source] - 1;
    client->started[source] = true;
    client->last[source] = sequence;
    bench->events++;
    if (++client->count == bench->expected)
        bench->complete++;
}

/** The rest of one message behind its sequence: its time, if it has one. @return where to go on */
static const char *check_time(struct bench *bench, const char *at, const char *end, uint64_t now)
{
    const struct shape *shape = bench->shape;
    const char *blank = memmem(at, (size_t)(end - at), shape->end, strlen(shape->end));
    const char *name = memmem(at, (size_t)(blank - at), shape->time, strlen(shape->time));
    uint64_t sent;
    if (name != NULL && (name += strlen(shape->time), bench_number(&name, blank, &sent)))
        histogram_add(&bench->latency, now > sent ? now - sent : 0);
    return blank;
}

/** The flood's sequence starts again and again: the number that it stands for at this client. */
static uint64_t unwrap(const struct client *client, unsigned sequence)
{
    uint64_t last = client->last[0], ahead = (sequence + FLOOD_CYCLE - last % FLOOD_CYCLE) % FLOOD_CYCLE;

    if (!client->started[0])
        return sequence + FLOOD_CYCLE; // so that there is room for a step back
    return ahead <= FLOOD_CYCLE / 2 ? last + ahead : last + ahead - FLOOD_CYCLE;
}

/** The same as scan() for the flood, message by message: some are not of the flood. */
static void scan_sums(struct bench *bench, struct client *client, const char *at, const char *end)
{
    while (at < end) {
        unsigned sequence;
        bool is_flood = (size_t)(end - at) > sizeof flood_start && memcmp(at, flood_start, sizeof flood_start - 1) == 0;
        if (is_flood && flood_check(at, (size_t)(end - at), &sequence)) {
            check_sequence(bench, client, 0, unwrap(client, sequence));
            at += FLOOD_SUM_AT;
        } else if (is_flood) {
            bench->wrong_sums++;
        }
        at = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
        at += 4;
    }
}

/** The same as scan() for several servers, message by message. */
static void scan_servers(struct bench *bench, struct client *client, const char *at, const char *end, uint64_t now)
{
    const char *name = bench->shape->sequence, *behind;

    for (; at < end; at = behind) {
        uint64_t sequence;
        behind = (const char *)memmem(at, (size_t)(end - at), "\r\n\r\n", 4) + 4;
        const char *found = memmem(at, (size_t)(behind - at), name, strlen(name));
        if (found == NULL || (found += strlen(name), !bench_number(&found, behind, &sequence)))
            continue;
        check_sequence(bench, client, source_of(at, behind), sequence);
        check_time(bench, found, behind, now);
    }
}

/** Looks through whole messages only: `end` is behind a message's end. */
static void scan(struct bench *bench, struct client *client, const char *at, const char *end, uint64_t now)
{
    const char *name = bench->shape->sequence;
    size_t length = strlen(name);
    uint64_t sequence;
    while ((at = memmem(at, (size_t)(end - at), name, length)) != NULL) {
        at += length;
        if (!bench_number(&at, end, &sequence))
            bench_fail("SimSequence without a number");
        check_sequence(bench, client, 0, sequence);
        at = check_time(bench, at, end, now);
    }
}

/** Length of the whole messages at the start of `bytes`. */
static size_t whole_length(const struct shape *shape, const char *bytes, size_t length)
{
    const char *at;
    size_t end = strlen(shape->end);
    while (length >= end && (at = memrchr(bytes, '\n', length)) != NULL) {
        length = (size_t)(at - bytes) + 1;
        if (length >= end && memcmp(at + 1 - end, shape->end, end) == 0)
            return length;
        length--;
    }
    return 0;
}

static void keep_carry(struct client *client, const char *bytes, size_t length)
{
    if (length > client->carry_capacity) {
        client->carry_capacity = length * 2;
        free(client->carry);
        client->carry = bench_allocate(client->carry_capacity, 1);
    }
    if (length > 0)
        memcpy(client->carry, bytes, length);
    client->carry_length = length;
}

static void close_client(struct bench *bench, struct client *client)
{
    close(client->fd);
    client->fd = -1;
    bench->closed++;
}

/** As recv(); the descriptor does not block. */
static ssize_t receive(struct client *client, char *bytes, size_t size)
{
    int got;
    if (client->tls == NULL)
        return recv(client->fd, bytes, size, 0);
    got = SSL_read(client->tls, bytes, (int)size);
    if (got > 0)
        return got;
    errno = SSL_get_error(client->tls, got) == SSL_ERROR_WANT_READ ? EAGAIN : EPROTO;
    return -1;
}

/** One read. @return are there more bytes that the descriptor does not tell of? */
static bool read_client(struct bench *bench, struct client *client)
{
    size_t kept = client->carry_length;
    if (kept + BENCH_READ_BYTES > bench->buffer_size) {
        free(bench->buffer);
        bench->buffer_size = kept + 2 * BENCH_READ_BYTES;
        bench->buffer = bench_allocate(bench->buffer_size, 1);
    }
    ssize_t got = receive(client, bench->buffer + kept, BENCH_READ_BYTES);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        close_client(bench, client);
        return false;
    }
    uint64_t now = bench_now_ns();
    if (bench->start_ns == 0)
        bench->start_ns = now;
    bench->bytes += (uint64_t)got;
    if (kept > 0)
        memcpy(bench->buffer, client->carry, kept);
    size_t length = kept + (size_t)got, whole = whole_length(bench->shape, bench->buffer, length);
    if (bench->shape->sequence[0] == '\0')
        scan_sums(bench, client, bench->buffer, bench->buffer + whole);
    else if (strcmp(bench->shape->name, "servers") == 0)
        scan_servers(bench, client, bench->buffer, bench->buffer + whole, now);
    else
        scan(bench, client, bench->buffer, bench->buffer + whole, now);
    keep_carry(client, bench->buffer + whole, length - whole);
    return client->tls != NULL;
}

static void begin_run(struct bench *bench, uint64_t expected)
{
    for (uint32_t i = 0; i < bench->client_count; i++) {
        memset(bench->clients[i].started, 0, sizeof bench->clients[i].started);
        bench->clients[i].count = 0;
    }
    memset(&bench->latency, 0, sizeof bench->latency);
    bench->expected = expected;
    bench->complete = bench->bytes = bench->events = bench->start_ns = bench->end_ns = 0;
    bench->gaps = bench->steps_back = bench->uneven_starts = bench->wrong_sums = 0;
    memset(bench->started, 0, sizeof bench->started);
    bench->cpu = cpu_seconds();
    printf("armed\n");
}

static void end_run(struct bench *bench)
{
    uint64_t missing = 0, surplus = 0;
    for (uint32_t i = 0; i < bench->client_count; i++) {
        uint64_t count = bench->clients[i].count;
        missing += count < bench->expected ? bench->expected - count : 0;
        surplus += count > bench->expected ? count - bench->expected : 0;
    }
    bool wrong =
        missing + surplus + bench->gaps + bench->steps_back + bench->uneven_starts + bench->closed + bench->wrong_sums >
        0;
    bench->failed |= wrong;
    bench->expected = 0;
    printf("{\"ok\": %s, \"clients\": %u, \"events\": %llu, \"bytes\": %llu, \"start_ns\": %llu, \"end_ns\": %llu, "
           "\"missing\": %llu, \"surplus\": %llu, \"gaps\": %llu, \"steps_back\": %llu, \"uneven_starts\": %llu, "
           "\"closed\": %llu, \"wrong_sums\": %llu, \"timed\": %llu, \"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": "
           "%.1f, \"cpu_s\": %.3f}\n",
           wrong ? "false" : "true", bench->client_count, (unsigned long long)bench->events,
           (unsigned long long)bench->bytes, (unsigned long long)bench->start_ns, (unsigned long long)bench->end_ns,
           (unsigned long long)missing, (unsigned long long)surplus, (unsigned long long)bench->gaps,
           (unsigned long long)bench->steps_back, (unsigned long long)bench->uneven_starts,
           (unsigned long long)bench->closed, (unsigned long long)bench->wrong_sums,
           (unsigned long long)bench->latency.count, histogram_us(&bench->latency, 0.5),
           histogram_us(&bench->latency, 0.99), (double)bench->latency.maximum / 1000.0, cpu_seconds() - bench->cpu);
}

/** @return false at the end */
static bool obey(struct bench *bench)
{
    static char line[256];
    static size_t length;
    ssize_t got = read(STDIN_FILENO, line + length, sizeof line - 1 - length);
    if (got <= 0)
        return false;
    length += (size_t)got;
    line[length] = '\0';
    char *end = strchr(line, '\n');
    if (end == NULL)
        return length < sizeof line - 1;
    uint64_t expected = strncmp(line, "expect ", 7) == 0 ? strtoull(line + 7, NULL, 10) : 0;
    length = 0;
    if (expected > 0)
        begin_run(bench, expected);
    return expected > 0;
}

/** Milliseconds to wait for the next bytes: a run that has all waits shortly for what is too much. */
static int patience(const struct bench *bench)
{
    if (bench->expected == 0)
        return -1;
    return bench->complete + bench->closed >= bench->client_count ? LINGER_MS : STALL_MS;
}

static void serve(struct bench *bench)
{
    struct epoll_event events[256];
    for (;;) {
        int count = epoll_wait(bench->epoll, events, 256, patience(bench));
        if (count < 0 && errno != EINTR)
            bench_fail("epoll_wait: %s", strerror(errno));
        for (int i = 0; i < count; i++) {
            uint32_t index = events[i].data.u32;
            if (index < bench->client_count)
                while (read_client(bench, &bench->clients[index]))
                    continue;
            else if (!obey(bench))
                return;
        }
        if (bench->expected > 0 && bench->end_ns == 0 && bench->complete == bench->client_count)
            bench->end_ns = bench_now_ns();
        if (count == 0 && bench->expected > 0)
            end_run(bench);
    }
}

static void watch(struct bench *bench, int fd, uint32_t index)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
    if (epoll_ctl(bench->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        bench_fail("epoll_ctl: %s", strerror(errno));
}

/** Connects one after the other: what is measured begins when all are there. */
static void open_clients(struct bench *bench, unsigned port, const char *user, const char *secret)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    for (uint32_t i = 0; i < bench->client_count; i++) {
        int fd = bench_connect(port);
        char name[64];
        if (user != NULL && strchr(user, '#') != NULL) // `bench#`: each client is a user of its own
            snprintf(name, sizeof name, "%.*s%u", (int)strcspn(user, "#"), user, i);
        else
            snprintf(name, sizeof name, "%s", user != NULL ? user : "");
        if (user == NULL)
            bench_await(fd, "\n");
        else if (strcmp(bench->shape->name, "tls") == 0)
            bench->clients[i].tls = open_tls(context, fd, name, secret);
        else if (bench->shape->path != NULL)
            open_feed(fd, bench->shape, port, name, secret);
        else
            open_session(fd, bench->shape, name, secret);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        bench->clients[i].fd = fd;
        watch(bench, fd, i);
    }
    SSL_CTX_free(context);
}

int main(int count, char **arguments)
{
    bool raw = (count == 4 || count == 5) && strcmp(arguments[3], "--raw") == 0;
    static struct bench bench;
    bench.shape = &shapes[0];
    const char *format = count == 6 ? arguments[5] : raw && count == 5 ? arguments[4] : NULL;
    for (size_t i = 0; format != NULL && i < sizeof shapes / sizeof *shapes; i++) {
        if (strcmp(format, shapes[i].name) == 0)
            bench.shape = &shapes[i];
    }
    if ((!raw && count != 5 && count != 6) || (format != NULL && strcmp(format, bench.shape->name) != 0)) {
        fprintf(stderr,
                "usage: %s PORT CLIENTS USER SECRET [FORMAT | tls | sums | servers] | PORT CLIENTS --raw [sums]\n",
                arguments[0]);
        return EXIT_BROKEN;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    bench.client_count = (uint32_t)strtoul(arguments[2], NULL, 10);
    bench.clients = bench_allocate(bench.client_count + 1, sizeof *bench.clients);
    bench.epoll = epoll_create1(EPOLL_CLOEXEC);
    open_clients(&bench, (unsigned)strtoul(arguments[1], NULL, 10), raw ? NULL : arguments[3],
                 raw ? NULL : arguments[4]);
    watch(&bench, STDIN_FILENO, bench.client_count);
    printf("ready\n");
    serve(&bench);
    for (uint32_t i = 0; i < bench.client_count; i++) {
        free(bench.clients[i].carry);
        SSL_free(bench.clients[i].tls);
    }
    free(bench.clients);
    free(bench.buffer);
    return bench.failed ? EXIT_WRONG : 0;
}
