// core/net/transport.c: see transport.h.
#include "net/transport.h"

#include "net/transport_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

union transport_address {
    struct in_addr v4;
    struct in6_addr v6;
};

static void on_readable(evutil_socket_t fd, short what, void *argument)
{
    struct transport *transport = argument;
    (void)fd;
    if (transport->tls != NULL)
        transport_tls_event(transport, what);
    else
        transport->callback(transport, TRANSPORT_READABLE, transport->context);
}

static void finish_connect(struct transport *transport)
{
    int failure = 0;
    socklen_t size = sizeof failure;

    if (getsockopt(transport->fd, SOL_SOCKET, SO_ERROR, &failure, &size) == -1)
        failure = errno;
    transport->error = failure;
    if (failure == 0 && transport->tls != NULL) {
        transport_tls_begin(transport);
        return;
    }
    transport->connecting = false;
    if (failure != 0) {
        transport->callback(transport, TRANSPORT_CLOSED, transport->context);
        return;
    }
    transport_set_reading(transport, true);
    transport->callback(transport, TRANSPORT_OPEN, transport->context);
}

static void on_writable(evutil_socket_t fd, short what, void *argument)
{
    struct transport *transport = argument;
    (void)fd;
    if (transport->tls != NULL && transport_tls_has_begun(transport)) {
        transport_tls_event(transport, what);
        return;
    }
    if (transport->connecting) {
        transport->writing = transport->writing && transport->tls != NULL; // a write that waits for the handshake
        finish_connect(transport);
        return;
    }
    transport->writing = false;
    transport->callback(transport, TRANSPORT_WRITABLE, transport->context);
}

static void set_up(struct transport *transport, struct event_base *base, int fd, transport_callback *callback,
                   void *context)
{
    memset(transport, 0, sizeof *transport);
    transport->fd = fd;
    transport->callback = callback;
    transport->context = context;
    event_assign(&transport->read_event, base, fd, EV_READ | EV_PERSIST, on_readable, transport);
}

void transport_watch_write(struct transport *transport, bool on)
{
    if (transport->write_event == NULL && on) {
        struct event_base *base = event_get_base(&transport->read_event);
        transport->write_event = event_new(base, transport->fd, EV_WRITE, on_writable, transport);
    }
    if (on)
        event_add(transport->write_event, NULL);
    else if (transport->write_event != NULL)
        event_del(transport->write_event);
}

/** Frees the event that transport_watch_write() has made. */
static void transport_forget_write(struct transport *transport)
{
    if (transport->write_event != NULL)
        event_free(transport->write_event);
    transport->write_event = NULL;
}

void transport_init(struct transport *transport, struct event_base *base, int fd, transport_callback *callback,
                    void *context)
{
    set_up(transport, base, fd, callback, context);
    transport_set_reading(transport, true);
}

void transport_init_closed(struct transport *transport)
{
    *transport = (struct transport){.fd = -1};
}

bool transport_connect(struct transport *transport, struct event_base *base, const struct sockaddr *address,
                       unsigned address_length, transport_callback *callback, void *context)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

    if (fd == -1)
        return false;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, address, address_length) == -1 && errno != EINPROGRESS) {
        int failure = errno;
        close(fd);
        errno = failure;
        return false;
    }
    set_up(transport, base, fd, callback, context);
    transport->connecting = true;
    transport_want_write(transport);
    return true;
}

void transport_leave(struct transport *transport)
{
    event_del(&transport->read_event);
    transport_forget_write(transport);
    if (transport->tls != NULL)
        event_del(&transport->tls->again);
    transport->away = true;
}

void transport_enter(struct transport *transport, struct event_base *base)
{
    event_assign(&transport->read_event, base, transport->fd, EV_READ | EV_PERSIST, on_readable, transport);
    transport->away = false;
    if (transport->tls != NULL) {
        transport_tls_enter(transport);
        return;
    }
    if (transport->reading)
        event_add(&transport->read_event, NULL);
    if (transport->writing)
        transport_watch_write(transport, true);
}

void transport_close(struct transport *transport)
{
    if (transport->fd == -1)
        return;
    if (transport->tls != NULL)
        transport_tls_close(transport);
    if (!transport->away)
        event_del(&transport->read_event);
    transport_forget_write(transport);
    close(transport->fd);
    transport->fd = -1;
    transport->reading = transport->writing = transport->connecting = false;
}

/** Maps errno to TRANSPORT_AGAIN or TRANSPORT_END. */
static ssize_t transport_failed(struct transport *transport)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return TRANSPORT_AGAIN;
    transport->error = errno;
    return TRANSPORT_END;
}

static ssize_t transport_receive(struct transport *transport, void *bytes, size_t size, int flags)
{
    ssize_t count = recv(transport->fd, bytes, size, flags);

    if (count > 0)
        return count;
    if (count == -1)
        return transport_failed(transport);
    transport->error = 0;
    return TRANSPORT_END;
}

ssize_t transport_read(struct transport *transport, void *bytes, size_t size)
{
    if (transport->fd == -1)
        return TRANSPORT_END;
    if (transport->tls != NULL)
        return transport_tls_read(transport, bytes, size);
    return transport_receive(transport, bytes, size, 0);
}

ssize_t transport_peek(struct transport *transport, void *bytes, size_t size)
{
    if (transport->fd == -1)
        return TRANSPORT_END;
    return transport->tls != NULL ? TRANSPORT_AGAIN : transport_receive(transport, bytes, size, MSG_PEEK);
}

ssize_t transport_write(struct transport *transport, struct iovec *pieces, int count)
{
    struct msghdr header = {.msg_iov = pieces, .msg_iovlen = (size_t)count};
    size_t wanted = 0;
    ssize_t written;

    if (transport->fd == -1)
        return TRANSPORT_END;
    if (transport->tls != NULL) {
        written = transport_tls_write(transport, pieces, count);
        transport->sent += written > 0 ? (uint64_t)written : 0;
        return written;
    }
    for (int i = 0; i < count; i++)
        wanted += pieces[i].iov_len;
    written = sendmsg(transport->fd, &header, MSG_NOSIGNAL | (transport->ending ? MSG_MORE : 0));
    if (written == -1) {
        ssize_t result = transport_failed(transport);
        if (result == TRANSPORT_AGAIN)
            transport_want_write(transport);
        return result;
    }
    if ((size_t)written < wanted)
        transport_want_write(transport);
    transport->sent += (uint64_t)written;
    return written;
}

void transport_announce_end(struct transport *transport)
{
    transport->ending = true;
}

size_t transport_unsent(const struct transport *transport)
{
    int bytes = 0;

    return transport->fd != -1 && ioctl(transport->fd, SIOCOUTQNSD, &bytes) == 0 && bytes > 0 ? (size_t)bytes : 0;
}

void transport_limit_unsent(struct transport *transport, int bytes)
{
    // Bytes in transit do not count. SO_SNDBUF would count them, and would end the autotuning of the window for good.
    setsockopt(transport->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes); // fails on unix sockets
}

void transport_shutdown(struct transport *transport)
{
    if (transport->fd == -1)
        return;
    if (transport->tls != NULL && transport_tls_has_begun(transport))
        transport_tls_shutdown(transport);
    else
        shutdown(transport->fd, SHUT_WR);
}

void transport_set_reading(struct transport *transport, bool on)
{
    if (transport->fd == -1 || transport->reading == on)
        return;
    transport->reading = on;
    if (transport->tls != NULL)
        transport_tls_watch(transport);
    else if (on)
        event_add(&transport->read_event, NULL);
    else
        event_del(&transport->read_event);
}

void transport_want_write(struct transport *transport)
{
    if (transport->fd == -1 || transport->writing)
        return;
    transport->writing = true;
    if (transport->tls != NULL)
        transport_tls_watch(transport);
    else
        transport_watch_write(transport, true);
}

bool transport_is_ready(const struct transport *transport)
{
    return transport->fd != -1 && !transport->connecting && !transport->writing;
}

bool transport_is_writing(const struct transport *transport)
{
    return transport->writing;
}

bool transport_is_reading(const struct transport *transport)
{
    return transport->reading;
}

bool transport_has_failed(const struct transport *transport)
{
    return transport->error != 0 || (transport->tls != NULL && transport_tls_reason(transport) != NULL);
}

const char *transport_reason(const struct transport *transport)
{
    // Global: a text that the caller borrows until this thread asks again.
    static _Thread_local char text[TRANSPORT_TLS_REASON_SIZE];
    const char *reason = transport->error == 0 ? "end of stream" : strerror(transport->error);

    if (transport->tls != NULL && transport_tls_reason(transport) != NULL)
        reason = transport_tls_reason(transport);
    if (reason != text)
        snprintf(text, sizeof text, "%s", reason);
    return text;
}

/** Reads the local IPv4 address (also one that is mapped into IPv6) or IPv6 address. @return its family; AF_UNSPEC:
 * neither */
static int read_local_address(const struct transport *transport, union transport_address *address)
{
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof bound;

    if (transport->fd == -1 || getsockname(transport->fd, (struct sockaddr *)&bound, &size) == -1)
        return AF_UNSPEC;
    if (bound.ss_family == AF_INET) {
        address->v4 = ((const struct sockaddr_in *)&bound)->sin_addr;
        return AF_INET;
    }
    if (bound.ss_family != AF_INET6)
        return bound.ss_family == AF_UNIX ? AF_UNIX : AF_UNSPEC;
    address->v6 = ((const struct sockaddr_in6 *)&bound)->sin6_addr;
    if (!IN6_IS_ADDR_V4MAPPED(&address->v6))
        return AF_INET6;
    memmove(&address->v4, &address->v6.s6_addr[12], sizeof address->v4);
    return AF_INET;
}

void transport_local_address(const struct transport *transport, char *text, size_t size)
{
    union transport_address address;
    int family = read_local_address(transport, &address);

    if ((family != AF_INET && family != AF_INET6) || inet_ntop(family, &address, text, (socklen_t)size) == NULL)
        text[0] = '\0';
}

bool transport_is_loopback(const struct transport *transport)
{
    union transport_address address;
    int family = read_local_address(transport, &address);

    if (family == AF_INET)
        return (ntohl(address.v4.s_addr) >> 24) == IN_LOOPBACKNET;
    return family == AF_UNIX || (family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address.v6));
}
