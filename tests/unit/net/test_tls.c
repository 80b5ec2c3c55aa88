// tests/unit/net/test_tls.c: certificates, keys and authorities are read; errors name the file and the reason.
#include "net/tls.h"
#include "unit/test.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FILES AMP_SOURCE "/tests/data/tls/"

static void a_pair_is_loaded(void **state)
{
    (void)state;
    struct error err = {""};
    struct tls_context *context =
        tls_context_for_clients(FILES "server.pem", FILES "server-key.pem", FILES "ca.pem", TLS1_2_VERSION, &err);
    assert_non_null(context);
    assert_ptr_equal(tls_context_ref(context), context);
    tls_context_unref(context);
    tls_context_unref(context);
    context = tls_context_for_clients(FILES "server-and-key.pem", NULL, NULL, TLS1_3_VERSION, &err);
    assert_non_null(context);
    tls_context_unref(context);
    tls_context_unref(NULL);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *certificate, *key, *client_ca, *expected;
    } cases[] = {
        {"absent.pem", NULL, NULL, "tls certificate " FILES "absent.pem: No such file or directory"},
        {"server.pem", "absent.pem", NULL, "tls key " FILES "absent.pem: No such file or directory"},
        {"server.pem", "server-key.pem", "absent.pem", "tls client_ca " FILES "absent.pem: No such file or directory"},
        {"README.md", NULL, NULL, "tls certificate " FILES "README.md: nothing of that kind in PEM form in it"},
        {"server-key.pem", NULL, NULL,
         "tls certificate " FILES "server-key.pem: nothing of that kind in PEM form in it"},
        {"server.pem", NULL, NULL, "tls key " FILES "server.pem: nothing of that kind in PEM form in it"},
        {"server.pem", "README.md", NULL, "tls key " FILES "README.md: nothing of that kind in PEM form in it"},
        {"server.pem", "server-key.pem", "README.md",
         "tls client_ca " FILES "README.md: nothing of that kind in PEM form in it"},
        {"server.pem", "client-key.pem", NULL,
         "tls key " FILES "client-key.pem: it does not belong to the certificate " FILES "server.pem"},
        {"server.pem", "weak-key.pem", NULL,
         "tls key " FILES "weak-key.pem: it does not belong to the certificate " FILES "server.pem"},
        {"server.pem", "encrypted-key.pem", NULL,
         "tls key " FILES "encrypted-key.pem: it is encrypted, and nobody can be asked for the passphrase"},
        {"weak.pem", "weak-key.pem", NULL, "tls certificate " FILES "weak.pem: ee key too small"},
        {".", NULL, NULL, "tls certificate " FILES ".: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char certificate[256], key[256], client_ca[256];
        struct error err = {""};
        snprintf(certificate, sizeof certificate, FILES "%s", cases[i].certificate);
        snprintf(key, sizeof key, FILES "%s", cases[i].key != NULL ? cases[i].key : "");
        snprintf(client_ca, sizeof client_ca, FILES "%s", cases[i].client_ca != NULL ? cases[i].client_ca : "");
        assert_null(tls_context_for_clients(certificate, cases[i].key == NULL ? NULL : key,
                                            cases[i].client_ca == NULL ? NULL : client_ca, TLS1_2_VERSION, &err));
        if (strncmp(err.text, cases[i].expected, strlen(cases[i].expected)) != 0)
            fail_msg("expected \"%s\", found \"%s\"", cases[i].expected, err.text);
        assert_true(strlen(err.text) > strlen(FILES) + 20);
        assert_int_equal(ERR_peek_error(), 0);
    }
}

static void authorities_are_read_if_they_are_needed(void **state)
{
    (void)state;
    struct error err = {""};
    struct tls_context *context = tls_context_for_server(true, FILES "ca.pem", TLS1_2_VERSION, &err);
    assert_non_null(context);
    tls_context_unref(context);
    context = tls_context_for_server(true, NULL, TLS1_2_VERSION, &err);
    assert_non_null(context);
    tls_context_unref(context);
    context = tls_context_for_server(false, NULL, TLS1_3_VERSION, &err);
    assert_non_null(context);
    tls_context_unref(context);
    assert_null(tls_context_for_server(true, FILES "absent.pem", TLS1_2_VERSION, &err));
    assert_string_equal(err.text, "tls ca_file " FILES "absent.pem: No such file or directory");
    assert_null(tls_context_for_server(true, FILES "server-key.pem", TLS1_2_VERSION, &err));
    assert_true(strncmp(err.text, "tls ca_file " FILES "server-key.pem: ", 12) == 0);
}

static void connections_are_strict(void **state)
{
    (void)state;
    struct error err = {""};
    struct tls_context *context =
        tls_context_for_clients(FILES "server.pem", FILES "server-key.pem", NULL, TLS1_2_VERSION, &err);
    SSL *ssl = tls_context_new_connection(context);
    assert_non_null(ssl);
    assert_true((SSL_get_options(ssl) & SSL_OP_NO_RENEGOTIATION) != 0);
    assert_true((SSL_get_options(ssl) & SSL_OP_NO_COMPRESSION) != 0);
    assert_int_equal(SSL_get_security_level(ssl), 2);
    assert_int_equal(SSL_get_min_proto_version(ssl), TLS1_2_VERSION);
    tls_context_unref(context); // the connection keeps what it needs
    SSL_free(ssl);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_is_loaded),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(authorities_are_read_if_they_are_needed),
        cmocka_unit_test(connections_are_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
