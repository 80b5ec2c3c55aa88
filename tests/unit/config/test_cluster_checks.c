// tests/unit/config/test_cluster_checks.c: the section `cluster`: defaults, names, URLs, credentials.
#include "unit/config/config_test.h"

#include <sys/stat.h>
#include <unistd.h>

#define NODE "cluster: {name: c1, node: n1, bus: ['nats://127.0.0.1:4222']"
#define KEY "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
#define SEED "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"

static void without_the_section_there_is_no_cluster(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "cluster:\n"};
    for (size_t i = 0; i < 2; i++) {
        struct config *config = expect_good(texts[i]);
        assert_false(config_has_cluster(config));
        assert_null(config->cluster.name);
        assert_null(config->cluster.node);
        config_unref(config);
    }
}

static void defaults_of_the_section(void **state)
{
    (void)state;
    struct config *config = expect_good("cluster: {name: c1, bus: [nats://a, 'nats://[::1]:4333']}\n");
    char host[65] = "";
    assert_true(config_has_cluster(config));
    assert_string_equal(config->cluster.name, "c1");
    gethostname(host, sizeof host - 1);
    assert_string_equal(config->cluster.node, host);
    assert_int_equal(config->cluster.bus_count, 2);
    assert_string_equal(config->cluster.bus[1], "nats://[::1]:4333");
    assert_int_equal(config->cluster.dead_after_ms, 2500);
    assert_int_equal(config->cluster.balance_after_ms, 0); // never
    assert_int_equal(config->cluster.standby, 0);
    assert_int_equal(config->cluster.alone, CLUSTER_ALONE_CONNECT);
    assert_int_equal(config->cluster.ring, 8 << 20);
    assert_int_equal(config->cluster.bus_memory, 16 << 20);
    assert_true(config->cluster.tls.verify);
    assert_null(config->cluster.credentials);
    config_unref(config);
}

static void all_keys_are_read(void **state)
{
    (void)state;
    struct config *config = expect_good(
        "cluster:\n  name: a_B-1\n  node: n-1.example_x\n  bus: ['tls://n1.example:4222']\n"
        "  dead_after: 5s\n  balance_after: 5s\n  standby: 1\n  alone: keep\n  ring: 1MiB\n  bus_memory: 2MiB\n"
        "  tls: {ca: /ca.pem, certificate: /c.pem, verify: false}\n  user: u\n  secret: s\n");
    assert_string_equal(config->cluster.node, "n-1.example_x");
    assert_int_equal(config->cluster.alone, CLUSTER_ALONE_KEEP);
    assert_int_equal(config->cluster.balance_after_ms, 5000); // as long as dead_after is long enough
    assert_int_equal(config->cluster.standby, 1);
    assert_string_equal(config->cluster.tls.ca, "/ca.pem");
    assert_string_equal(config->cluster.tls.key, "/c.pem"); // the certificate's file
    assert_false(config->cluster.tls.verify);
    assert_string_equal(config->cluster.user, "u");
    assert_string_equal(config->cluster.secret, "s");
    config_unref(config);
    config = expect_good(NODE ", nkey: " KEY ", nkey_seed: " SEED "}\n");
    assert_string_equal(config->cluster.nkey, KEY);
    assert_string_equal(config->cluster.nkey_seed, SEED);
    config_unref(config);
}

static void mistakes_name_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *expected;
    } cases[] = {
        {"cluster: {}\n", "t.yaml:1:10: cluster.name: expected a text"},
        {"cluster: {name: c}\n", "t.yaml:1:10: cluster.bus: expected a list of URLs"},
        {"cluster:\n  name: a.b\n  bus: [nats://a]\n", "t.yaml:2:9: cluster.name: expected at most 32 letters"},
        {"cluster:\n  name: a123456789012345678901234567890123\n  bus: [nats://a]\n", "cluster.name: expected at most"},
        {"cluster:\n  name: a\n  node: a b\n  bus: [nats://a]\n", "t.yaml:3:9: cluster.node: expected at most 64"},
        {"cluster:\n  name: a\n  node: '*'\n  bus: [nats://a]\n", "cluster.node: expected at most 64"},
        {"cluster:\n  name: a\n  bus: nats://a\n", "t.yaml:3:8: cluster.bus: expected a list of URLs"},
        {"cluster:\n  name: a\n  bus: []\n", "t.yaml:3:8: cluster.bus: expected at least one URL"},
        {"cluster:\n  name: a\n  bus: [nats://a, http://b]\n",
         "t.yaml:3:19: cluster.bus[1]: expected nats://HOST:PORT or tls://HOST:PORT; found \"http://b\""},
        {"cluster:\n  name: a\n  bus: ['nats://a:0']\n", "cluster.bus[0]: expected nats://HOST:PORT"},
        {"cluster:\n  name: a\n  bus: ['nats://a:65536']\n", "cluster.bus[0]: expected nats://HOST:PORT"},
        {"cluster:\n  name: a\n  bus: ['nats://']\n", "cluster.bus[0]: expected nats://HOST:PORT"},
        {"cluster:\n  name: a\n  bus: ['nats://[::1']\n", "cluster.bus[0]: expected nats://HOST:PORT"},
        {"cluster:\n  name: a\n  bus: ['nats://[1:2]']\n", "cluster.bus[0]: expected nats://HOST:PORT"},
        {"cluster:\n  name: a\n  bus: ['nats://a/b']\n", "cluster.bus[0]: expected nats://HOST:PORT"},
        {"cluster:\n  name: a\n  bus: [{a: b}]\n", "cluster.bus[0]: expected nats://HOST:PORT"},
        {"cluster:\n  name: a\n  bus: ['nats://u:geheim@a']\n", "cluster.bus[0]: expected a URL without a user"},
        {"cluster:\n  name: a\n  bus: [tls://a, nats://b]\n", "t.yaml:3:18: cluster.bus[1]: expected tls:// as in bus"},
        {"cluster:\n  name: a\n  bus: [nats://b]\n  tls: {ca: /x}\n",
         "t.yaml:4:8: cluster.tls: expected URLs with tls:// beside it"},
        {"cluster:\n  name: a\n  bus: [tls://b]\n  tls: {key: /x}\n",
         "t.yaml:4:14: cluster.tls.key: expected cluster.tls.certificate"},
        {NODE ", user: a}\n", "cluster.user: expected secret or secret_file to be set"},
        {NODE ", secret: a}\n", "cluster.secret: expected cluster.user to be set"},
        {NODE ", nkey: " KEY "}\n", "cluster.nkey: expected nkey_seed or nkey_seed_file to be set"},
        {NODE ", nkey: X, nkey_seed: " SEED "}\n", "cluster.nkey: expected the public key of a user"},
        {NODE ", nkey: " KEY ", nkey_seed: SUA}\n", "cluster.nkey_seed: expected the seed of a user"},
        {NODE ", user: a, secret: b, nkey: " KEY ", nkey_seed: " SEED "}\n", "expected one of credentials_file, user"},
        {NODE ", credentials_file: /nonexistent/x}\n", "cluster.credentials_file: expected a file that can be read"},
        {NODE ", dead_after: 1s}\n", "cluster.dead_after: expected a duration from 1500ms to 1m"},
        {"cluster:\n  name: a\n  bus: [nats://a]\n  balance_after: 2s\n",
         "t.yaml:4:18: cluster.balance_after: expected 0s or at least 2500ms, as cluster.dead_after is; found 2s"},
        {NODE ", dead_after: 10s, balance_after: 9999ms}\n",
         "expected 0s or at least 10s, as cluster.dead_after is; found 9999ms"},
        {NODE ", balance_after: 25h}\n", "cluster.balance_after: expected a duration from 0ms to 24h"},
        {NODE ", balance_after: never}\n", "cluster.balance_after: expected a duration from 0ms to 24h"},
        {NODE ", servers: 1}\n", "cluster.servers: expected one of the keys name, node, bus"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_error(cases[i].yaml, cases[i].expected);
}

/** Neither a wrong seed nor a password in a URL is shown. */
static void secrets_are_not_shown(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "cluster:\n  name: a\n  bus:\n    - nats://u:geheim@a\n",
        NODE ", nkey: " KEY ",\n nkey_seed: geheim}\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *errors;
        assert_null(parse(texts[i], &errors));
        assert_null(strstr(errors, "geheim"));
        free(errors);
    }
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    chmod(path, mode);
}

static void credentials_are_a_file_of_several_lines(void **state)
{
    (void)state;
    static const char good[] = "-----BEGIN NATS USER JWT-----\nabc\n------END NATS USER JWT------\n\n"
                               "-----BEGIN USER NKEY SEED-----\n" SEED "\n------END USER NKEY SEED------\n";
    char path[] = "/tmp/amp-credentials-XXXXXX", yaml[200];
    close(mkstemp(path));
    snprintf(yaml, sizeof yaml, "%s, credentials_file: %s}\n", NODE, path);
    write_file(path, good, 0600);
    struct config *config = expect_good(yaml);
    assert_string_equal(config->cluster.credentials, good);
    config_unref(config);
    write_file(path, "abc\n", 0600);
    expect_error(yaml, "cluster.credentials_file: expected a credentials file of NATS; found one without");
    write_file(path, "", 0600);
    expect_error(yaml, "cluster.credentials_file: expected a file with secrets; found an empty one");
    write_file(path, good, 0604);
    expect_error(yaml, "cluster.credentials_file: expected a file that others cannot read");
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_section_there_is_no_cluster),
        cmocka_unit_test(defaults_of_the_section),
        cmocka_unit_test(all_keys_are_read),
        cmocka_unit_test(mistakes_name_their_place),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(credentials_are_a_file_of_several_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
