// core/net/transport_tls.c: see transport_tls.h.
#include "net/transport_tls.h"

#include "base/memory.h"
#include "net/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

// --- events -----------------------------------------------------------------------------------------------------

// A timer is used because an event that activates itself from its own callback would starve the descriptors.
void transport_tls_call_again(struct transport *transport)
{
    static const struct timeval now = {0, 0};

    if (!evtimer_pending(&transport->tls->again, NULL))
        event_add(&transport->tls->again, &now);
}

void transport_tls_watch(struct transport *transport)
{
    const struct transport_tls *tls = transport->tls;
    bool read, write;

    if (!tls->open) {
        read = tls->begun && !tls->wants_write;
        write = !tls->begun || tls->wants_write;
        if (tls->reason != NULL)
            read = write = false;
    } else {
        read = transport->reading || tls->write_wants_read;
        write = ((transport->writing || tls->shutdown_wanted) && !tls->write_wants_read) || tls->read_wants_write;
        if (transport->reading && (tls->more || tls->ended))
            transport_tls_call_again(transport);
    }
    if (read)
        event_add(&transport->read_event, NULL);
    else
        event_del(&transport->read_event);
    transport_watch_write(transport, write);
}

// --- failures ---------------------------------------------------------------------------------------------------

/** Returns the name that the certificate should have had. */
static void name_wanted(SSL *ssl, char *text, size_t size)
{
    X509_VERIFY_PARAM *checks = SSL_get0_param(ssl);
    char *address = X509_VERIFY_PARAM_get1_ip_asc(checks);
    const char *host = X509_VERIFY_PARAM_get0_host(checks, 0);

    snprintf(text, size, " (wanted %.100s)", host != NULL ? host : address != NULL ? address : "?");
    OPENSSL_free(address);
}

/** Returns the text of OpenSSL's reason. @param failure  errno, for failures of the system */
static void write_reason(const struct transport_tls *tls, int kind, int failure, char *text, size_t size)
{
    const char *what = tls->open ? "TLS failed" : "TLS handshake failed";
    unsigned long code = ERR_peek_error();
    long verified = tls->ssl == NULL ? X509_V_OK : SSL_get_verify_result(tls->ssl);
    const char *reason = ERR_reason_error_string(code);
    char wanted[128] = "";

    if (!tls->open && code != 0 && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK) {
        if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH)
            name_wanted(tls->ssl, wanted, sizeof wanted);
        snprintf(text, size, "%s: certificate verify failed: %s%s", what, X509_verify_cert_error_string(verified),
                 wanted);
    } else if (kind == SSL_ERROR_ZERO_RETURN || (kind == SSL_ERROR_SYSCALL && failure == 0)) {
        snprintf(text, size, "%s: the peer closed the connection", what);
    } else if (kind == SSL_ERROR_SYSCALL) {
        snprintf(text, size, "%s: %s", what, strerror(failure));
    } else {
        snprintf(text, size, "%s: %s", what, reason != NULL ? reason : "OpenSSL does not say why");
    }
}

void transport_tls_fail(struct transport *transport, int kind, int failure)
{
    struct transport_tls *tls = transport->tls;
    char text[TRANSPORT_TLS_REASON_SIZE];

    write_reason(tls, kind, failure, text, sizeof text);
    ERR_clear_error();
    tls->reason = memory_text(text);
    tls->ended = true;
    tls->read_wants_write = tls->write_wants_read = tls->shutdown_wanted = false;
    transport->error = kind == SSL_ERROR_SYSCALL && failure != 0 ? failure : EPROTO;
}

// --- handshake --------------------------------------------------------------------------------------------------

static void on_again(evutil_socket_t fd, short what, void *argument)
{
    struct transport *transport = argument;
    (void)fd;
    (void)what;
    if (!transport->tls->open) { // it could not even begin
        transport->connecting = false;
        transport->callback(transport, TRANSPORT_CLOSED, transport->context);
    } else if (transport->reading) {
        transport->callback(transport, TRANSPORT_READABLE, transport->context);
    }
}

void transport_tls_enter(struct transport *transport)
{
    event_assign(&transport->tls->again, event_get_base(&transport->read_event), -1, 0, on_again, transport);
    transport_tls_watch(transport);
    if (transport->reading)
        transport_tls_call_again(transport); // OpenSSL may hold bytes
}

/** Makes one step of the handshake. The callback may have freed the transport when this returns. */
static void shake_hands(struct transport *transport)
{
    struct transport_tls *tls = transport->tls;
    int result, kind;

    if (tls->reason != NULL)
        return;
    ERR_clear_error();
    errno = 0;
    result = SSL_do_handshake(tls->ssl);
    if (result != 1) {
        int failure = errno;
        kind = SSL_get_error(tls->ssl, result);
        tls->wants_write = kind == SSL_ERROR_WANT_WRITE;
        if (kind != SSL_ERROR_WANT_WRITE && kind != SSL_ERROR_WANT_READ) {
            transport_tls_fail(transport, kind, failure);
            transport->connecting = false;
        }
        transport_tls_watch(transport);
        if (tls->reason != NULL)
            transport->callback(transport, TRANSPORT_CLOSED, transport->context);
        return;
    }
    tls->open = true;
    tls->more = SSL_has_pending(tls->ssl) == 1;
    transport->connecting = false;
    transport_tls_watch(transport);
    transport->callback(transport, TRANSPORT_OPEN, transport->context);
}

void transport_tls_begin(struct transport *transport)
{
    transport->tls->begun = true;
    if (transport->tls->reason == NULL)
        shake_hands(transport);
}

bool transport_tls_has_begun(const struct transport *transport)
{
    return transport->tls->begun;
}

/** The handshake of an open transport begins at the next event, so that no callback comes from inside the caller's
 * call. */
static void tls_attach(struct transport *transport, struct tls_context *context)
{
    struct transport_tls *tls = memory_zero(1, sizeof *tls);

    ERR_clear_error();
    tls->ssl = tls_context_new_connection(context);
    tls->begun = !transport->connecting;
    transport->tls = tls;
    transport->writing = transport->writing && tls->begun; // otherwise it waits for the system, not for the owner
    transport->connecting = true;
    event_assign(&tls->again, event_get_base(&transport->read_event), -1, 0, on_again, transport);
    if (tls->ssl != NULL && SSL_set_fd(tls->ssl, transport->fd) == 1) {
        transport_tls_limit_reads(tls);
        return;
    }
    transport_tls_fail(transport, SSL_ERROR_SSL, 0);
    transport_tls_call_again(transport);
}

void transport_accept_tls(struct transport *transport, struct tls_context *context)
{
    if (transport->fd == -1 || transport->tls != NULL)
        return;
    tls_attach(transport, context);
    if (transport->tls->reason == NULL)
        SSL_set_accept_state(transport->tls->ssl);
    transport_tls_watch(transport);
}

/** Sets the name that the certificate must have, and SNI. */
static bool expect_host(SSL *ssl, const char *host, bool verify)
{
    struct in6_addr address;
    bool literal = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;

    // The macro SSL_set_tlsext_host_name() does the same, but with a cast that drops const.
    if (!literal && SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, memory_writable(host)) != 1)
        return false;
    SSL_set_verify(ssl, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    if (!verify)
        return true;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return literal ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1 : SSL_set1_host(ssl, host) == 1;
}

void transport_start_tls(struct transport *transport, struct tls_context *context, const char *host, bool verify)
{
    if (transport->fd == -1 || transport->tls != NULL)
        return;
    tls_attach(transport, context);
    transport->tls->wants_write = true; // we speak first
    transport->reading = true;
    if (transport->tls->reason == NULL) {
        SSL_set_connect_state(transport->tls->ssl);
        if (!expect_host(transport->tls->ssl, host, verify)) {
            transport_tls_fail(transport, SSL_ERROR_SSL, 0);
            transport_tls_call_again(transport);
        }
    }
    transport_tls_watch(transport);
}

// --- what happens -----------------------------------------------------------------------------------------------

void transport_tls_event(struct transport *transport, short what)
{
    struct transport_tls *tls = transport->tls;
    bool readable = (what & EV_READ) != 0;
    bool writable = false;

    if (!tls->open) {
        shake_hands(transport);
        return;
    }
    if ((what & EV_WRITE) != 0 && tls->read_wants_write) {
        tls->read_wants_write = false;
        readable = true;
    }
    if (tls->write_wants_read ? readable : (what & EV_WRITE) != 0)
        writable = transport_tls_continue_writing(transport);
    // The callback may free the transport, so a second event waits for the loop's next turn.
    if (readable && transport->reading && writable)
        transport_tls_call_again(transport);
    tls->more = tls->more || (readable && !transport->reading);
    transport_tls_watch(transport);
    if (writable)
        transport->callback(transport, TRANSPORT_WRITABLE, transport->context);
    else if (readable && transport->reading)
        transport->callback(transport, TRANSPORT_READABLE, transport->context);
}

// --- what is asked ----------------------------------------------------------------------------------------------

const char *transport_tls_reason(const struct transport *transport)
{
    return transport->tls->reason;
}

bool transport_is_pending(const struct transport *transport)
{
    const struct transport_tls *tls = transport->tls;

    return tls != NULL && tls->reason == NULL && (!tls->open || tls->blocked != NULL || tls->shutdown_wanted);
}

bool transport_handshake_failed(const struct transport *transport)
{
    return transport->tls != NULL && !transport->tls->open && transport->tls->reason != NULL;
}

bool transport_is_encrypted(const struct transport *transport)
{
    return transport->tls != NULL && transport->tls->open;
}

const char *transport_tls_version(const struct transport *transport)
{
    return transport_is_encrypted(transport) ? SSL_get_version(transport->tls->ssl) : NULL;
}
