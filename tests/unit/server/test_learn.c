// tests/unit/server/test_learn.c: a server is asked which classes its actions need.
#include "server/learn.h"

#include "ami/privileges.h"
#include "unit/ami/parse.h"
#include "unit/server/fake.h"

static void test_it_is_asked_once_and_remembered(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    uint32_t classes;

    learn_start(server);
    struct exchange *asked = server->learning.exchange;
    assert_non_null(asked);
    learn_start(server); // it is asked already
    assert_ptr_equal(server->learning.exchange, asked);
    fake_say(server, asked, "Response: Success",
             "Hangup: Hangup channel.  (Priv: system,call,all)\r\nVendorThing: Ours.  (Priv: reporting,all)\r\n");
    assert_non_null(server->privileges);
    assert_true(privileges_find(server->privileges, span_of("vendorthing"), &classes));
    assert_int_equal(fake->count, 0); // no client sees it
    privileges_unref(server->privileges);
    server->privileges = NULL;
}

static void test_a_server_that_does_not_know_it_has_no_list(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];

    learn_start(server);
    fake_say(server, server->learning.exchange, "Response: Error", "Message: Invalid/unknown command\r\n");
    assert_null(server->privileges);
    assert_null(server->learning.exchange);
}

static void test_events_of_modules_ask_again_but_not_at_once(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];
    struct message *reload = parse_one("Event: Reload\r\nModule: All\r\n\r\n");
    struct message *hangup = parse_one("Event: Hangup\r\nChannel: x\r\n\r\n");

    learn_from_event(server, hangup);
    assert_int_equal(server->learning.due_ms, 0);
    learn_from_event(server, reload);
    uint64_t due = server->learning.due_ms;
    assert_true(due > clock_ms());
    learn_from_event(server, reload); // many of them: one question
    assert_int_equal(server->learning.due_ms, due);
    learn_tick(server, due - 1);
    assert_null(server->learning.exchange);
    learn_tick(server, due);
    assert_non_null(server->learning.exchange);
    message_unref(reload);
    message_unref(hangup);
}

static void test_a_question_without_an_answer_is_given_up(void **state)
{
    struct fake *fake = *state;
    struct server *server = &fake->server[0];

    learn_start(server);
    uint64_t asked = server->learning.asked_ms;
    learn_tick(server, asked + fake->config.limits.exchange_timeout_ms - 1);
    assert_non_null(server->learning.exchange);
    learn_tick(server, asked + fake->config.limits.exchange_timeout_ms);
    assert_null(server->learning.exchange);
    assert_true(server->learning.due_ms > asked + fake->config.limits.exchange_timeout_ms); // later, again
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_is_asked_once_and_remembered),
        TEST(test_a_server_that_does_not_know_it_has_no_list),
        TEST(test_events_of_modules_ask_again_but_not_at_once),
        TEST(test_a_question_without_an_answer_is_given_up),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
