// tests/unit/session/client/test_wait.c: a session waits for one thing at a time, and keeps its action as long.
#include "session/client/wait.h"
#include "unit/test.h"

static struct message *action_of(const char *name)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Action", "%s", name);
    return message_build(&builder);
}

static void test_zeroed_waits_for_nothing(void **state)
{
    (void)state;
    struct wait wait = {0};

    assert_int_equal(wait.why, WAIT_NONE);
    assert_false(wait_end(&wait, WAIT_EVENT));
    wait_clear(&wait);
    assert_int_equal(wait.why, WAIT_NONE);
}

static void test_only_a_parked_wait_sets_the_session_going(void **state)
{
    (void)state;
    struct wait wait = {0};

    wait_begin(&wait, WAIT_PROXY_ACTION, NULL);
    assert_false(wait_end(&wait, WAIT_PROXY_ACTION)); // answered before who began it returned
    wait_park(&wait, WAIT_PROXY_ACTION);
    assert_false(wait.parked);

    wait_begin(&wait, WAIT_PROXY_ACTION, NULL);
    wait_park(&wait, WAIT_PROXY_ACTION);
    assert_true(wait_end(&wait, WAIT_PROXY_ACTION));
    assert_false(wait_end(&wait, WAIT_PROXY_ACTION)); // once
}

static void test_the_end_of_another_wait_ends_nothing(void **state)
{
    (void)state;
    struct wait wait = {0};

    wait_begin(&wait, WAIT_VERDICT, NULL);
    wait_park(&wait, WAIT_PROXY_ACTION);
    assert_false(wait.parked);
    wait_park(&wait, WAIT_VERDICT);
    assert_false(wait_end(&wait, WAIT_PROXY_ACTION));
    assert_int_equal(wait.why, WAIT_VERDICT);
    assert_true(wait_end(&wait, WAIT_VERDICT));
}

static void test_its_action_lives_as_long_as_the_wait(void **state)
{
    (void)state;
    struct wait wait = {0};
    struct message *action = action_of("Login");
    struct span name;

    wait_begin(&wait, WAIT_CREDENTIALS, action);
    message_unref(action);
    assert_true(message_find(wait.action, "Action", &name)); // the wait's reference keeps it
    wait_begin(&wait, WAIT_LOGIN_DELAY, wait.action);        // the same action, another reason
    assert_int_equal(wait.why, WAIT_LOGIN_DELAY);
    assert_true(message_find(wait.action, "Action", &name));
    assert_true(span_is(name, "Login"));
    wait_end(&wait, WAIT_LOGIN_DELAY);
    assert_null(wait.action);
}

static void test_a_new_wait_has_nothing_of_the_old_one(void **state)
{
    (void)state;
    struct wait wait = {0};

    wait_begin(&wait, WAIT_EVENT, NULL);
    wait.announced = true;
    wait_park(&wait, WAIT_EVENT);
    wait_begin(&wait, WAIT_EVENT, NULL);
    assert_false(wait.announced);
    assert_false(wait.parked);
}

static void test_what_stops_input_and_what_is_work(void **state)
{
    (void)state;
    assert_false(wait_stops_input(WAIT_NONE));
    assert_false(wait_stops_input(WAIT_VERDICT));
    for (int why = WAIT_PROXY_ACTION; why < WAIT_REASONS; why++)
        assert_true(wait_stops_input((enum wait_reason)why));
    for (int why = WAIT_NONE; why < WAIT_REASONS; why++)
        assert_int_equal(wait_is_work((enum wait_reason)why),
                         why == WAIT_PROXY_ACTION || why == WAIT_CREDENTIALS || why == WAIT_EVENT || why == WAIT_MOVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_waits_for_nothing),
        cmocka_unit_test(test_only_a_parked_wait_sets_the_session_going),
        cmocka_unit_test(test_the_end_of_another_wait_ends_nothing),
        cmocka_unit_test(test_its_action_lives_as_long_as_the_wait),
        cmocka_unit_test(test_a_new_wait_has_nothing_of_the_old_one),
        cmocka_unit_test(test_what_stops_input_and_what_is_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
