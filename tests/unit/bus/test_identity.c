// tests/unit/bus/test_identity.c: what is read at the start, and what is refused then.
#include "bus/identity.h"

#include "base/memory.h"
#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

static struct cluster_config config_with(char **urls)
{
    static char name[] = "c1", node[] = "n1"; // Global: texts that a configuration would own

    return (struct cluster_config){.name = name, .node = node, .bus = urls, .bus_count = 1, .tls.verify = true};
}

static void credentials_are_taken_apart(void **state)
{
    char url[] = "tls://n1:4222", *urls[] = {url};
    char text[] = "-----BEGIN NATS USER JWT-----\r\neyJ0.abc\r\n------END NATS USER JWT------\r\n\r\n***\r\n"
                  "-----BEGIN USER NKEY SEED-----\n  SUABC  \n------END USER NKEY SEED------";
    struct cluster_config config = config_with(urls);
    struct bus_identity identity;
    struct error err;

    (void)state;
    config.credentials = text;
    assert_true(bus_identity_init(&identity, &config, &err));
    assert_string_equal(identity.name, "astmanproxy c1.n1");
    assert_string_equal(identity.jwt, "eyJ0.abc");
    assert_string_equal(identity.seed, "SUABC");
    assert_true(identity.encrypted);
    assert_null(identity.user);
    bus_identity_fini(&identity);
    bus_identity_fini(&identity);
}

static void a_password_is_copied(void **state)
{
    char url[] = "nats://n1", *urls[] = {url}, user[] = "u", secret[] = "s";
    struct cluster_config config = config_with(urls);
    struct bus_identity identity;
    struct error err;

    (void)state;
    config.user = user;
    config.secret = secret;
    assert_true(bus_identity_init(&identity, &config, &err));
    assert_string_equal(identity.urls[0], "nats://n1");
    assert_string_equal(identity.secret, "s");
    assert_ptr_not_equal(identity.secret, secret);
    assert_false(identity.encrypted);
    bus_identity_fini(&identity);
}

static void what_cannot_be_used_is_told(void **state)
{
    static const char *const parts[] = {"-----BEGIN NATS USER JWT-----\n------END NATS USER JWT------\n", ""};
    char url[] = "tls://n1", *urls[] = {url}, nothing[] = "/nonexistent/x.pem", file[] = "/dev/null";
    struct bus_identity identity;
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct cluster_config config = config_with(urls);
        config.credentials = memory_text(parts[i]);
        assert_false(bus_identity_init(&identity, &config, &err));
        assert_non_null(strstr(err.text, "cluster.credentials_file: expected a JWT and a seed"));
        free(config.credentials);
    }
    struct cluster_config config = config_with(urls);
    config.tls.ca = nothing;
    assert_false(bus_identity_init(&identity, &config, &err));
    assert_non_null(strstr(err.text, "cluster.tls.ca: /nonexistent/x.pem: "));
    config.tls.ca = NULL;
    config.tls.certificate = config.tls.key = file;
    assert_false(bus_identity_init(&identity, &config, &err));
    assert_non_null(strstr(err.text, "cluster.tls.certificate: /dev/null: "));
    config.tls.certificate = config.tls.key = nothing;
    assert_false(bus_identity_init(&identity, &config, &err));
    assert_non_null(strstr(err.text, "cluster.tls.certificate: /nonexistent/x.pem: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credentials_are_taken_apart),
        cmocka_unit_test(a_password_is_copied),
        cmocka_unit_test(what_cannot_be_used_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
