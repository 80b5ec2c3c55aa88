// core/net/transport_tls_bytes.c: what goes through an encrypted transport once it is open: reading, writing, the end.
#include "net/transport_tls.h"

#include "base/memory.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RECORD_BYTES 16384 // RFC 8446 5.1: the most that one record holds

// --- reading ----------------------------------------------------------------------------------------------------

/** Called by OpenSSL before and after it uses the descriptor. SSL_read would go on for as long as a peer sends messages
 *  without bytes for us (TLS 1.3: new keys), and the loop would stand still.
 *  @return -1: not now, the descriptor stays readable */
static long on_bio(BIO *bio, int operation, const char *bytes, size_t length, int number, long other, int result,
                   size_t *processed)
{
    struct transport_tls *tls = (struct transport_tls *)(void *)BIO_get_callback_arg(bio);
    (void)bytes;
    (void)length;
    (void)number;
    (void)other;
    (void)processed;

    if (operation != BIO_CB_READ || !tls->open)
        return result;
    if (tls->reads_left > 0) {
        tls->reads_left--;
        return result;
    }
    BIO_clear_retry_flags(bio);
    BIO_set_retry_read(bio);
    return -1;
}

void transport_tls_limit_reads(struct transport_tls *tls)
{
    BIO *bio = SSL_get_rbio(tls->ssl);

    BIO_set_callback_arg(bio, (char *)tls);
    BIO_set_callback_ex(bio, on_bio);
}

/** @return false: nothing more can be read now, or ever */
static bool read_part(struct transport *transport, char *bytes, size_t size, size_t *part)
{
    struct transport_tls *tls = transport->tls;
    int result, failure, kind;

    ERR_clear_error();
    errno = 0;
    result = SSL_read_ex(tls->ssl, bytes, size, part);
    failure = errno;
    if (result == 1)
        return true;
    kind = SSL_get_error(tls->ssl, result);
    if (kind == SSL_ERROR_ZERO_RETURN) {
        tls->ended = true;
    } else if (kind == SSL_ERROR_WANT_WRITE) {
        tls->read_wants_write = true;
        transport_tls_watch(transport);
    } else if (kind != SSL_ERROR_WANT_READ) {
        transport_tls_fail(transport, kind, failure);
    }
    return false;
}

ssize_t transport_tls_read(struct transport *transport, void *bytes, size_t size)
{
    struct transport_tls *tls = transport->tls;
    size_t got = 0, part;

    if (!tls->open)
        return tls->ended ? TRANSPORT_END : TRANSPORT_AGAIN;
    tls->reads_left = 1 + size / RECORD_BYTES;
    while (got < size && !tls->ended && read_part(transport, (char *)bytes + got, size - got, &part))
        got += part;
    // Bytes that OpenSSL has buffered do not make the descriptor readable.
    tls->more = got == size && !tls->ended && SSL_has_pending(tls->ssl) == 1;
    if (transport->reading && (tls->more || (tls->ended && got > 0)))
        transport_tls_call_again(transport);
    else
        event_del(&tls->again);
    if (got > 0)
        return (ssize_t)got;
    if (tls->ended && tls->reason == NULL)
        transport->error = 0;
    return tls->ended ? TRANSPORT_END : TRANSPORT_AGAIN;
}

// --- writing ----------------------------------------------------------------------------------------------------

enum written { WRITTEN, WRITE_BLOCKED, WRITE_FAILED };

/** Writes at most one record. After WRITE_BLOCKED the caller must repeat the same bytes, at the same or another
 * address. */
static enum written write_part(struct transport *transport, const char *bytes, size_t length, size_t *part)
{
    struct transport_tls *tls = transport->tls;
    int result, failure, kind;

    tls->write_wants_read = false;
    tls->reads_left = 1; // it reads if a change of keys is not complete
    if (tls->reason != NULL)
        return WRITE_FAILED;
    ERR_clear_error();
    errno = 0;
    result = SSL_write_ex(tls->ssl, bytes, length, part);
    failure = errno;
    if (result == 1)
        return WRITTEN;
    kind = SSL_get_error(tls->ssl, result);
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
        tls->write_wants_read = kind == SSL_ERROR_WANT_READ;
        return WRITE_BLOCKED;
    }
    transport_tls_fail(transport, kind, failure);
    if (transport->reading)
        transport_tls_call_again(transport); // a failure shows in reading, too
    return WRITE_FAILED;
}

/** Writes the pending bytes. @return WRITTEN: none are left */
static enum written flush_blocked(struct transport *transport)
{
    struct transport_tls *tls = transport->tls;
    enum written result = tls->reason == NULL ? WRITTEN : WRITE_FAILED;
    size_t part;

    while (result == WRITTEN && tls->blocked_sent < tls->blocked_length) {
        result =
            write_part(transport, tls->blocked + tls->blocked_sent, tls->blocked_length - tls->blocked_sent, &part);
        if (result == WRITTEN)
            tls->blocked_sent += part;
    }
    if (result != WRITE_BLOCKED) {
        free(tls->blocked);
        tls->blocked = NULL;
        tls->blocked_length = tls->blocked_sent = 0;
    }
    return result;
}

/** A position in the pieces that are written. */
struct place {
    const struct iovec *piece, *end;
    size_t offset;
};

static void place_advance(struct place *place, size_t length)
{
    place->offset += length;
    while (place->piece < place->end && place->offset >= place->piece->iov_len) {
        place->offset -= place->piece->iov_len;
        place->piece++;
    }
}

/** Returns the bytes of the next record: small pieces are joined, a large piece is not copied.
 *  @return lent until the next call; `*length` 0: there are none */
static const char *tls_gather(struct place from, size_t *length)
{
    // Global: too large for the stack, and used within one call.
    static _Thread_local char record[RECORD_BYTES];

    *length = 0;
    while (from.piece < from.end && *length < sizeof record) {
        const char *bytes = (const char *)from.piece->iov_base + from.offset;
        size_t part = from.piece->iov_len - from.offset;
        if (part > sizeof record - *length)
            part = sizeof record - *length;
        if (*length == 0 && (part == sizeof record || from.piece + 1 == from.end)) {
            *length = part;
            return bytes;
        }
        memcpy(record + *length, bytes, part);
        *length += part;
        place_advance(&from, part);
    }
    return record;
}

ssize_t transport_tls_write(struct transport *transport, const struct iovec *pieces, int count)
{
    struct transport_tls *tls = transport->tls;
    struct place place = {pieces, pieces + count, 0};
    enum written result = WRITE_BLOCKED;
    size_t taken = 0, length, part;
    const char *record;

    if (tls->open)
        result = flush_blocked(transport);
    else if (tls->reason != NULL)
        result = WRITE_FAILED;
    if (result == WRITE_BLOCKED) {
        transport_want_write(transport);
        transport_tls_watch(transport);
        return TRANSPORT_AGAIN;
    }
    place_advance(&place, 0); // over empty pieces
    while (result == WRITTEN && (record = tls_gather(place, &length), length > 0)) {
        part = 0;
        result = write_part(transport, record, length, &part);
        if (result == WRITE_BLOCKED) {
            tls->blocked = memory_new(length);
            memcpy(tls->blocked, record, length);
            tls->blocked_length = part = length;
            transport->writing = true;
            transport_tls_watch(transport);
        }
        taken += part;
        place_advance(&place, part);
    }
    return result == WRITE_FAILED ? TRANSPORT_END : (ssize_t)taken;
}

// --- the end ----------------------------------------------------------------------------------------------------

/** Sends close_notify. @return false: it waits for room */
static bool send_close_notify(struct transport *transport)
{
    struct transport_tls *tls = transport->tls;
    int result, kind;

    if (tls->reason != NULL)
        return true;
    ERR_clear_error();
    result = SSL_shutdown(tls->ssl);
    kind = result < 0 ? SSL_get_error(tls->ssl, result) : SSL_ERROR_NONE;
    ERR_clear_error();
    return kind != SSL_ERROR_WANT_WRITE;
}

/** Called when all bytes before the end of the stream are sent. */
static void finish_shutdown(struct transport *transport)
{
    transport->tls->shutdown_wanted = !send_close_notify(transport);
    if (!transport->tls->shutdown_wanted)
        shutdown(transport->fd, SHUT_WR);
}

bool transport_tls_continue_writing(struct transport *transport)
{
    enum written result = flush_blocked(transport);
    bool writing = transport->writing;

    if (result == WRITE_BLOCKED)
        return false;
    if (transport->tls->shutdown_wanted)
        finish_shutdown(transport);
    transport->writing = false;
    return writing;
}

void transport_tls_shutdown(struct transport *transport)
{
    struct transport_tls *tls = transport->tls;

    if (!tls->open || tls->reason != NULL) {
        shutdown(transport->fd, SHUT_WR);
        return;
    }
    if ((SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN) != 0)
        return;
    tls->shutdown_wanted = true;
    if (tls->blocked == NULL)
        finish_shutdown(transport);
    transport_tls_watch(transport);
}

void transport_tls_close(struct transport *transport)
{
    struct transport_tls *tls = transport->tls;

    if (tls->open && flush_blocked(transport) == WRITTEN && (SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN) == 0)
        send_close_notify(transport);
    ERR_clear_error();
    if (!transport->away)
        event_del(&tls->again);
    SSL_free(tls->ssl);
    free(tls->blocked);
    free(tls->reason);
    free(tls);
    transport->tls = NULL;
}
