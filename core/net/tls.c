// core/net/tls.c: see tls.h.
#include "net/tls.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECURITY_LEVEL 2 // at least 112 bits: RSA 2048, no SHA-1 signatures

struct tls_context {
    atomic_uint references;
    SSL_CTX *settings;
};

static const unsigned char alpn_http[] = "\x08http/1.1";

/** Returns OpenSSL's text for the last failure. */
static const char *reason_of(unsigned long code)
{
    const char *reason = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);

    return reason != NULL ? reason : "OpenSSL does not say why";
}

/** Uses the system's text for a file that cannot be opened, as OpenSSL's is only "system lib". */
static bool can_open(const char *kind, const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd == -1)
        return error_set(err, "tls %s %s: %s", kind, path, strerror(errno));
    close(fd);
    return true;
}

static bool fail_with_file(const char *kind, const char *path, struct error *err)
{
    unsigned long code = ERR_peek_error();
    bool empty = ERR_GET_LIB(code) == ERR_LIB_OSSL_DECODER || // says "unsupported" where it finds no key
                 (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE);

    error_set(err, "tls %s %s: %s", kind, path, empty ? "nothing of that kind in PEM form in it" : reason_of(code));
    ERR_clear_error();
    return false;
}

/** Refuses keys with a passphrase: the program has no terminal to ask for it. */
static int on_passphrase(char *text, int size, int writing, void *context)
{
    bool *asked = context;
    (void)text;
    (void)size;
    (void)writing;
    *asked = true;
    return -1;
}

/** @param text  of a protocol name list: a length byte, then that many bytes, and again */
static int on_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_length, const unsigned char *offered,
                   unsigned offered_length, void *context)
{
    unsigned char *found = NULL;
    (void)ssl;
    (void)context;

    if (SSL_select_next_proto(&found, chosen_length, alpn_http, sizeof alpn_http - 1, offered, offered_length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

/** Makes the settings that contexts for clients and for servers share. */
static struct tls_context *tls_context_create(const SSL_METHOD *method, int min_version, struct error *err)
{
    struct tls_context *context;
    SSL_CTX *settings;

    ERR_clear_error();
    settings = SSL_CTX_new(method);
    if (settings == NULL || SSL_CTX_set_min_proto_version(settings, min_version) != 1) {
        error_set(err, "tls: %s", reason_of(ERR_peek_last_error()));
        ERR_clear_error();
        SSL_CTX_free(settings);
        return NULL;
    }
    SSL_CTX_set_security_level(settings, SECURITY_LEVEL);
    // Many peers close without a close_notify. The protocols above notice messages that were cut off.
    SSL_CTX_set_options(settings, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                      SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(settings,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(settings, 1);                          // one system call for many small records
    SSL_CTX_set_session_cache_mode(settings, SSL_SESS_CACHE_OFF); // tickets are enough, and cost no memory here
    context = memory_zero(1, sizeof *context);
    atomic_init(&context->references, 1);
    context->settings = settings;
    return context;
}

static bool load_key(SSL_CTX *settings, const char *path, const char *certificate, struct error *err)
{
    bool asked = false;
    bool loaded;

    if (!can_open("key", path, err))
        return false;
    SSL_CTX_set_default_passwd_cb(settings, on_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(settings, &asked);
    loaded = SSL_CTX_use_PrivateKey_file(settings, path, SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(settings, NULL);
    SSL_CTX_set_default_passwd_cb(settings, NULL);
    if (asked && !loaded) {
        ERR_clear_error();
        return error_set(err, "tls key %s: it is encrypted, and nobody can be asked for the passphrase", path);
    }
    if (!loaded && ERR_GET_LIB(ERR_peek_error()) != ERR_LIB_X509) // there: key and certificate do not match
        return fail_with_file("key", path, err);
    if (!loaded || SSL_CTX_check_private_key(settings) != 1) {
        ERR_clear_error();
        return error_set(err, "tls key %s: it does not belong to the certificate %s", path, certificate);
    }
    return true;
}

static bool load_certificate(SSL_CTX *settings, const char *path, struct error *err)
{
    if (!can_open("certificate", path, err))
        return false;
    if (SSL_CTX_use_certificate_chain_file(settings, path) != 1)
        return fail_with_file("certificate", path, err);
    return true;
}

/** Requires a certificate of these authorities from every client. */
static bool load_client_ca(SSL_CTX *settings, const char *path, struct error *err)
{
    STACK_OF(X509_NAME) * names;

    if (!can_open("client_ca", path, err))
        return false;
    names = SSL_load_client_CA_file(path);
    if (names == NULL || SSL_CTX_load_verify_file(settings, path) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return fail_with_file("client_ca", path, err);
    }
    SSL_CTX_set_client_CA_list(settings, names); // it has them now
    SSL_CTX_set_verify(settings, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return true;
}

struct tls_context *tls_context_for_clients(const char *certificate, const char *key, const char *client_ca,
                                            int min_version, struct error *err)
{
    static const unsigned char tickets_are_of[] = "astmanproxy";
    struct tls_context *context = tls_context_create(TLS_server_method(), min_version, err);

    if (context == NULL)
        return NULL;
    if (!load_certificate(context->settings, certificate, err) ||
        !load_key(context->settings, key != NULL ? key : certificate, certificate, err) ||
        (client_ca != NULL && !load_client_ca(context->settings, client_ca, err))) {
        tls_context_unref(context);
        return NULL;
    }
    // Without it a client with a certificate cannot resume its session.
    SSL_CTX_set_session_id_context(context->settings, tickets_are_of, sizeof tickets_are_of - 1);
    SSL_CTX_set_alpn_select_cb(context->settings, on_alpn, NULL);
    return context;
}

struct tls_context *tls_context_for_server(bool verify, const char *ca_file, int min_version, struct error *err)
{
    struct tls_context *context = tls_context_create(TLS_client_method(), min_version, err);
    bool loaded = true;

    if (context == NULL || !verify)
        return context;
    if (ca_file == NULL) {
        loaded = SSL_CTX_set_default_verify_paths(context->settings) == 1 ||
                 fail_with_file("authorities", "of the system", err);
    } else {
        loaded = can_open("ca_file", ca_file, err) &&
                 (SSL_CTX_load_verify_file(context->settings, ca_file) == 1 || fail_with_file("ca_file", ca_file, err));
    }
    if (!loaded) {
        tls_context_unref(context);
        return NULL;
    }
    SSL_CTX_set_verify(context->settings, SSL_VERIFY_PEER, NULL);
    return context;
}

bool tls_context_identify(struct tls_context *context, const char *certificate, const char *key, struct error *err)
{
    return load_certificate(context->settings, certificate, err) &&
           load_key(context->settings, key != NULL ? key : certificate, certificate, err);
}

struct tls_context *tls_context_ref(struct tls_context *context)
{
    atomic_fetch_add_explicit(&context->references, 1, memory_order_relaxed);
    return context;
}

void tls_context_unref(struct tls_context *context)
{
    if (context == NULL || atomic_fetch_sub_explicit(&context->references, 1, memory_order_acq_rel) != 1)
        return;
    SSL_CTX_free(context->settings);
    free(context);
}

struct ssl_st *tls_context_new_connection(const struct tls_context *context)
{
    return SSL_new(context->settings);
}
