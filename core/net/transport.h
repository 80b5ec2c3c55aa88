// core/net/transport.h: a non-blocking byte stream on a descriptor. Everything that can happen to it comes through one
// callback. Bytes to send stay where they are (a feed, an answer) and are written from there: nothing is copied into a
// buffer of the transport, so a session's memory is its cursor. Thread: the owner's loop.
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

enum transport_event {
    TRANSPORT_OPEN,     // connected (only after transport_connect)
    TRANSPORT_READABLE, // bytes wait: transport_read() until it says TRANSPORT_AGAIN or enough
    TRANSPORT_WRITABLE, // room again after transport_write() was short
    TRANSPORT_CLOSED    // the peer has closed or it failed; transport_reason() says which
};

struct transport;
typedef void transport_callback(struct transport *transport, enum transport_event event, void *context);

/** Lives inside its owner. Fields are private to transport.c. */
struct transport {
    struct event read_event, write_event;
    transport_callback *callback;
    void *context;
    int fd;    // -1: closed
    int error; // errno of the failure, 0: end of stream
    bool connecting, reading, writing;
};

#define TRANSPORT_AGAIN (-1) // nothing now; the callback tells when
#define TRANSPORT_END (-2)   // closed or failed

/** Takes an open, connected descriptor (made non-blocking, TCP_NODELAY) and starts reading. */
void transport_init(struct transport *transport, struct event_base *base, int fd, transport_callback *callback,
                    void *context);
/** Starts to connect to an address; TRANSPORT_OPEN or TRANSPORT_CLOSED follows, or false at once with errno. */
struct sockaddr;
bool transport_connect(struct transport *transport, struct event_base *base, const struct sockaddr *address,
                       unsigned address_length, transport_callback *callback, void *context);
/** Closes the descriptor and forgets the events. Safe to call twice, and from inside the callback. */
void transport_close(struct transport *transport);
/** Reads up to `size` bytes. @return bytes (> 0), TRANSPORT_AGAIN or TRANSPORT_END */
ssize_t transport_read(struct transport *transport, void *bytes, size_t size);
/** Writes from up to `count` (<= 64) pieces. @return bytes taken (may be fewer: TRANSPORT_WRITABLE follows),
 *  TRANSPORT_AGAIN or TRANSPORT_END */
ssize_t transport_write(struct transport *transport, const struct iovec *pieces, int count);
/** Stops or resumes TRANSPORT_READABLE: back pressure on a client. */
void transport_set_reading(struct transport *transport, bool on);
/** Waits for room: TRANSPORT_WRITABLE comes once. */
void transport_want_write(struct transport *transport);
/** Why it was closed: "end of stream" or the system's text. */
const char *transport_reason(const struct transport *transport);

#endif
