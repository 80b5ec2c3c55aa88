// tests/unit/net/test_transport_handshake.c: encrypted transports open to the right peers, and report why not to
// others.
#include "net/transport_tls.h"
#include "unit/net/secured.h"

#include <arpa/inet.h>
#include <netinet/in.h>

// --- handshakes that fail -----------------------------------------------------------------------------------------

static void a_server_with_a_wrong_certificate_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *certificate, *host, *expected;
    } cases[] = {
        {"wrong-name", "localhost", "hostname mismatch (wanted localhost)"},
        {"wrong-name", "127.0.0.1", "IP address mismatch (wanted 127.0.0.1)"},
        {"server", "127.0.0.2", "IP address mismatch (wanted 127.0.0.2)"},
        {"expired", "localhost", "certificate has expired"},
        {"self-signed", "localhost", "self-signed certificate"},
        {"other-server", "localhost", "unable to get local issuer certificate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct secured secured;
        char expected[256];
        begin(&secured, 0, cases[i].certificate, NULL, cases[i].host);
        RUN_UNTIL(&secured.ends,
                  secured.ends.left.closed == 1 && secured.ends.right.closed + secured.ends.right.ended > 0);
        snprintf(expected, sizeof expected, "TLS handshake failed: certificate verify failed: %s", cases[i].expected);
        assert_string_equal(secured.ends.left.reason, expected);
        assert_int_equal(secured.ends.left.opened, 0);
        assert_non_null(strstr(secured.ends.right.reason, "alert"));
        assert_false(transport_is_encrypted(&secured.ends.left.transport));
        end_all(&secured);
    }
}

static void a_right_name_or_address_is_accepted(void **state)
{
    (void)state;
    static const char *const hosts[] = {"localhost", "127.0.0.1", "::1", "LOCALHOST"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct secured secured;
        begin(&secured, 0, "server", NULL, hosts[i]);
        RUN_UNTIL(&secured.ends, secured.ends.left.opened == 1 && secured.ends.right.opened == 1);
        const char *sni = SSL_get_servername(ssl_of(&secured.ends.right), TLSEXT_NAMETYPE_host_name);
        if (i == 0)
            assert_string_equal(sni, "localhost");
        else if (i < 3) // no literals in SNI
            assert_null(sni);
        end_all(&secured);
    }
}

static void without_verify_any_certificate_will_do(void **state)
{
    (void)state;
    struct secured secured;
    begin(&secured, 0, "self-signed", NULL, NULL);
    RUN_UNTIL(&secured.ends, secured.ends.left.opened == 1 && secured.ends.right.opened == 1);
    end_all(&secured);
}

static void a_host_that_cannot_be_a_name_is_refused(void **state)
{
    (void)state;
    struct ends ends;
    char host[400];
    memset(host, 'a', sizeof host);
    host[sizeof host - 1] = '\0';
    struct tls_context *client = client_context(true);
    ends_init(&ends, 0);
    transport_start_tls(&ends.left.transport, client, host, true);
    assert_int_equal(ends.left.closed, 0); // never from inside the call
    RUN_UNTIL(&ends, ends.left.closed == 1);
    assert_true(strncmp(ends.left.reason, "TLS handshake failed: ", 22) == 0);
    tls_context_unref(client);
    ends_fini(&ends);
}

static void plain_bytes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *expected;
    } cases[] = {
        {"Action: Login\r\n\r\n", "TLS handshake failed: wrong version number"},
        {"GET / HTTP/1.1\r\n\r\n", "TLS handshake failed: http request"},
        {"", "TLS handshake failed: the peer closed the connection"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ends ends;
        struct tls_context *server = server_context("server", NULL, TLS1_2_VERSION);
        ends_init(&ends, 0);
        transport_accept_tls(&ends.right.transport, server);
        tls_context_unref(server); // the connection has a reference of its own
        assert_int_equal(write(ends.left.transport.fd, cases[i].bytes, strlen(cases[i].bytes)), strlen(cases[i].bytes));
        if (cases[i].bytes[0] == '\0')
            transport_close(&ends.left.transport);
        RUN_UNTIL(&ends, ends.right.closed == 1);
        assert_string_equal(ends.right.reason, cases[i].expected);
        assert_int_equal(ends.right.opened, 0);
        assert_false(transport_is_pending(&ends.right.transport));
        ends_settle(&ends);
        assert_int_equal(ends.right.closed, 1);
        ends_fini(&ends);
    }
}

/** Makes a ClientHello as OpenSSL writes it. @return its length */
static int make_hello(char *bytes, int size)
{
    struct tls_context *client = client_context(false);
    SSL *ssl = tls_context_new_connection(client);
    BIO *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    SSL_set_connect_state(ssl);
    SSL_do_handshake(ssl);
    int length = BIO_read(out, bytes, size);
    SSL_free(ssl);
    tls_context_unref(client);
    return length;
}

static void half_a_handshake_waits_and_may_be_closed(void **state)
{
    (void)state;
    char hello[2048];
    int length = make_hello(hello, sizeof hello);
    assert_true(length > 100);
    for (int given = 1; given <= length; given += given < 12 ? 1 : 37) {
        struct ends ends;
        struct tls_context *server = server_context("server", NULL, TLS1_2_VERSION);
        ends_init(&ends, 0);
        transport_accept_tls(&ends.right.transport, server);
        for (int i = 0; i < given; i++) { // a byte at a time
            assert_int_equal(write(ends.left.transport.fd, hello + i, 1), 1);
            event_base_loop(ends.base, EVLOOP_NONBLOCK);
        }
        assert_int_equal(ends.right.opened + ends.right.closed + ends.right.readable, 0);
        assert_true(transport_is_pending(&ends.right.transport));
        if (given % 2 == 0) {
            transport_close(&ends.left.transport);
            RUN_UNTIL(&ends, ends.right.closed == 1);
            assert_string_equal(ends.right.reason, "TLS handshake failed: the peer closed the connection");
        }
        tls_context_unref(server);
        ends_fini(&ends);
    }
}

static void a_minimum_of_1_3_refuses_1_2(void **state)
{
    (void)state;
    struct secured secured;
    ends_init(&secured.ends, 0);
    secured.server = server_context("server", NULL, TLS1_3_VERSION);
    secured.client = client_context(false);
    transport_accept_tls(&secured.ends.right.transport, secured.server);
    transport_start_tls(&secured.ends.left.transport, secured.client, "localhost", false);
    SSL_set_max_proto_version(ssl_of(&secured.ends.left), TLS1_2_VERSION);
    RUN_UNTIL(&secured.ends, secured.ends.right.closed == 1 && secured.ends.left.closed == 1);
    assert_string_equal(secured.ends.right.reason, "TLS handshake failed: unsupported protocol");
    assert_string_equal(secured.ends.left.reason, "TLS handshake failed: tlsv1 alert protocol version");
    end_all(&secured);
}

static void nobody_speaks_tls_1_1(void **state)
{
    (void)state;
    struct secured secured;
    begin(&secured, 0, "server", NULL, NULL);
    SSL_set_security_level(ssl_of(&secured.ends.left), 0); // a client that would accept it
    SSL_set_min_proto_version(ssl_of(&secured.ends.left), TLS1_1_VERSION);
    SSL_set_max_proto_version(ssl_of(&secured.ends.left), TLS1_1_VERSION);
    RUN_UNTIL(&secured.ends, secured.ends.right.closed == 1);
    assert_string_equal(secured.ends.right.reason, "TLS handshake failed: unsupported protocol");
    end_all(&secured);
}

static void renegotiation_is_refused(void **state)
{
    (void)state;
    struct secured secured;
    begin(&secured, 0, "server", NULL, "localhost");
    SSL *ssl = ssl_of(&secured.ends.left);
    SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
    SSL_clear_options(ssl, SSL_OP_NO_RENEGOTIATION);
    RUN_UNTIL(&secured.ends, secured.ends.left.opened == 1 && secured.ends.right.opened == 1);
    assert_int_equal(SSL_renegotiate(ssl), 1);
    SSL_do_handshake(ssl); // sends a ClientHello; the answer is an alert
    ends_settle(&secured.ends);
    assert_int_equal(SSL_get_state(ssl_of(&secured.ends.right)), TLS_ST_OK);
    assert_int_equal(SSL_num_renegotiations(ssl_of(&secured.ends.right)), 0);
    end_all(&secured);
}

// --- certificates of clients --------------------------------------------------------------------------------------

static void try_client(const char *name, int version, const char *expected)
{
    struct secured secured;
    char path[256];
    begin(&secured, 0, "server", FILES "ca.pem", "localhost");
    struct end *left = &secured.ends.left, *right = &secured.ends.right;
    SSL_set_max_proto_version(ssl_of(left), version);
    if (name != NULL) {
        snprintf(path, sizeof path, FILES "%s.pem", name);
        assert_int_equal(SSL_use_certificate_file(ssl_of(left), path, SSL_FILETYPE_PEM), 1);
        snprintf(path, sizeof path, FILES "%s-key.pem", name);
        assert_int_equal(SSL_use_PrivateKey_file(ssl_of(left), path, SSL_FILETYPE_PEM), 1);
    }
    if (expected == NULL) {
        RUN_UNTIL(&secured.ends, left->opened == 1 && right->opened == 1);
    } else {
        RUN_UNTIL(&secured.ends, right->closed == 1 && left->closed + left->ended == 1);
        assert_string_equal(right->reason, expected);
        assert_int_equal(right->opened, 0);
        assert_non_null(strstr(left->reason, "alert")); // with TLS 1.3 after its side of the handshake
    }
    end_all(&secured);
}

static void clients_must_show_a_certificate_of_the_authority(void **state)
{
    (void)state;
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        try_client("client", version, NULL);
        try_client(NULL, version, "TLS handshake failed: peer did not return a certificate");
        try_client("other-client", version,
                   "TLS handshake failed: certificate verify failed: unable to get local issuer certificate");
        try_client("self-signed", version, "TLS handshake failed: certificate verify failed: self-signed certificate");
    }
}

// --- handshakes that succeed ---------------------------------------------------------------------------------------

static void http_is_agreed_to(void **state)
{
    (void)state;
    static const unsigned char both[] = "\x02h2\x08http/1.1", other[] = "\x02h2";
    for (int i = 0; i < 2; i++) {
        struct secured secured;
        const unsigned char *chosen;
        unsigned length;
        begin(&secured, 0, "server", NULL, "localhost");
        if (i == 0)
            SSL_set_alpn_protos(ssl_of(&secured.ends.left), both, sizeof both - 1);
        else
            SSL_set_alpn_protos(ssl_of(&secured.ends.left), other, sizeof other - 1);
        RUN_UNTIL(&secured.ends, secured.ends.left.opened == 1 && secured.ends.right.opened == 1);
        SSL_get0_alpn_selected(ssl_of(&secured.ends.left), &chosen, &length);
        assert_int_equal(length, i == 0 ? 8 : 0);
        end_all(&secured);
    }
}

static void on_accept(evutil_socket_t fd, short what, void *argument)
{
    struct secured *secured = argument;
    (void)what;
    transport_init(&secured->ends.right.transport, secured->ends.base, accept4(fd, NULL, NULL, SOCK_NONBLOCK),
                   end_on_event, &secured->ends.right);
    transport_accept_tls(&secured->ends.right.transport, secured->server);
}

static void a_connection_opens_after_its_handshake(void **state)
{
    (void)state;
    struct secured secured = {.ends.left.seed = 1, .ends.right.seed = 2};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    struct end *left = &secured.ends.left, *right = &secured.ends.right;
    secured.ends.base = event_base_new();
    secured.server = server_context("server", NULL, TLS1_2_VERSION);
    secured.client = client_context(true);
    right->transport.fd = -1;
    struct event *accepting = event_new(secured.ends.base, fd, EV_READ, on_accept, &secured);
    event_add(accepting, NULL);
    assert_true(
        transport_connect(&left->transport, secured.ends.base, (struct sockaddr *)&address, size, end_on_event, left));
    transport_start_tls(&left->transport, secured.client, "localhost", true);
    assert_true(left->transport.connecting);
    assert_false(left->transport.writing);
    RUN_UNTIL(&secured.ends, left->opened == 1 && right->opened == 1);
    assert_false(left->transport.connecting);
    give(right, "Asterisk Call Manager/13.0.0\r\n", 30);
    RUN_UNTIL(&secured.ends, left->received_length == 30);
    assert_int_equal(left->opened, 1);
    event_free(accepting);
    close(fd);
    transport_close(&left->transport);
    RUN_UNTIL(&secured.ends, right->ended == 1);
    // Nobody listens any more: the reason is the system's, as without encryption.
    if (transport_connect(&left->transport, secured.ends.base, (struct sockaddr *)&address, size, end_on_event, left)) {
        transport_start_tls(&left->transport, secured.client, "localhost", true);
        RUN_UNTIL(&secured.ends, left->closed == 1);
        assert_string_equal(left->reason, "Connection refused");
    }
    end_all(&secured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_with_a_wrong_certificate_is_refused),
        cmocka_unit_test(a_right_name_or_address_is_accepted),
        cmocka_unit_test(without_verify_any_certificate_will_do),
        cmocka_unit_test(a_host_that_cannot_be_a_name_is_refused),
        cmocka_unit_test(plain_bytes_are_refused),
        cmocka_unit_test(half_a_handshake_waits_and_may_be_closed),
        cmocka_unit_test(a_minimum_of_1_3_refuses_1_2),
        cmocka_unit_test(nobody_speaks_tls_1_1),
        cmocka_unit_test(renegotiation_is_refused),
        cmocka_unit_test(clients_must_show_a_certificate_of_the_authority),
        cmocka_unit_test(http_is_agreed_to),
        cmocka_unit_test(a_connection_opens_after_its_handshake),
    };
    signal(SIGPIPE, SIG_IGN); // as main.c does
    return cmocka_run_group_tests(tests, NULL, NULL);
}
