// tests/unit/config/test_checks.c: errors that no single value shows.
#include "unit/config/config_test.h"

static void test_r11_other_mistakes_name_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *expected;
    } cases[] = {
        {"listen:\n  - tls: maybe\n", "t.yaml:2:10: listen[0].tls: expected one of off, optional, required; found "
                                      "\"maybe\"\n  - tls: maybe\n         ^\n"},
        {"listen:\n  - prot: 1\n", "t.yaml:2:5: listen[0].prot: expected one of the keys address, port"},
        {"listen:\n  - prot: 1\n", "; found \"prot\" (did you mean port?)"},
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
         "t.yaml:2:23: users[0].secret: expected a secret, or a complete hash of mkpasswd(1); found a hash that is too "
         "costly"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_r11_other_mistakes_name_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
