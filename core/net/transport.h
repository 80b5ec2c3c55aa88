// core/net/transport.h: a non-blocking byte stream on a descriptor. All its events arrive through one
// callback. Bytes to send stay in the caller's memory (a feed, an answer) and are written from there. The transport has
// no buffer, so a session only needs a cursor. Encrypted (transport_accept_tls, transport_start_tls)
// it behaves the same; only bytes of a record that has been begun are kept, at most 16 KiB and only while the socket is
// full. OpenSSL writes with write(2): the program ignores SIGPIPE. Thread: the owner's loop.
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

enum transport_event {
    TRANSPORT_OPEN,     // connected (only after transport_connect), or the TLS handshake is done
    TRANSPORT_READABLE, // bytes are waiting: call transport_read() until TRANSPORT_AGAIN, or as long as needed
    TRANSPORT_WRITABLE, // room again after transport_write() was short
    TRANSPORT_CLOSED    // the peer has closed, or it failed; transport_reason() says which
};

struct sockaddr;
struct tls_context;
struct transport;
struct transport_tls;
typedef void transport_callback(struct transport *transport, enum transport_event event, void *context);

/** Lives inside its owner. Only the files of this room use the fields; tests/check_includes.py looks for others. */
struct transport {
    struct event read_event;
    struct event *write_event; // made when WRITABLE is first waited for: most sessions never do. NULL: not made
    transport_callback *callback;
    void *context;
    struct transport_tls *tls; // NULL: plain
    uint64_t sent;             // bytes that transport_write() has taken
    int fd;                    // -1: closed
    int error;                 // errno of the failure (EPROTO: TLS has failed), 0: end of stream
    bool connecting;           // not open yet: connecting, or in the handshake
    bool reading, writing;     // READABLE is wanted; WRITABLE is waited for
    bool ending;               // transport_announce_end()
    bool away;                 // on no loop: between transport_leave() and transport_enter()
};

#define TRANSPORT_AGAIN (-1) // nothing now; a callback follows
#define TRANSPORT_END (-2)   // closed or failed

/** The kernel accepts about this many bytes that it cannot send yet, even if its buffers have more room. Bytes that a
 *  peer does not read stay in our memory, where all sessions share one copy. This does not limit bytes in transit:
 *  distant peers keep their windows. */
#define TRANSPORT_UNSENT (192 * 1024)
/** The same for a peer that lags. The kernel exceeds either by up to one segment (64 KiB). */
#define TRANSPORT_UNSENT_LAGGING (16 * 1024)

/** Takes an open, connected, non-blocking descriptor, with the options of client_options.h, and starts reading. */
void transport_init(struct transport *transport, struct event_base *base, int fd, transport_callback *callback,
                    void *context);
/** Makes a transport without a descriptor: closed from the beginning, so that transport_close() does nothing. */
void transport_init_closed(struct transport *transport);
/** Starts to connect to an address; TRANSPORT_OPEN or TRANSPORT_CLOSED follows, or false at once with errno. */
bool transport_connect(struct transport *transport, struct event_base *base, const struct sockaddr *address,
                       unsigned address_length, transport_callback *callback, void *context);
/** Encrypts an open plain transport as the server's side of TLS. Nothing has been read yet (transport_peek() is fine).
 *  TRANSPORT_OPEN or TRANSPORT_CLOSED follows, never from inside this call. The owner sets time limits.
 *  @param context  of tls_context_for_clients(); a reference of its own is kept as long as needed */
void transport_accept_tls(struct transport *transport, struct tls_context *context);
/** The client's side: right after transport_connect() (TRANSPORT_OPEN then comes after the handshake), or on an open
 *  plain transport. Never calls back from inside.
 *  @param host    name or address literal, sent as SNI unless a literal
 *  @param verify  the certificate must be one that `context` trusts, and made for `host` */
void transport_start_tls(struct transport *transport, struct tls_context *context, const char *host, bool verify);
/** Returns how many bytes transport_write() has taken. */
static inline uint64_t transport_sent(const struct transport *transport)
{
    return transport->sent;
}

/** Ends our side: sends close_notify if encrypted, then FIN. Reading continues. Pending bytes of a record are sent
 * first, without further calls. Nothing may be written afterwards. */
void transport_shutdown(struct transport *transport);
/** Closes the descriptor and removes the events; sends close_notify if there is room. May be called twice, and from
 *  inside the callback. Pending bytes (transport_is_pending()) are lost. */
void transport_close(struct transport *transport);
/** Takes an open transport off its loop: no callback comes until transport_enter(). Only transport_close() may be
 * called meanwhile; by any thread, when the transport was handed to it. */
void transport_leave(struct transport *transport);
/** Puts it on the loop of this thread, and waits for what it waited for. */
void transport_enter(struct transport *transport, struct event_base *base);
/** Reads up to `size` bytes. A shorter result means that nothing more is available now.
 *  @return bytes (> 0), TRANSPORT_AGAIN or TRANSPORT_END */
ssize_t transport_read(struct transport *transport, void *bytes, size_t size);
/** Peeks at the first bytes without consuming them. Only plain: TRANSPORT_AGAIN if encrypted.
 *  @return bytes (> 0), TRANSPORT_AGAIN or TRANSPORT_END */
ssize_t transport_peek(struct transport *transport, void *bytes, size_t size);
/** Writes from up to `count` (<= 64) pieces. @return bytes taken (may be fewer: TRANSPORT_WRITABLE follows),
 *  TRANSPORT_AGAIN or TRANSPORT_END. Encrypted, all may be taken and some still wait: see transport_is_pending(). */
ssize_t transport_write(struct transport *transport, struct iovec *pieces, int count);
/** What is written from now on is the last: transport_shutdown() or transport_close() follows at once, when all is
 *  written. The last bytes go with the end, in one segment, and wake the peer once. */
void transport_announce_end(struct transport *transport);
/** Is a handshake in progress, or do bytes that transport_write() took (or close_notify) still wait for room? They are
 *  sent without further calls; TRANSPORT_WRITABLE follows when they are sent. Always false if plain. */
bool transport_is_pending(const struct transport *transport);
/** May bytes be written: it is connected, the handshake is over, and no TRANSPORT_WRITABLE is waited for. */
bool transport_is_ready(const struct transport *transport);
/** Does TRANSPORT_WRITABLE follow? */
bool transport_is_writing(const struct transport *transport);
/** Does TRANSPORT_READABLE follow (transport_set_reading())? */
bool transport_is_reading(const struct transport *transport);
/** Did it fail? Otherwise the peer has closed it, or it is open. transport_reason() has the text. */
bool transport_has_failed(const struct transport *transport);
/** Stops or resumes TRANSPORT_READABLE: back pressure on a client. */
void transport_set_reading(struct transport *transport, bool on);
/** Bytes that the kernel has accepted and not sent yet; a system call. */
size_t transport_unsent(const struct transport *transport);
/** How many bytes that it cannot send yet the kernel accepts from now on; what it has accepted stays.
 *  @param bytes  TRANSPORT_UNSENT or TRANSPORT_UNSENT_LAGGING */
void transport_limit_unsent(struct transport *transport, int bytes);
/** Waits for room: TRANSPORT_WRITABLE follows once. */
void transport_want_write(struct transport *transport);
/** Why it was closed: "end of stream", the system's text, or "TLS handshake failed: …".
 *  Lent until the thread's next call, also after transport_close(). */
const char *transport_reason(const struct transport *transport);

/** Was it closed because the TLS handshake failed? False if plain, and once the handshake was done. */
bool transport_handshake_failed(const struct transport *transport);
/** Is the handshake done, so that everything read and written is encrypted? */
bool transport_is_encrypted(const struct transport *transport);
/** "TLSv1.3"; NULL: plain, or still in the handshake. */
const char *transport_tls_version(const struct transport *transport);
/** Writes the local address, without the port: "127.0.0.1", "2001:db8::1"; "" for a unix socket. 46 bytes are enough.
 */
void transport_local_address(const struct transport *transport, char *text, size_t size);
/** Is the peer certainly on this machine: 127.0.0.0/8, ::1, or a unix socket? */
bool transport_is_loopback(const struct transport *transport);

#endif
