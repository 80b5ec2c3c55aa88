// tests/unit/net/secured.h: the two ends of ends.h, encrypted, with the certificates of tests/data/tls.
#ifndef UNIT_NET_SECURED_H
#define UNIT_NET_SECURED_H

#include "net/tls.h"
#include "net/transport_tls.h"
#include "unit/net/ends.h"

#include <openssl/ssl.h>
#include <signal.h>

#define FILES AMP_SOURCE "/tests/data/tls/"

/** Two encrypted ends; the right one is the server. */
struct secured {
    struct ends ends;
    struct tls_context *server, *client;
};

static inline struct tls_context *server_context(const char *name, const char *client_ca, int min_version)
{
    char certificate[256], key[256];
    struct error err = {""};
    snprintf(certificate, sizeof certificate, FILES "%s.pem", name);
    snprintf(key, sizeof key, FILES "%s-key.pem", name);
    struct tls_context *context = tls_context_for_clients(certificate, key, client_ca, min_version, &err);
    assert_string_equal(err.text, "");
    return context;
}

static inline struct tls_context *client_context(bool verify)
{
    struct error err = {""};
    struct tls_context *context = tls_context_for_server(verify, verify ? FILES "ca.pem" : NULL, TLS1_2_VERSION, &err);
    assert_string_equal(err.text, "");
    return context;
}

static inline SSL *ssl_of(struct end *end)
{
    return end->transport.tls->ssl;
}

/** Begins both handshakes, but sends nothing yet. */
static inline void begin(struct secured *secured, int buffer, const char *certificate, const char *client_ca,
                         const char *host)
{
    ends_init(&secured->ends, buffer);
    secured->server = server_context(certificate, client_ca, TLS1_2_VERSION);
    secured->client = client_context(host != NULL);
    transport_accept_tls(&secured->ends.right.transport, secured->server);
    transport_start_tls(&secured->ends.left.transport, secured->client, host != NULL ? host : "localhost",
                        host != NULL);
}

static inline void end_all(struct secured *secured)
{
    tls_context_unref(secured->server);
    tls_context_unref(secured->client);
    ends_fini(&secured->ends);
}

static inline void open_both(struct secured *secured, int buffer)
{
    begin(secured, buffer, "server", NULL, "localhost");
    RUN_UNTIL(&secured->ends, secured->ends.left.opened == 1 && secured->ends.right.opened == 1);
}

static inline void give(struct end *end, const char *bytes, size_t length)
{
    end->to_send = bytes;
    end->to_send_length = length;
    end->sent = 0;
    end_send(end);
}

#endif
