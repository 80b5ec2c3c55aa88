// core/net/transport_tls.h: the encrypted half of a transport, for transport*.c alone. Thread: the owner's loop.
#ifndef NET_TRANSPORT_TLS_H
#define NET_TRANSPORT_TLS_H

#include "net/transport.h"

/** Longest reason of transport_reason(), NUL included. */
#define TRANSPORT_TLS_REASON_SIZE 256

struct transport_tls {
    struct ssl_st *ssl; // NULL: OpenSSL has failed to make one
    struct event again; // READABLE though the descriptor is not: OpenSSL holds bytes, or the end was seen
    char *blocked;      // the record that SSL_write could not finish; it must be given again. NULL: none
    size_t blocked_length, blocked_sent;
    size_t reads_left;     // of the descriptor, before the present transport_read() gives way
    char *reason;          // why it failed, NULL: it has not
    bool begun;            // the system has connected
    bool open;             // the handshake is done
    bool more;             // the last read ended because the buffer was full
    bool ended;            // nothing more will be read
    bool wants_write;      // the handshake waits for room, otherwise for bytes
    bool read_wants_write; // SSL_read waits for room
    bool write_wants_read; // SSL_write waits for bytes
    bool shutdown_wanted;  // close_notify and FIN wait for room
};

/** transport.c: waits for room, or no more; transport_tls_event() or WRITABLE comes once. */
void transport_watch_write(struct transport *transport, bool on);

// --- transport_tls.c: handshake and events

/** The system has connected: the handshake that transport_start_tls() asked for begins. May call back, so that the
 *  transport may be gone afterwards. */
void transport_tls_begin(struct transport *transport);
/** Is the system done with connecting, so that events of the descriptor are TLS's? */
bool transport_tls_has_begun(const struct transport *transport);
/** The descriptor is ready. May call back, so that the transport may be gone afterwards.
 *  @param what  EV_READ, EV_WRITE */
void transport_tls_event(struct transport *transport, short what);
/** Listens to what the handshake, `reading`, `writing` and waiting bytes need. */
void transport_tls_watch(struct transport *transport);
/** The transport has come to another loop. */
void transport_tls_enter(struct transport *transport);
/** READABLE comes in the loop's next turn, whatever the descriptor says. */
void transport_tls_call_again(struct transport *transport);
/** Writes down why (OpenSSL's queue of errors, or errno) and that nothing can be read or written from here on.
 *  @param kind     of SSL_get_error()
 *  @param failure  errno, if `kind` is SSL_ERROR_SYSCALL; 0: the peer is gone */
void transport_tls_fail(struct transport *transport, int kind, int failure);
/** Why TLS has failed; NULL: it has not. Lent until transport_tls_close(). */
const char *transport_tls_reason(const struct transport *transport);

// --- transport_tls_bytes.c: reading, writing, the end

/** Bounds what one transport_read() takes from the descriptor. Call it when `ssl` has its descriptor. */
void transport_tls_limit_reads(struct transport_tls *tls);
/** As transport_read() and transport_write(). */
ssize_t transport_tls_read(struct transport *transport, void *bytes, size_t size);
ssize_t transport_tls_write(struct transport *transport, const struct iovec *pieces, int count);
/** There is room: writes what waits. @return is WRITABLE due? */
bool transport_tls_continue_writing(struct transport *transport);
/** close_notify and FIN, now or as soon as what waits is out. */
void transport_tls_shutdown(struct transport *transport);
/** Says goodbye if there is room, and forgets everything about TLS. The descriptor stays open. */
void transport_tls_close(struct transport *transport);

#endif
