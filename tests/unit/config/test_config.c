// tests/unit/config/test_config.c: defaults, the files that are shipped, and each key with each kind of wrong value.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ami/event_class.h"
#include "config/compare.h"
#include "config/schema.h"
#include "parse.h"

static void defaults(void **state)
{
    (void)state;
    struct config *config = expect_good("");
    assert_int_equal(config->listen_count, 1);
    assert_string_equal(config->listen[0].address, "127.0.0.1");
    assert_int_equal(config->listen[0].port, 1234);
    assert_string_equal(config->listen[0].input, "auto");
    assert_string_equal(config->listen[0].output, "standard");
    assert_string_equal(config->listen[0].banner, "auto");
    assert_int_equal(config->listen[0].autofilter, AUTOFILTER_UNIQUE);
    assert_int_equal(config->listen[0].tls, TLS_OPTIONAL);
    assert_int_equal(config->server_count, 0);
    assert_int_equal(config->user_count, 0);
    assert_int_equal(config->retry.interval_ms, 2000);
    assert_int_equal(config->retry.max_interval_ms, 60000);
    assert_true(config->auth.required);
    assert_null(config->auth.proxy_key);
    assert_int_equal(config->auth.timeout_ms, 30000);
    assert_int_equal(config->auth.failures_per_minute, 10);
    assert_int_equal(config->plugins.load_count, 5);
    assert_string_equal(config->plugins.load[0], "http");
    assert_string_equal(config->plugins.load[4], "standard");
    assert_int_equal(config->listen[0].detect_timeout_ms, 200);
    assert_null(config->tls.certificate);
    assert_int_equal(config->limits.message_bytes, 65536);
    assert_int_equal(config->limits.output_backlog, 8 << 20);
    assert_int_equal(config->limits.in_flight, 100);
    assert_true(config->workers >= 1 && config->workers <= 64);
    assert_string_equal(config->log.to, "stderr");
    assert_int_equal(config->log.level, LOG_LEVEL_INFO);
    assert_int_equal(config->log.repeat_lines, 100);
    assert_int_equal(config->log.repeat_interval_ms, 10000);
    config_unref(config);
}

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
    assert_int_equal(config->servers[0].ping_interval_ms, 10000);
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

static void expect_changes(const char *before, const char *after, const char *expected)
{
    struct config *running = expect_good(before), *fresh = expect_good(after);
    char *lines;
    config_forget_sections(running);
    lines = config_compare(running, fresh);
    if (expected == NULL)
        assert_null(lines);
    else if (lines == NULL || strstr(lines, expected) == NULL)
        fail_msg("expected %s, got %s", expected, lines == NULL ? "nothing" : lines);
    free(lines);
    config_unref(running);
    config_unref(fresh);
}

/** Values are compared whole, however long, and shown from where they begin to differ. */
static void test_f58_long_values_are_compared_to_their_ends(void **state)
{
    (void)state;
    char before[1000], after[1000], path[700];

    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    (void)snprintf(before, sizeof before, "plugins: {path: /%s1}\n", path);
    (void)snprintf(after, sizeof after, "plugins: {path: /%s2}\n", path);
    expect_changes(before, before, NULL);
    expect_changes(before, after, "t.yaml:1: plugins.path changed from …ppppppppppppppppppp");
    expect_changes(before, after, "pppp2: needs a restart");
    (void)snprintf(before, sizeof before, "plugins: {load: [standard, %.300s, %.299s]}\n", path, path);
    (void)snprintf(after, sizeof after, "plugins: {load: [standard, %.300s, %.298s]}\n", path, path);
    expect_changes(before, after, "plugins.load changed from …");
    expect_changes(after, after, NULL);
}

static void what_needs_a_restart(void **state)
{
    (void)state;
    expect_changes("workers: 2\n", "log: {level: debug}\nworkers: 2\n", NULL);
    expect_changes("workers: 2\n", "# comment\nworkers: 4\n",
                   "t.yaml:2: workers changed from 2 to 4: needs a restart\n");
    expect_changes("process: {user: a}\n", "workers: auto\n", "t.yaml: process.user changed from a to nothing: needs");
    expect_changes("process: {user: a}\n", "process:\n  group: g\n  user: b\n",
                   "t.yaml:3: process.user changed from a to b");
    expect_changes("http: {max_wait: 5s}\n", "\nhttp: {max_wait: 5s}\n", NULL);
    expect_changes("http: {max_wait: 5s}\n", "\nhttp: {max_wait: 6s}\n", "t.yaml:2: http changed: needs a restart\n");
    expect_changes("http: {max_wait: 5s}\n", "", "t.yaml: http changed: needs a restart\n");
    expect_changes("plugins: {load: [csv]}\n", "plugins: {load: [csv, xml]}\n",
                   "plugins.load changed from [csv] to [csv, xml]");
}

static void same_listeners(void **state)
{
    (void)state;
    struct config *a = expect_good("listen: [{port: 0}, {port: 0}, {port: 5}]\n");
    struct config *b = expect_good("listen: [{port: 5}, {port: 0}, {address: '*', port: 0}]\n");
    assert_int_equal(config_same_listen(a, 0, b), 1);
    assert_int_equal(config_same_listen(a, 1, b), SIZE_MAX);
    assert_int_equal(config_same_listen(a, 2, b), 0);
    config_unref(a);
    config_unref(b);
}

static struct config *load_shipped(const char *name)
{
    char path[4096];
    char *errors;
    snprintf(path, sizeof path, "%s/config/%s", AMP_SOURCE, name);
    struct config *config = config_load(path, &errors);
    if (config == NULL)
        fail_msg("%s", errors);
    return config;
}

static void shipped_files_load(void **state)
{
    (void)state;
    setenv("PBX1_SECRET", "p", 1);
    setenv("BILL_SECRET", "b", 1);
    setenv("STEVE_SECRET", "s", 1);
    setenv("WALLBOARD_SECRET", "w", 1);
    setenv("ADMIN_SECRET", "a", 1);
    struct config *full = load_shipped("astmanproxy.yaml");
    assert_int_equal(full->server_count, 1);
    assert_int_equal(full->user_count, 4);
    assert_string_equal(config_find_user(full, span_of("bill"))->secret, "b");
    struct config *demo = load_shipped("demo.yaml");
    assert_int_equal(demo->servers[0].port, 15038);
    assert_int_equal(config_find_user(demo, span_of("wallboard"))->write, 0);
    struct config *page = load_shipped("dashboard.yaml");
    assert_int_equal(page->listen_count, 2);
    config_unref(full);
    config_unref(demo);
    config_unref(page);
}

/** Compares all numbers of a table between two structs: the sample shows the defaults. */
static void compare(const struct setting *rows, const char *a, const char *b)
{
    for (; rows->key != NULL; rows++) {
        size_t size = rows->type == SETTING_BOOL ? 1 : rows->type == SETTING_PORT ? 2 : 4;
        if (rows->type == SETTING_COUNT || rows->type == SETTING_DURATION || rows->type == SETTING_SIZE)
            size = 8;
        if (rows->type == SETTING_SECTION)
            compare(rows->rows, a, b);
        else if (rows->type >= SETTING_BOOL && rows->type <= SETTING_SIZE &&
                 memcmp(a + rows->offset, b + rows->offset, size) != 0)
            fail_msg("the sample's %s is not the default", rows->key);
    }
}

static void sample_shows_defaults(void **state)
{
    (void)state;
    struct config *full = load_shipped("astmanproxy.yaml");
    struct config *empty = expect_good("servers: [{host: h, username: u, secret: s}]");
    compare(schema_main, (char *)full, (char *)empty);
    compare(settings_find(schema_main, "listen")->rows, (char *)full->listen, (char *)empty->listen);
    compare(settings_find(schema_main, "servers")->rows, (char *)full->servers, (char *)empty->servers);
    assert_string_equal(full->plugins.path, empty->plugins.path);
    config_unref(full);
    config_unref(empty);
}

/** Every key that this version acts on stands in one of the samples, and every row has its sentence. */
static void check_sample(const char *text, const struct setting *rows)
{
    for (; rows->key != NULL; rows++) {
        char shown[64];
        snprintf(shown, sizeof shown, "%s:", rows->key);
        if (rows->rows != NULL)
            check_sample(text, rows->rows);
        else if (strstr(text, shown) == NULL)
            fail_msg("the samples lack %s", rows->key);
        if (rows->help == NULL && rows->type != SETTING_SECTION)
            fail_msg("%s has no sentence", rows->key);
    }
}

static void samples_show_all_keys(void **state)
{
    (void)state;
    struct source main_file = {0}, users = {0};
    assert_true(source_read(AMP_SOURCE "/config/astmanproxy.yaml", SOURCE_LIMIT, &main_file, NULL));
    assert_true(source_read(AMP_SOURCE "/config/users.yaml", SOURCE_LIMIT, &users, NULL));
    char *both = malloc(main_file.length + users.length + 1);
    sprintf(both, "%s%s", main_file.bytes, users.bytes);
    check_sample(both, schema_main);
    free(both);
    source_fini(&main_file);
    source_fini(&users);
}

/** A wrong value for a type; NULL at the end. */
static const char *const *wrong_values(const struct setting *row)
{
    static const char *const scalar[] = {"[a]", "{a: b}", "\"\"", "\"a\\nb\"", NULL};
    static const char *const log_target[] = {"[a]", "{a: b}", "\"\"", "sterr", NULL};
    static const char *const secret[] = {"[a]", "{a: b}", "\"\"", "\"a\\nb\"", "${NOT_SET_ANYWHERE}", "${A}b", NULL};
    static const char *const secret_file[] = {"[a]", "{a: b}", "\"\"", "/nonexistent/file", "/", NULL};
    static const char *const boolean[] = {"[a]", "{a: b}", "maybe", "1", "\"true\"", "on", NULL};
    static const char *const choice[] = {"[a]", "{a: b}", "maybe", "1", "\"\"", "OFFF", NULL};
    static const char *const number[] = {
        "[a]", "{a: b}", "many", "-1", "99999999", "\"5\"", "1.5", "0x10", "010", "18446744073709551616", NULL};
    static const char *const unit[] = {"[a]", "{a: b}", "2", "-1s", "2 s", "99999999h", "0.5s", "s", "2d", "2kb", NULL};
    static const char *const list[] = {"a", "{a: b}", "[[a]]", "[\"\"]", "[{a: b}]", "[a/b, a/b]", NULL};
    static const char *const paths[] = {"{a: b}", "\"\"", "[]", "[[a]]", "[\"\"]", "[a, {b: c}]", NULL};
    static const char *const map[] = {"a", "[a]", "{nonsense: 1}", "[{nonsense: 1}]", "{<<: 1}", NULL};
    static const char *const entries[] = {"a", "{a: b}", "[a]", "[{nonsense: 1}]", "[[]]", NULL};
    static const char *const filters[] = {
        "a", "{a: b}", "[[a]]", "[\"\"]", "[{a: b}]", "[{a: {}, b: {}}]", "[{a: {mode: perhaps}}]", NULL};
    static const char *const networks[] = {"10.0.0.0/8",     "{a: b}",        "[]",           "[a]",
                                           "[[10.0.0.0/8]]", "[10.0.0.0/33]", "[10.0.0.1/8]", NULL};
    static const char *const *const by_type[] = {
        [SETTING_TEXT] = scalar,
        [SETTING_PATH] = scalar,
        [SETTING_LOG_TARGET] = log_target,
        [SETTING_SECRET] = secret,
        [SETTING_SECRET_FILE] = secret_file,
        [SETTING_BOOL] = boolean,
        [SETTING_CHOICE] = choice,
        [SETTING_PORT] = number,
        [SETTING_COUNT32] = number,
        [SETTING_COUNT] = number,
        [SETTING_WORKERS] = number,
        [SETTING_DURATION] = unit,
        [SETTING_SIZE] = unit,
        [SETTING_NAMES] = list,
        [SETTING_PATHS] = paths,
        [SETTING_CLASSES] = list,
        [SETTING_EVENTS] = list,
        [SETTING_FILTERS] = filters,
        [SETTING_NETWORKS] = networks,
        [SETTING_SECTION] = map,
        [SETTING_LIST] = entries,
    };
    return by_type[row->type];
}

static unsigned broken; // configurations refused so far

/** @param format  a file with places for key and value, the key in line `line` */
static void break_rows(const struct setting *rows, const char *format, const char *path, unsigned line)
{
    for (; rows->key != NULL; rows++) {
        for (const char *const *value = wrong_values(rows); *value != NULL; value++) {
            char yaml[512], expected[256];
            snprintf(yaml, sizeof yaml, format, rows->key, *value);
            snprintf(expected, sizeof expected, "t.yaml:%u:", line);
            expect_error(yaml, expected);
            snprintf(expected, sizeof expected, " %s%s", path, rows->key);
            expect_error(yaml, expected);
            broken++;
        }
    }
}

static void test_r11_every_key_with_every_wrong_value_names_its_line(void **state)
{
    (void)state;
    broken = 0;
    break_rows(schema_main, "# a comment\n%s: %s\n", "", 2);
    for (const struct setting *row = schema_main; row->key != NULL; row++) {
        char format[128], path[64];
        if (row->rows == NULL)
            continue;
        bool is_list = row->type == SETTING_LIST;
        snprintf(format, sizeof format, is_list ? "%s:\n  - %%s: %%s\n" : "%s:\n    %%s: %%s\n", row->key);
        snprintf(path, sizeof path, is_list ? "%s[0]." : "%s.", row->key);
        break_rows(row->rows, format, path, 2);
    }
    print_message("%u broken configurations refused, each with its line and key\n", broken);
    assert_true(broken >= 200);
}

static void test_r11_other_mistakes_name_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *expected;
    } cases[] = {
        {"listen:\n  - tls: maybe\n", "t.yaml:2:10: listen[0].tls: expected one of off, optional, required; found "
                                      "\"maybe\"\n  - tls: maybe\n         ^\n"},
        {"listen:\n  - prot: 1\n", "t.yaml:2:5: listen[0].prot: expected one of the keys address, port"},
        {"listen: []\n", "t.yaml:1:9: listen: expected at least one entry"},
        {"listen:\n  - address: unix:a\n", "t.yaml:2:14: listen[0].address: expected unix: and an absolute path"},
        {"listen:\n  - tls: required\n", "t.yaml:2:10: listen[0].tls: expected tls.certificate to be set"},
        {"tls:\n  key: /x\n", "t.yaml:2:8: tls.key: expected tls.certificate to be set beside it"},
        {"plugins: {load: [standard]}\nhttp: {}\n", "t.yaml:2:1: http: expected one of the keys"},
        {"\"\": {}\n", "expected one of the keys"},
        {"servers:\n  - host: a\n    secret: b\n", "t.yaml:2:5: servers[0].username: expected"},
        {"servers:\n  - host: a\n    username: b\n", "t.yaml:2:5: servers[0].secret: expected secret or secret_file"},
        {"servers:\n  - {host: a, username: b, secret: c}\n  - {host: a, username: b, secret: c}\n",
         "t.yaml:3:5: servers[1]: expected a name (default: the host) that no other server has"},
        {"servers:\n  - {host: a, username: b, secret: c, name: '*'}\n", "means all servers"},
        {"servers:\n  - {host: a, username: b, secret: c, events: [nonsense]}\n", "servers[0].events[0]: expected an"},
        {"users:\n  - {name: a, secret: c}\n  - {name: a, secret: c}\n", "t.yaml:3:12: users[1].name: expected a name"},
        {"users:\n  - {name: a, secret: $2b$10$abc}\n",
         "t.yaml:2:23: users[0].secret: expected a secret, or a complete "
         "hash of mkpasswd(1); found an incomplete hash"},
        {"users:\n  - {name: a, secret: $y$j9T$abc}\n", "found an incomplete hash"},
        {"users:\n  - {name: a, secret: $6$abc}\n", "found an incomplete hash"},
        {"users:\n  - {name: a, secret: $2b$16$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e}\n",
         "t.yaml:2:23: users[0].secret: expected a secret, or a complete hash of mkpasswd(1); found one that "
         "takes"},
        {"auth: {proxy_key: $2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e}\n",
         "t.yaml:1:19: auth.proxy_key: expected a key in plain text; found a hash"},
        {"listen:\n  - address: unix:/s\n    deny: [10.0.0.0/8]\n",
         "t.yaml:3:11: listen[0].deny: expected no such key"},
        {"users:\n  - name: a\n    secret: b\n    address: [10.0.0.0/8, 10.1.2.3/16]\n",
         "t.yaml:4:27: users[0].address[1]: expected a network without bits of a host, perhaps 10.1.0.0/16; found "
         "\"10.1.2.3/16\""},
        {"users:\n  - {name: a, secret: b, secret_file: c}\n", "users[0].secret_file: expected either"},
        {"users_file: /nonexistent/u\n", "t.yaml:1:13: users_file: expected a file that can be read"},
        {"users_file: u\nusers: [{name: a, secret: b}]\n", "t.yaml:1:13: users_file: expected either"},
        {"retry:\n  interval: 2m\n", "t.yaml:2:13: retry.interval: expected max_interval to be at least interval"},
        {"workers: 0\n", "t.yaml:1:10: workers: expected auto or a number from 1 to 64; found \"0\""},
        {"- a\n", "t.yaml:1:1: expected a mapping"},
        {"just a text\n", "t.yaml:1:1: expected a mapping"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_error(cases[i].yaml, cases[i].expected);
}

static void all_mistakes_in_one_run(void **state)
{
    (void)state;
    const char *yaml = "workers: x\nlog: {level: y}\nlimits: {sessions: z}\nlimits: {}\nusers: [{name: a}]\n";
    for (unsigned line = 1; line <= 5; line++) {
        char expected[32];
        snprintf(expected, sizeof expected, "t.yaml:%u:", line);
        expect_error(yaml, expected);
    }
}

static void empty_values_are_defaults(void **state)
{
    (void)state;
    config_unref(expect_good("tls: {certificate: , key: ~, client_ca: , min_version: null}\n"
                             "limits: {actions_per_second: 0}\n"
                             "listen: [{tls: off}, {port: 0, tls: optional}]\n"
                             "servers: [{host: a, username: b, secret: c, tls: off, ca_file: }]\n"
                             "users: [{name: a, secret: b, channel: , more_events: false, address: }]\n"
                             "retry:\nauth:\nprocess:\n"));
}

static void sections_of_plugins_are_kept_for_them(void **state)
{
    (void)state;
    struct config *config = expect_good("plugins: {load: [standard, my-format]}\nmy-format: {key: value}\n");
    const struct yaml_node *section = config_section(config, "my-format");
    assert_non_null(section);
    assert_true(span_is(yaml_tree_text(yaml_tree_find(section, "key")), "value"));
    assert_null(config_section(config, "standard"));
    assert_null(config_section(config, "plugins"));
    config_forget_sections(config);
    assert_null(config_section(config, "my-format"));
    config_unref(config);
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
        cmocka_unit_test(what_needs_a_restart),
        cmocka_unit_test(test_f58_long_values_are_compared_to_their_ends),
        cmocka_unit_test(same_listeners),
        cmocka_unit_test(servers_and_users),
        cmocka_unit_test(shipped_files_load),
        cmocka_unit_test(sample_shows_defaults),
        cmocka_unit_test(samples_show_all_keys),
        cmocka_unit_test(test_r11_every_key_with_every_wrong_value_names_its_line),
        cmocka_unit_test(test_r11_other_mistakes_name_their_place),
        cmocka_unit_test(all_mistakes_in_one_run),
        cmocka_unit_test(empty_values_are_defaults),
        cmocka_unit_test(sections_of_plugins_are_kept_for_them),
        cmocka_unit_test(a_certificate_brings_its_key),
        cmocka_unit_test(a_missing_file_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
