// tests/unit/config/test_compare.c: which changes need a restart.
#include "unit/config/config_test.h"

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
    expect_changes("cluster: {name: c, node: n, bus: [tls://a], tls: {ca: /a}}\n",
                   "cluster: {name: c, node: n, bus: [tls://a, tls://b], dead_after: 3s, alone: keep, ring: 1MiB,\n"
                   "          standby: 1, tls: {ca: /b}}\n",
                   "t.yaml:1: cluster.bus changed from [tls://a] to [tls://a, tls://b]: needs a restart\n");
    expect_changes("cluster: {name: c, node: n, bus: [tls://a], user: u, secret: geheim}\n",
                   "cluster: {name: c, node: n, bus: [tls://a], user: u, secret: secreto}\n",
                   "t.yaml:1: cluster.secret changed: needs a restart\n");
    static const char *const lines[] = {
        ":1: cluster.dead_after changed from 2500ms to 3s: needs a restart\n",
        ":2: cluster.balance_after changed from 0ms to 30s: needs a restart\n",
        ":2: cluster.standby changed from 0 to 1: needs a restart\n",
        ":1: cluster.alone changed from connect to keep: needs a restart\n",
        ":1: cluster.ring changed from 8MiB to 1MiB: needs a restart\n",
        ":2: cluster.tls.ca changed from /a to /b: needs a restart\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_changes("cluster: {name: c, node: n, bus: [tls://a], tls: {ca: /a}}\n",
                       "cluster: {name: c, node: n, bus: [tls://a], dead_after: 3s, alone: keep, ring: 1MiB,\n"
                       "          balance_after: 30s, standby: 1, tls: {ca: /b}}\n",
                       lines[i]);
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

/** Its rights are not those of a socket for everybody. */
static void a_listener_does_not_become_the_control_socket(void **state)
{
    (void)state;
    struct config *a = expect_good("listen: [{address: 'unix:/x/y'}]\ncontrol: {path: /x/z}\n");
    struct config *b = expect_good("listen: [{port: 1}]\ncontrol: {path: /x/y}\n");
    assert_int_equal(config_same_listen(a, 0, b), SIZE_MAX);
    assert_int_equal(config_same_listen(b, 1, a), SIZE_MAX);
    assert_int_equal(config_same_listen(b, 1, b), 1);
    config_unref(a);
    config_unref(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f58_long_values_are_compared_to_their_ends),
        cmocka_unit_test(what_needs_a_restart),
        cmocka_unit_test(same_listeners),
        cmocka_unit_test(a_listener_does_not_become_the_control_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
