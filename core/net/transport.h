// core/net/transport.h: a non-blocking byte stream on a descriptor. Everything that can happen to it comes through one
// callback. Bytes to send stay where they are (a feed, an answer) and are written from there: nothing is copied into a
// buffer of the transport, so a session's memory is its cursor. Encrypted (transport_accept_tls, transport_start_tls)
// it behaves alike; only bytes of a record that has been begun are kept, at most 16 KiB and only while the socket is
// full. OpenSSL writes with write(2): the program ignores SIGPIPE. Thread: the owner's loop.
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

enum transport_event {
    TRANSPORT_OPEN,     // connected (only after transport_connect), or the TLS handshake is done
    TRANSPORT_READABLE, // bytes wait: transport_read() until it says TRANSPORT_AGAIN or enough
    TRANSPORT_WRITABLE, // room again after transport_write() was short
    TRANSPORT_CLOSED    // the peer has closed or it failed; transport_reason() says which
};

struct sockaddr;
struct tls_context;
struct transport;
struct transport_tls;
typedef void transport_callback(struct transport *transport, enum transport_event event, void *context);

/** Lives inside its owner. Fields are private to transport.c. */
struct transport {
    struct event read_event, write_event;
    transport_callback *callback;
    void *context;
    struct transport_tls *tls; // NULL: plain
    int fd;                    // -1: closed
    int error;                 // errno of the failure (EPROTO: TLS has failed), 0: end of stream
    bool connecting;           // not open yet: the system connects, or the handshake goes on
    bool reading, writing;     // READABLE is wanted; WRITABLE is waited for
};

#define TRANSPORT_AGAIN (-1) // nothing now; the callback tells when
#define TRANSPORT_END (-2)   // closed or failed

/** The kernel takes about so many bytes that it cannot send yet, whatever room its buffers have: what a peer does not
 *  read waits here, where all have one copy of it. It is no bound of what is on its way: far peers keep their windows.
 */
#define TRANSPORT_UNSENT (192 * 1024)

/** Takes an open, connected descriptor (made non-blocking, TCP_NODELAY) and starts reading. */
void transport_init(struct transport *transport, struct event_base *base, int fd, transport_callback *callback,
                    void *context);
/** Starts to connect to an address; TRANSPORT_OPEN or TRANSPORT_CLOSED follows, or false at once with errno. */
bool transport_connect(struct transport *transport, struct event_base *base, const struct sockaddr *address,
                       unsigned address_length, transport_callback *callback, void *context);
/** Encrypts an open plain transport as the server's side of TLS. Nothing has been read yet (transport_peek() is fine).
 *  TRANSPORT_OPEN or TRANSPORT_CLOSED follows, never from inside this call. Time limits are the owner's.
 *  @param context  of tls_context_for_clients(); a reference of its own is kept as long as needed */
void transport_accept_tls(struct transport *transport, struct tls_context *context);
/** The client's side: right after transport_connect() (TRANSPORT_OPEN then comes after the handshake), or on an open
 *  plain transport. Never calls back from inside.
 *  @param host    name or address literal, sent as SNI unless a literal
 *  @param verify  the certificate must be one that `context` trusts, and made for `host` */
void transport_start_tls(struct transport *transport, struct tls_context *context, const char *host, bool verify);
/** Sends what the peer must hear at the end of our bytes: close_notify if encrypted, then FIN. Reading goes on. Bytes
 * of a record that still waits are sent first, by themselves. Nothing may be written afterwards. */
void transport_shutdown(struct transport *transport);
/** Closes the descriptor and forgets the events; close_notify goes out if there is room. Safe to call twice, and from
 *  inside the callback. Bytes that transport_is_pending() tells of are lost. */
void transport_close(struct transport *transport);
/** Reads up to `size` bytes. Fewer than that: nothing more now.
 *  @return bytes (> 0), TRANSPORT_AGAIN or TRANSPORT_END */
ssize_t transport_read(struct transport *transport, void *bytes, size_t size);
/** Looks at the first bytes and leaves them where they are. Only plain: TRANSPORT_AGAIN if encrypted.
 *  @return bytes (> 0), TRANSPORT_AGAIN or TRANSPORT_END */
ssize_t transport_peek(struct transport *transport, void *bytes, size_t size);
/** Writes from up to `count` (<= 64) pieces. @return bytes taken (may be fewer: TRANSPORT_WRITABLE follows),
 *  TRANSPORT_AGAIN or TRANSPORT_END. Encrypted, all may be taken and some still wait: see transport_is_pending(). */
ssize_t transport_write(struct transport *transport, const struct iovec *pieces, int count);
/** Does a handshake go on, or do bytes that transport_write() took (or close_notify) still wait for room? Such bytes
 *  leave by themselves; TRANSPORT_WRITABLE comes when they are out. Always false if plain. */
bool transport_is_pending(const struct transport *transport);
/** Did it fail? Else the peer has closed it, or it is open. transport_reason() has the words. */
bool transport_has_failed(const struct transport *transport);
/** Stops or resumes TRANSPORT_READABLE: back pressure on a client. */
void transport_set_reading(struct transport *transport, bool on);
/** Bytes that the kernel has taken and not sent yet. Asks the system. */
size_t transport_unsent(const struct transport *transport);
/** Waits for room: TRANSPORT_WRITABLE comes once. */
void transport_want_write(struct transport *transport);
/** Why it was closed: "end of stream", the system's text, or "TLS handshake failed: …".
 *  Lent until the thread's next call, also past transport_close(). */
const char *transport_reason(const struct transport *transport);

/** Was it closed because the TLS handshake failed? False if plain, and once the handshake was done. */
bool transport_handshake_failed(const struct transport *transport);
/** Is the handshake done, so that everything read and written is encrypted? */
bool transport_is_encrypted(const struct transport *transport);
/** "TLSv1.3"; NULL: plain, or still in the handshake. */
const char *transport_tls_version(const struct transport *transport);
/** Writes our end's address, without the port: "127.0.0.1", "2001:db8::1"; "" for a unix socket. 46 bytes are enough.
 */
void transport_local_address(const struct transport *transport, char *text, size_t size);
/** Can only this machine be at the other end: 127.0.0.0/8, ::1, or a unix socket? */
bool transport_is_loopback(const struct transport *transport);

#endif
