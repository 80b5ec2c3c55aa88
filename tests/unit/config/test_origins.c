// tests/unit/config/test_origins.c: scripts.http: where scripts may send requests, and which scripts.
#include "config/origins.h"

#include "unit/config/config_test.h"

static void mistakes_name_their_place(void **state)
{
    static const struct {
        const char *yaml, *expected;
    } cases[] = {
        {"scripts: {http: crm}\n", "scripts.http: expected a list of URLs"},
        {"scripts:\n  http: [crm.example]\n", "t.yaml:2:10: scripts.http[0]: expected a URL that begins with https://"},
        {"scripts:\n  http: ['https://crm.example/x']\n", "expected a URL without a path"},
        {"scripts:\n  http: ['https://a@crm.example']\n", "without a user or password"},
        {"scripts:\n  http: ['https://*.example']\n", "the name or address of a host"},
        {"scripts:\n  http: [{'https://crm.example': crm}]\n", "expected a list of names of filters and proxy actions"},
        {"scripts:\n  http: [{'https://crm.example': []}]\n", "expected a list of names"},
        {"scripts:\n  http: [[a]]\n", "expected https://HOST, https://HOST:PORT or that with a list of scripts"},
        {"scripts: {htpp: []}\n", "found \"htpp\" (did you mean http?)"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_error(cases[i].yaml, cases[i].expected);
}

static void an_entry_permits_its_origin_alone(void **state)
{
    char *crm[] = {"crm"};
    struct origin_config entries[] = {{.origin = "https://crm.example:443", .for_all = true},
                                      {.origin = "http://127.0.0.1:8080", .scripts = crm, .script_count = 1}};
    struct origin_list list = {entries, 2};
    (void)state;

    assert_true(origins_permit(&list, "any", "https://CRM.example/x?y"));
    assert_true(origins_permit(&list, "any", "https://crm.example:443"));
    assert_true(origins_permit(&list, "crm", "http://127.0.0.1:8080/"));
    assert_false(origins_permit(&list, "other", "http://127.0.0.1:8080/"));
    assert_false(origins_permit(&list, "any", "http://crm.example/"));
    assert_false(origins_permit(&list, "any", "https://crm.example:8443/"));
    assert_false(origins_permit(&list, "any", "https://crm.example.evil/"));
    assert_false(origins_permit(&list, "any", "https://crm.example./"));
    assert_false(origins_permit(&(struct origin_list){.items = NULL}, "any", "https://crm.example/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_name_their_place),
        cmocka_unit_test(an_entry_permits_its_origin_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
