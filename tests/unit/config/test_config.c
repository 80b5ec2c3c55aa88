// tests/unit/config/test_config.c: whole configurations: defaults, servers, users, the files that are shipped.
#include "unit/config/config_test.h"

static void servers_and_users(void **state)
{
    (void)state;
    struct config *config = expect_good("servers:\n"
                                        "  - {host: pbx, username: u, secret: s, events: [call, agent], lanes: 1}\n"
                                        "users:\n"
                                        "  - {name: a, secret: '1', read: [call, agent], write: [], admin: true}\n"
                                        "  - {name: b, secret: 2, server: pbx}\n"
                                        "plugins: {path: p}\n"
                                        "log: {to: ./x.log}\n");
    assert_string_equal(config->servers[0].name, "pbx");
    assert_string_equal(config->servers[0].events, "call,agent");
    assert_int_equal(config->servers[0].port, 5038);
    assert_int_equal(config->servers[0].login, LOGIN_MD5);
    assert_int_equal(config->servers[0].lanes, 1);
    assert_int_equal(config->servers[0].ping_interval_ms, SERVER_PING_INTERVAL_MS);
    const struct user_config *user = config_find_user(config, span_of("a"));
    assert_int_equal(user->read, CLASS_CALL | CLASS_AGENT);
    assert_int_equal(user->write, 0);
    assert_true(user->admin);
    user = config_find_user(config, span_of("b"));
    assert_int_equal(user->read, CLASS_ALL);
    assert_string_equal(user->secret, "2");
    assert_null(config_find_user(config, span_of("B")));
    assert_int_equal(config->plugins.path[0], '/'); // relative to the folder of the file, which is made absolute
    assert_string_equal(strrchr(config->log.to, '/'), "/x.log");
    assert_ptr_equal(config_ref(config), config);
    config_unref(config);
    config_unref(config);
}

static void shipped_files_load(void **state)
{
    (void)state;
    struct config *full = load_shipped("astmanproxy.yaml");
    assert_int_equal(full->server_count, 1);
    assert_int_equal(full->user_count, 4);
    assert_string_equal(config_find_user(full, span_of("bill"))->secret, "b");
    struct config *demo = load_shipped("demo.yaml");
    assert_int_equal(demo->servers[0].port, 15038);
    assert_int_equal(config_find_user(demo, span_of("wallboard"))->write, 0);
    struct config *page = load_shipped("dashboard.yaml");
    assert_int_equal(page->listen_count, 3); // with the control socket
    config_unref(full);
    config_unref(demo);
    config_unref(page);
}

static void a_certificate_brings_its_key(void **state)
{
    (void)state;
    struct config *config =
        expect_good("tls: {certificate: /etc/x.pem, min_version: '1.3'}\nlisten: [{tls: required}]\n");
    assert_string_equal(config->tls.key, "/etc/x.pem");
    assert_int_equal(config->tls.min_version, TLS_VERSION_1_3);
    config_unref(config);
}

static void a_missing_file_is_one_line(void **state)
{
    (void)state;
    char *errors;
    assert_null(config_load("/nonexistent/c.yaml", &errors));
    assert_string_equal(errors,
                        "/nonexistent/c.yaml: expected a file that can be read; found: No such file or directory\n");
    free(errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(servers_and_users),
        cmocka_unit_test(shipped_files_load),
        cmocka_unit_test(a_certificate_brings_its_key),
        cmocka_unit_test(a_missing_file_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
