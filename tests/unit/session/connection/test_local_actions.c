// tests/unit/session/connection/test_local_actions.c: which actions the session answers itself, and to whom.
#include "session/connection/local_actions.h"
#include "unit/test.h"

static const struct local_action *find(bool authenticated, const char *name, const char *server)
{
    const struct session session = {.authenticated = authenticated};

    return local_action_find(&session, span_of(name), span_of(server));
}

static void test_names_have_no_case(void **state)
{
    (void)state;
    assert_non_null(find(true, "WAITEVENT", ""));
    assert_ptr_equal(find(true, "waitevent", ""), find(true, "WaitEvent", ""));
    assert_null(find(true, "WaitEvents", ""));
    assert_null(find(true, "", ""));
}

static void test_before_a_login_only_what_is_about_it(void **state)
{
    static const char *const always[] = {"Login", "Challenge", "Logoff"}, *const later[] = {"Ping", "Events", "Filter"};
    (void)state;

    for (size_t i = 0; i < 3; i++) {
        assert_non_null(find(false, always[i], ""));
        assert_true(find(true, always[i], "")->before_login);
        assert_null(find(false, later[i], ""));
        assert_false(find(true, later[i], "")->before_login);
    }
}

static void test_a_ping_of_a_server_is_for_that_server(void **state)
{
    (void)state;
    assert_non_null(find(true, "Ping", ""));
    assert_null(find(true, "Ping", "pbx1"));
    assert_non_null(find(true, "Events", "pbx1")); // the mask is the session's, whatever the client names
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_have_no_case),
        cmocka_unit_test(test_before_a_login_only_what_is_about_it),
        cmocka_unit_test(test_a_ping_of_a_server_is_for_that_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
