// tests/unit/session/delivery/test_event_actions.c: Events, Filter and WaitEvent change one session alone.
#include "session/delivery/event_actions.h"

#include "unit/session/fake_session.h"

#define HANGUP "Event: Hangup\r\nPrivilege: call,all\r\nChannel: SIP/1-1\r\n\r\n"
#define VARSET "Event: VarSet\r\nPrivilege: dialplan,all\r\nVariable: x\r\n\r\n"

static void test_the_mask_changes_for_what_follows(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "on"), other = fake_login(fake, "anna", "on");

    assert_non_null(strstr(fake_say(fake, client, "Action: Events\r\nEventMask: off\r\n\r\n"), "Events: Off\r\n"));
    fake_deliver(fake, HANGUP, NULL, ENTRY_EVENT, false);
    assert_string_equal(fake_read(fake, client), "");
    assert_string_equal(fake_read(fake, other), HANGUP);
    assert_non_null(strstr(fake_say(fake, client, "Action: Events\r\nEventMask: dialplan\r\n\r\n"), "Events: On\r\n"));
    fake_deliver(fake, HANGUP, NULL, ENTRY_EVENT, false);
    fake_deliver(fake, VARSET, NULL, ENTRY_EVENT, false);
    assert_string_equal(fake_read(fake, client), VARSET);
    assert_int_equal(fake->ask_count, 0); // the shared connection keeps its own mask
}

static void test_a_filter_hides_what_it_does_not_name(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "on"), other = fake_login(fake, "anna", "on");
    const char *added = fake_say(fake, client, "Action: Filter\r\nOperation: Add\r\nFilter: Event: Hangup\r\n\r\n");

    assert_non_null(strstr(added, "Response: Success\r\n"));
    fake_deliver(fake, VARSET, NULL, ENTRY_EVENT, false);
    fake_deliver(fake, HANGUP, NULL, ENTRY_EVENT, false);
    assert_string_equal(fake_read(fake, client), HANGUP);
    assert_string_equal(fake_read(fake, other), VARSET HANGUP);
    assert_non_null(strstr(fake_say(fake, client, "Action: Filter\r\nOperation: Add\r\nFilter: (\r\n\r\n"), "Error"));
}

static void test_wait_event_ends_with_the_next_event(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "on");

    assert_string_equal(fake_say(fake, client, "Action: WaitEvent\r\nActionID: w\r\n\r\n"), "");
    assert_int_equal(fake_session(fake, client)->wait.why, WAIT_EVENT);
    fake_deliver(fake, HANGUP, NULL, ENTRY_EVENT, false);
    const char *text = fake_read(fake, client);
    const char *response = strstr(text, "Response: Success\r\nActionID: w\r\n"), *event = strstr(text, HANGUP);
    const char *end = strstr(text, "Event: WaitEventComplete\r\nActionID: w\r\n");
    assert_true(response != NULL && event != NULL && end != NULL && response < event && event < end);
    assert_int_equal(fake_session(fake, client)->wait.why, WAIT_NONE);
}

static void test_wait_event_ends_with_whatever_is_said_next(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "on");

    fake_say(fake, client, "Action: WaitEvent\r\nActionID: w\r\n\r\n");
    const char *text = fake_say(fake, client, "Action: Ping\r\nActionID: p\r\n\r\n");
    const char *end = strstr(text, "Event: WaitEventComplete\r\nActionID: w\r\n");
    const char *pong = strstr(text, "ActionID: p\r\n");
    assert_true(end != NULL && pong != NULL && end < pong);
}

static void test_giving_up_answers_and_forgetting_does_not(void **state)
{
    struct fake *fake = *state;
    size_t one = fake_login(fake, "anna", "on"), two = fake_login(fake, "anna", "on");

    fake_say(fake, one, "Action: WaitEvent\r\nActionID: w\r\n\r\n");
    fake_say(fake, two, "Action: WaitEvent\r\nActionID: w\r\n\r\n");
    event_actions_give_up(fake_session(fake, one));
    event_actions_give_up(fake_session(fake, one)); // no second end
    session_leave_event_wait(fake_session(fake, two));
    const char *text = fake_read(fake, one), *end = strstr(text, "WaitEventComplete");
    assert_non_null(end);
    assert_null(strstr(end + 1, "WaitEventComplete"));
    assert_string_equal(fake_read(fake, two), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_the_mask_changes_for_what_follows),
        FAKE_TEST(test_a_filter_hides_what_it_does_not_name),
        FAKE_TEST(test_wait_event_ends_with_the_next_event),
        FAKE_TEST(test_wait_event_ends_with_whatever_is_said_next),
        FAKE_TEST(test_giving_up_answers_and_forgetting_does_not),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
