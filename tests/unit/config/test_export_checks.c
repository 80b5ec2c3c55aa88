// tests/unit/config/test_export_checks.c: `exports:` is read, and mistakes name their place.
#include "unit/config/config_test.h"

#include "base/memory.h"

#define USERS "users: [{name: a, secret: b}]\n"

static void exports_name_their_mistakes(void **state)
{
    static const struct {
        const char *yaml, *expected;
    } cases[] = {
        {USERS "exports:\n  - {to: 'https://x'}\n", "t.yaml:3:5: exports[0].user: expected"},
        {USERS "exports:\n  - {user: a}\n", "t.yaml:3:5: exports[0].to: expected"},
        {USERS "exports:\n  - {user: c, to: 'https://x'}\n",
         "t.yaml:3:12: exports[0].user: expected the name of a user; found \"c\""},
        {USERS "exports:\n  - {user: a, to: 'https://x'}\n  - {user: a, to: 'https://y'}\n",
         "t.yaml:4:5: exports[1]: expected a name (default: the user) that no other export has; found \"a\" as in "
         "exports[0]"},
        {USERS "exports:\n  - {user: a, name: 'a b', to: 'https://x'}\n", "exports[0].name: expected a name"},
        {USERS "exports:\n  - {user: a, to: 'ftp://x'}\n", "t.yaml:3:19: exports[0].to: expected a URL that begins"},
        {USERS "exports:\n  - {user: a, to: 'https://u:p@x'}\n",
         "exports[0].to: expected a URL without a user or password in it; found another one"},
        {USERS "exports:\n  - {user: a, to: 'https://x', retry_interval: 5s, retry_max_interval: 1s}\n",
         "exports[0].retry_max_interval: expected retry_max_interval to be at least"},
        {USERS "exports:\n  - {user: a, to: 'nats:a.b'}\n",
         "t.yaml:3:19: exports[0].to: expected the section cluster to be set for nats: subjects; found none"},
        {USERS "exports:\n  - {user: a, to: 'nats:a.>'}\n", "expected nats: and a subject without wildcards"},
        {USERS "exports:\n  - {user: a, to: 'nats:a..b'}\n", "expected nats: and a subject without wildcards"},
        {USERS "exports:\n  - {user: a, to: 'nats:amp.c1.ev.x'}\n", "expected nats: and a subject without wildcards"},
        {USERS "exports:\n  - {user: a, to: 'nats:{name}'}\n", "expected nats: and a subject without wildcards"},
        {USERS "exports:\n  - {user: a, to: 'nats:{event}', batch: 2}\n",
         "exports[0].batch: expected no such key beside a nats: subject"},
        {USERS "exports:\n  - {user: a, to: 'https://x', previous_secret: c}\n",
         "exports[0].previous_secret: expected secret or secret_file to be set beside it"},
        {USERS "exports:\n  - {user: a, to: 'https://x', events: [nonsense]}\n", "exports[0].events[0]: expected"},
        {USERS "exports:\n  - {user: a, to: 'https://x', allow: [10.0.0.1/8]}\n", "perhaps 10.0.0.0/8"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_error(cases[i].yaml, cases[i].expected);
}

static void entries_are_compared(void **state)
{
    const struct export_config base = {.name = memory_writable("n"), .user = memory_writable("u"), .batch = 1};
    struct export_config other = base;
    (void)state;

    assert_true(config_same_export(&base, &other));
    other.batch = 2;
    assert_false(config_same_export(&base, &other));
    other = base;
    other.secret = memory_writable("s");
    assert_false(config_same_export(&base, &other));
    assert_false(config_same_export(&other, &base));
    other = base;
    other.allow = (struct network_list){&(struct network){{10}, 8}, 1};
    assert_false(config_same_export(&base, &other));
    assert_true(config_same_export(&other, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exports_name_their_mistakes),
        cmocka_unit_test(entries_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
