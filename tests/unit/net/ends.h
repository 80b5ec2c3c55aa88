// tests/unit/net/ends.h: two transports that talk to each other over a socket pair, in one loop without threads.
#ifndef UNIT_NET_ENDS_H
#define UNIT_NET_ENDS_H

#include "base/memory.h"
#include "net/transport.h"
#include "unit/test.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT_SECONDS (test_is_emulated() ? 200 : 20)

/** One end, and the events that it has received. */
struct end {
    struct transport transport;
    int opened, readable, writable, closed, ended; // how often; ended: transport_read() said TRANSPORT_END
    size_t read_size;                              // of one transport_read(), 0: 64 KiB
    bool one_read;                                 // one transport_read() for each READABLE
    bool closes;                                   // transport_close() at the next event
    char *received;
    size_t received_length, received_capacity;
    const char *to_send;
    size_t to_send_length, sent;
    unsigned seed;
    char reason[256];
};

struct ends {
    struct event_base *base;
    struct end left, right;
};

/** Writes in pieces of odd sizes until all is written or there is no room. */
static inline void end_send(struct end *end)
{
    while (end->sent < end->to_send_length) {
        struct iovec pieces[64];
        size_t offset = end->sent;
        int count = 1 + rand_r(&end->seed) % 64;
        for (int i = 0; i < count; i++) {
            size_t length = (size_t)rand_r(&end->seed) % (rand_r(&end->seed) % 16 == 0 ? 70000 : 300);
            if (length > end->to_send_length - offset)
                length = end->to_send_length - offset;
            pieces[i] = (struct iovec){memory_writable(end->to_send + offset), length};
            offset += length;
        }
        ssize_t written = transport_write(&end->transport, pieces, count);
        if (written < 0)
            return;
        end->sent += (size_t)written;
        if (end->sent < offset)
            return; // WRITABLE follows
    }
}

static inline void end_read(struct end *end)
{
    char bytes[65536];
    size_t size = end->read_size == 0 ? sizeof bytes : end->read_size;

    for (;;) {
        ssize_t count = transport_read(&end->transport, bytes, size);
        if (count == TRANSPORT_END) {
            end->ended++;
            snprintf(end->reason, sizeof end->reason, "%s", transport_reason(&end->transport));
            transport_set_reading(&end->transport, false);
        }
        if (count < 0)
            return;
        while (end->received_length + (size_t)count > end->received_capacity) {
            end->received_capacity = end->received_capacity == 0 ? sizeof bytes : 2 * end->received_capacity;
            end->received = realloc(end->received, end->received_capacity);
        }
        memcpy(end->received + end->received_length, bytes, (size_t)count);
        end->received_length += (size_t)count;
        if (end->one_read || (size_t)count < size)
            return;
    }
}

static inline void end_on_event(struct transport *transport, enum transport_event event, void *context)
{
    struct end *end = context;

    if (end->closes)
        transport_close(transport);
    switch (event) {
    case TRANSPORT_OPEN:
        end->opened++;
        break;
    case TRANSPORT_READABLE:
        end->readable++;
        if (transport->fd != -1)
            end_read(end);
        break;
    case TRANSPORT_WRITABLE:
        end->writable++;
        end_send(end);
        break;
    case TRANSPORT_CLOSED:
        end->closed++;
        snprintf(end->reason, sizeof end->reason, "%s", transport_reason(transport));
        break;
    }
}

/** @param buffer  size of the sockets' buffers, 0: the system's default */
static inline void ends_init(struct ends *ends, int buffer)
{
    int fds[2];

    memset(ends, 0, sizeof *ends);
    ends->base = event_base_new();
    ends->left.seed = 1;
    ends->right.seed = 2;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    for (int i = 0; i < 2 && buffer > 0; i++)
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    transport_init(&ends->left.transport, ends->base, fds[0], end_on_event, &ends->left);
    transport_init(&ends->right.transport, ends->base, fds[1], end_on_event, &ends->right);
}

static inline void ends_fini(struct ends *ends)
{
    transport_close(&ends->left.transport);
    transport_close(&ends->right.transport);
    free(ends->left.received);
    free(ends->right.received);
    event_base_free(ends->base);
}

/** Turns the loop until no event comes for a moment. */
static inline void ends_settle(struct ends *ends)
{
    struct timeval moment = {0, 20000};

    event_base_loopexit(ends->base, &moment);
    event_base_dispatch(ends->base);
}

static inline void ends_on_limit(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    *(bool *)context = true;
}

/** Turns the loop until `condition` holds. */
#define RUN_UNTIL(ends, condition)                                                          \
    do {                                                                                    \
        bool late = false;                                                                  \
        struct event *limit = evtimer_new((ends)->base, ends_on_limit, &late);              \
        event_add(limit, &(struct timeval){LIMIT_SECONDS, 0});                              \
        while (!(condition) && !late)                                                       \
            event_base_loop((ends)->base, EVLOOP_ONCE);                                     \
        event_free(limit);                                                                  \
        if (late)                                                                           \
            fail_msg("not within %d s: %s (line %d)", LIMIT_SECONDS, #condition, __LINE__); \
    } while (0)

/** Returns some megabytes of pseudo-random bytes. The caller frees. */
static inline char *make_noise(size_t length, unsigned seed)
{
    char *bytes = malloc(length);

    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(rand_r(&seed) >> 8);
    return bytes;
}

#endif
