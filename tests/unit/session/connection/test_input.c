// tests/unit/session/connection/test_input.c: a client's bytes become actions, which are handled in their order.
#include "session/connection/input.h"

#include "unit/session/fake_session.h"

#define PING(id) "Action: Ping\r\nActionID: " id "\r\n\r\n"
#define CORE(id) "Action: CoreStatus\r\nActionID: " id "\r\n\r\n"

static void test_pieces_become_actions(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    static const char text[] = "\r\n\r\n" PING("1") "\n\n" PING("2");

    for (size_t i = 0; i + 1 < sizeof text - 1; i++) {
        char byte[2] = {text[i], '\0'};
        fake_say(fake, client, byte);
        assert_true(i < sizeof "\r\n\r\n" PING("1") - 2 || fake_session(fake, client) != NULL);
    }
    const char *answer = fake_say(fake, client, "\n");
    assert_non_null(strstr(answer, "ActionID: 2\r\n"));
    assert_null(strstr(answer, "ActionID: 1\r\n")); // was answered when it was whole
}

static void test_answers_keep_the_order_of_actions(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");

    assert_string_equal(fake_say(fake, client, CORE("1") PING("2") CORE("3")), "");
    assert_int_equal(fake->ask_count, 1); // a Ping may not overtake, nor what stands behind it
    fake_deliver(fake, "Response: Success\r\nMark: one\r\n\r\n", fake->asks[0], ENTRY_ANSWER, true);
    const char *answer = fake_read(fake, client);
    const char *first = strstr(answer, "ActionID: 1\r\n"), *second = strstr(answer, "ActionID: 2\r\n");
    assert_non_null(first);
    assert_non_null(second);
    assert_true(first < second);
    assert_int_equal(fake->ask_count, 2);
}

static void test_with_too_much_in_flight_it_is_not_read(void **state)
{
    struct fake *fake = *state;
    size_t client;

    fake_configure(fake, FAKE_CONFIG "limits: {in_flight: 2}\n");
    client = fake_login(fake, "anna", "off");
    fake_say(fake, client, CORE("1") CORE("2") CORE("3") CORE("4"));
    assert_int_equal(fake->ask_count, 2);
    fake_deliver(fake, "Response: Success\r\nX: y\r\n\r\n", fake->asks[0], ENTRY_ANSWER, true);
    assert_int_equal(fake->ask_count, 3);
    fake_deliver(fake, "Response: Success\r\nX: y\r\n\r\n", fake->asks[1], ENTRY_ANSWER, true);
    assert_int_equal(fake->ask_count, 4);
}

static void test_a_message_that_is_too_long_ends_the_session(void **state)
{
    struct fake *fake = *state;
    size_t client;
    char line[900];

    fake_configure(fake, FAKE_CONFIG "limits: {message_bytes: 4KiB}\n");
    client = fake_login(fake, "anna", "off");
    memset(line, 'x', sizeof line);
    memcpy(line, "Long: ", 6);
    memcpy(line + sizeof line - 3, "\r\n", 3);
    fake_say(fake, client, "Action: Ping\r\nActionID: long\r\n");
    const char *answer = "";
    for (int i = 0; i < 8 && strstr(answer, "Error") == NULL; i++)
        answer = fake_say(fake, client, line);
    assert_non_null(strstr(answer, "Response: Error\r\n"));
    fake_hang_up(fake, client);
    assert_null(fake_session(fake, client));
}

static void test_what_cannot_be_an_action_is_answered_by_an_error(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    const char *answer = fake_say(fake, client, "Foo: bar\r\nActionID: 9\r\n\r\n");

    assert_non_null(strstr(answer, "Response: Error\r\nActionID: 9\r\n"));
    assert_int_equal(fake->ask_count, 0);
    assert_non_null(strstr(fake_say(fake, client, PING("10")), "ActionID: 10\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_pieces_become_actions),
        FAKE_TEST(test_answers_keep_the_order_of_actions),
        FAKE_TEST(test_with_too_much_in_flight_it_is_not_read),
        FAKE_TEST(test_a_message_that_is_too_long_ends_the_session),
        FAKE_TEST(test_what_cannot_be_an_action_is_answered_by_an_error),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
