// tests/unit/session/client/test_audience.c: the hub is told when events matter for somebody in this worker, and when
// they do not any more.
#include "unit/session/fake_session.h"

#define WITH(more) FAKE_CONFIG more

static void test_i17_nobody_is_there_before_a_login(void **state)
{
    struct fake *fake = *state;

    fake_connect(fake);
    assert_false(fake->audience);
}

/** Whatever its event mask: it may ask for other events, or for one that its action raises. */
static void test_i17_who_has_logged_in_is_there(void **state)
{
    struct fake *fake = *state;
    size_t one = fake_login(fake, "anna", "on"), two = fake_login(fake, "bert", "off");

    assert_true(fake->audience);
    assert_int_equal(fake->sessions->audience, 2);
    fake_say(fake, one, "Action: Logoff\r\n\r\n");
    assert_true(fake->audience);
    fake_hang_up(fake, two);
    assert_false(fake->audience);
    assert_int_equal(fake->sessions->audience, 0);
}

static void test_i17_it_is_told_before_the_login_is_answered(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_connect(fake);
    const char *text = "Action: Login\r\nUsername: anna\r\nSecret: anna-secret\r\n\r\n";

    fake_read(fake, client);
    assert_int_equal(write(fake->clients[client], text, strlen(text)), strlen(text));
    event_base_loop(fake->base, EVLOOP_NONBLOCK); // the answer is written by the flush
    assert_true(fake->audience);
    assert_null(strstr(fake->text, "Authentication accepted"));
    assert_non_null(strstr(fake_read(fake, client), "Authentication accepted"));
}

/** Calls are followed from before the login on. */
static void test_i17_rules_of_calls_are_there_without_sessions(void **state)
{
    struct fake *fake = *state;

    fake_configure(fake, WITH("  - {name: carl, secret: carl-secret, channel: SIP/carl}\n"));
    assert_true(fake->audience);
    fake_configure(fake, FAKE_CONFIG);
    assert_false(fake->audience);
    fake_configure(fake, WITH("  - {name: dora, secret: dora-secret, snapshot: true}\n"));
    assert_true(fake->audience);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_i17_nobody_is_there_before_a_login),
        FAKE_TEST(test_i17_who_has_logged_in_is_there),
        FAKE_TEST(test_i17_it_is_told_before_the_login_is_answered),
        FAKE_TEST(test_i17_rules_of_calls_are_there_without_sessions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
