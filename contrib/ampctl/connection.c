// contrib/ampctl/connection.c: see connection.h.
#include "connection.h"

#include "ami/parser.h"
#include "base/clock.h"
#include "base/memory.h"
#include "net/tls.h"
#include "net/transport.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TLS_1_2 0x0303

struct connection {
    struct event_base *base;
    const struct target *target;
    struct transport transport;
    struct tls_context *tls;
    struct parser *parser;
    struct evbuffer *unsent, *raw;
    struct event *timer;
    bool connected, lost, greeted, said_something;
    char reason[300];
    char banner[600]; // its beginning, after it has come
};

// --- the transport ----------------------------------------------------------------------------------------------

static void connection_lose(struct connection *connection)
{
    if (!connection->lost)
        snprintf(connection->reason, sizeof connection->reason, "%s", transport_reason(&connection->transport));
    connection->lost = true;
}

static void connection_flush(struct connection *connection)
{
    struct evbuffer_iovec pieces[8];
    struct iovec vectors[8];

    while (connection->connected && !connection->lost && evbuffer_get_length(connection->unsent) > 0) {
        int count = evbuffer_peek(connection->unsent, -1, NULL, pieces, 8);
        count = count > 8 ? 8 : count;
        for (int i = 0; i < count; i++)
            vectors[i] = (struct iovec){pieces[i].iov_base, pieces[i].iov_len};
        ssize_t written = transport_write(&connection->transport, vectors, count);
        if (written == TRANSPORT_END)
            return; // reading reports the end, after what the proxy has sent
        if (written < 0)
            return;
        evbuffer_drain(connection->unsent, (size_t)written);
    }
}

static void on_transport(struct transport *transport, enum transport_event event, void *context)
{
    struct connection *connection = context;
    (void)transport;

    switch (event) {
    case TRANSPORT_OPEN:
        connection->connected = true;
        connection_flush(connection);
        break;
    case TRANSPORT_WRITABLE:
        connection_flush(connection);
        break;
    case TRANSPORT_READABLE: // the loop has turned, and the caller reads
        break;
    case TRANSPORT_CLOSED:
        connection_lose(connection);
        break;
    }
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what, (void)context; // nothing to do: the loop has turned
}

/** One turn of the loop. @return false: it is past `deadline_ms`, or a signal ended the loop */
static bool connection_turn(struct connection *connection, uint64_t deadline_ms)
{
    uint64_t now = clock_ms(), left = deadline_ms > now ? deadline_ms - now : 0;
    struct timeval delay = {(time_t)(left / 1000), (suseconds_t)(left % 1000 * 1000)};

    event_add(connection->timer, &delay);
    event_base_loop(connection->base, EVLOOP_ONCE);
    event_del(connection->timer);
    return !event_base_got_break(connection->base) && (left > 0 || connection->lost);
}

// --- opening ----------------------------------------------------------------------------------------------------

static bool connection_start(struct connection *connection, const struct sockaddr *address, socklen_t length)
{
    const struct target *target = connection->target;

    if (!transport_connect(&connection->transport, connection->base, address, length, on_transport, connection)) {
        snprintf(connection->reason, sizeof connection->reason, "%s", strerror(errno));
        return false;
    }
    if (target->tls)
        transport_start_tls(&connection->transport, connection->tls, target->tls_name, target->verify);
    return true;
}

/** Turns on TCP keep-alive, so that the loss of the other host is noticed although nothing is sent. Fails on unix
 *  sockets. */
static void keep_alive(int fd)
{
    int on = 1, idle_s = 60, interval_s = 10, probes = 6;

    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

/** Tries one address. @return false: `reason` says why */
static bool try_address(struct connection *connection, const struct sockaddr *address, socklen_t length,
                        uint64_t timeout_ms)
{
    uint64_t deadline_ms = clock_ms() + timeout_ms;

    connection->lost = false;
    if (!connection_start(connection, address, length))
        return false;
    while (!connection->connected && !connection->lost) {
        if (!connection_turn(connection, deadline_ms)) {
            snprintf(connection->reason, sizeof connection->reason, "timed out");
            break;
        }
    }
    if (connection->connected && !connection->lost) {
        keep_alive(connection->transport.fd);
        return true;
    }
    transport_close(&connection->transport);
    return false;
}

static bool connect_unix(struct connection *connection, uint64_t timeout_ms)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof address.sun_path, "%.107s", connection->target->host);
    return try_address(connection, (struct sockaddr *)&address, sizeof address, timeout_ms);
}

static bool connect_tcp(struct connection *connection, uint64_t timeout_ms)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC}, *found;
    int failure = getaddrinfo(connection->target->host, connection->target->port, &hints, &found);
    bool open = false;

    if (failure != 0) {
        snprintf(connection->reason, sizeof connection->reason, "%s", gai_strerror(failure));
        return false;
    }
    for (const struct addrinfo *each = found; each != NULL && !open; each = each->ai_next)
        open = !event_base_got_break(connection->base) &&
               try_address(connection, each->ai_addr, each->ai_addrlen, timeout_ms);
    freeaddrinfo(found);
    return open;
}

struct connection *connection_open(struct event_base *base, const struct target *target, uint64_t timeout_ms,
                                   struct error *err)
{
    struct connection *connection = memory_zero(1, sizeof *connection);

    connection->base = base;
    connection->target = target;
    connection->transport.fd = -1;
    connection->parser = parser_create(NULL);
    connection->unsent = evbuffer_new();
    connection->raw = evbuffer_new();
    connection->timer = evtimer_new(base, on_timer, NULL);
    if (target->tls) {
        connection->tls = tls_context_for_server(target->verify, target->ca_file, TLS_1_2, err);
        if (connection->tls == NULL ||
            (target->cert != NULL && !tls_context_identify(connection->tls, target->cert, target->key, err))) {
            connection_close(connection);
            return NULL;
        }
    }
    if (target->is_unix ? connect_unix(connection, timeout_ms) : connect_tcp(connection, timeout_ms))
        return connection;
    error_set(err, "cannot connect to %s: %s", target->shown, connection->reason);
    connection_close(connection);
    return NULL;
}

void connection_close(struct connection *connection)
{
    if (connection == NULL)
        return;
    transport_close(&connection->transport);
    tls_context_unref(connection->tls);
    parser_destroy(connection->parser);
    evbuffer_free(connection->unsent);
    evbuffer_free(connection->raw);
    event_free(connection->timer);
    free(connection);
}

bool connection_is_encrypted(const struct connection *connection)
{
    return transport_is_encrypted(&connection->transport);
}

bool connection_is_private(const struct connection *connection)
{
    return connection_is_encrypted(connection) || transport_is_loopback(&connection->transport);
}

// --- messages ---------------------------------------------------------------------------------------------------

void connection_send(struct connection *connection, const struct message *message)
{
    struct span wire = message_wire(message);

    evbuffer_add(connection->unsent, wire.bytes, wire.length);
    connection_flush(connection);
}

/** Takes the first line, the banner. @return false: it has not arrived yet */
static bool take_banner(struct connection *connection)
{
    struct span line;

    if (!connection->greeted && parser_line(connection->parser, &line)) {
        snprintf(connection->banner, sizeof connection->banner, "%.*s", (int)line.length, line.bytes);
        connection->greeted = true;
    }
    return connection->greeted;
}

/** @return bytes read, TRANSPORT_AGAIN or TRANSPORT_END */
static ssize_t read_some(struct connection *connection, char *bytes, size_t size)
{
    ssize_t count = transport_read(&connection->transport, bytes, size);

    if (count > 0)
        connection->said_something = true;
    if (count == TRANSPORT_END)
        connection_lose(connection);
    return count;
}

/** Reads into the parser. @return CONNECTION_READY: some bytes have come */
static enum connection_result read_more(struct connection *connection, uint64_t deadline_ms)
{
    size_t available;

    for (;;) {
        char *room = parser_reserve(connection->parser, 65536, &available);
        ssize_t count = connection->lost ? TRANSPORT_END : read_some(connection, room, available);
        if (count > 0) {
            parser_commit(connection->parser, (size_t)count);
            return CONNECTION_READY;
        }
        if (count == TRANSPORT_END)
            return CONNECTION_LOST;
        if (!connection_turn(connection, deadline_ms))
            return CONNECTION_LATE;
    }
}

enum connection_result connection_banner(struct connection *connection, uint64_t timeout_ms, char *text, size_t size)
{
    uint64_t deadline_ms = clock_ms() + timeout_ms;
    enum connection_result result = CONNECTION_READY;

    while (result == CONNECTION_READY && !take_banner(connection))
        result = read_more(connection, deadline_ms);
    snprintf(text, size, "%s", connection->banner);
    return result;
}

enum connection_result connection_next(struct connection *connection, uint64_t timeout_ms, struct message **message)
{
    uint64_t deadline_ms = clock_ms() + timeout_ms;

    *message = NULL;
    for (;;) {
        if (take_banner(connection))
            *message = parser_next(connection->parser);
        if (*message != NULL)
            return CONNECTION_READY;
        if (parser_fault(connection->parser) != NULL) {
            snprintf(connection->reason, sizeof connection->reason, "%s", parser_fault(connection->parser));
            connection->lost = true;
            return CONNECTION_LOST;
        }
        enum connection_result result = read_more(connection, deadline_ms);
        if (result != CONNECTION_READY)
            return result;
    }
}

enum connection_result connection_fill(struct connection *connection, uint64_t timeout_ms)
{
    uint64_t deadline_ms = clock_ms() + timeout_ms;
    char bytes[65536];

    for (;;) {
        ssize_t count = connection->lost ? TRANSPORT_END : read_some(connection, bytes, sizeof bytes);
        if (count > 0) {
            evbuffer_add(connection->raw, bytes, (size_t)count);
            return CONNECTION_READY;
        }
        if (count == TRANSPORT_END)
            return CONNECTION_LOST;
        if (!connection_turn(connection, deadline_ms))
            return CONNECTION_LATE;
    }
}

struct evbuffer *connection_raw(const struct connection *connection)
{
    return connection->raw;
}

void connection_error(const struct connection *connection, enum connection_result result, struct error *err)
{
    const char *where = connection->target->shown;

    if (result == CONNECTION_LATE)
        error_set(err, "%s: timed out", where);
    else if (!connection->said_something)
        error_set(err, "%s: the connection was closed before a word was said (%s)%s", where, connection->reason,
                  connection->target->tls ? "" : ": does it want --tls?");
    else
        error_set(err, "%s: connection lost (%s)", where, connection->reason);
}
