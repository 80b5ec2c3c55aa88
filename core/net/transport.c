// core/net/transport.c: see transport.h.
#include "net/transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_readable(evutil_socket_t fd, short what, void *argument)
{
    struct transport *transport = argument;
    (void)fd;
    (void)what;
    transport->callback(transport, TRANSPORT_READABLE, transport->context);
}

static void finish_connect(struct transport *transport)
{
    int failure = 0;
    socklen_t size = sizeof failure;

    transport->connecting = false;
    if (getsockopt(transport->fd, SOL_SOCKET, SO_ERROR, &failure, &size) == -1)
        failure = errno;
    transport->error = failure;
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
    (void)what;
    transport->writing = false;
    if (transport->connecting)
        finish_connect(transport);
    else
        transport->callback(transport, TRANSPORT_WRITABLE, transport->context);
}

static void set_up(struct transport *transport, struct event_base *base, int fd, transport_callback *callback,
                   void *context)
{
    int on = 1;

    memset(transport, 0, sizeof *transport);
    transport->fd = fd;
    transport->callback = callback;
    transport->context = context;
    evutil_make_socket_nonblocking(fd);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // fails on unix sockets, where it means nothing
    event_assign(&transport->read_event, base, fd, EV_READ | EV_PERSIST, on_readable, transport);
    event_assign(&transport->write_event, base, fd, EV_WRITE, on_writable, transport);
}

void transport_init(struct transport *transport, struct event_base *base, int fd, transport_callback *callback,
                    void *context)
{
    set_up(transport, base, fd, callback, context);
    transport_set_reading(transport, true);
}

bool transport_connect(struct transport *transport, struct event_base *base, const struct sockaddr *address,
                       unsigned address_length, transport_callback *callback, void *context)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd == -1)
        return false;
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

void transport_close(struct transport *transport)
{
    if (transport->fd == -1)
        return;
    event_del(&transport->read_event);
    event_del(&transport->write_event);
    close(transport->fd);
    transport->fd = -1;
    transport->reading = transport->writing = transport->connecting = false;
}

/** One answer for "nothing now" and one for "over", whatever errno says. */
static ssize_t failed(struct transport *transport)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return TRANSPORT_AGAIN;
    transport->error = errno;
    return TRANSPORT_END;
}

ssize_t transport_read(struct transport *transport, void *bytes, size_t size)
{
    ssize_t count;

    if (transport->fd == -1)
        return TRANSPORT_END;
    count = recv(transport->fd, bytes, size, 0);
    if (count > 0)
        return count;
    if (count == -1)
        return failed(transport);
    transport->error = 0;
    return TRANSPORT_END;
}

ssize_t transport_write(struct transport *transport, const struct iovec *pieces, int count)
{
    struct msghdr header = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)count};
    size_t wanted = 0;
    ssize_t written;

    if (transport->fd == -1)
        return TRANSPORT_END;
    for (int i = 0; i < count; i++)
        wanted += pieces[i].iov_len;
    written = sendmsg(transport->fd, &header, MSG_NOSIGNAL);
    if (written == -1) {
        ssize_t result = failed(transport);
        if (result == TRANSPORT_AGAIN)
            transport_want_write(transport);
        return result;
    }
    if ((size_t)written < wanted)
        transport_want_write(transport);
    return written;
}

void transport_set_reading(struct transport *transport, bool on)
{
    if (transport->fd == -1 || transport->reading == on)
        return;
    transport->reading = on;
    if (on)
        event_add(&transport->read_event, NULL);
    else
        event_del(&transport->read_event);
}

void transport_want_write(struct transport *transport)
{
    if (transport->fd == -1 || transport->writing)
        return;
    transport->writing = true;
    event_add(&transport->write_event, NULL);
}

const char *transport_reason(const struct transport *transport)
{
    return transport->error == 0 ? "end of stream" : strerror(transport->error);
}
