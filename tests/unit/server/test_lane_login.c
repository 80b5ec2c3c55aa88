// tests/unit/server/test_lane_login.c: how a lane logs in, and what it does when it may not.
#include "ami/digest.h"
#include "server/lane_inside.h"
#include "unit/server/fake.h"

static bool has_written(const struct lane *lane, const char *text)
{
    return memmem(lane->out.bytes, lane->out.length, text, strlen(text)) != NULL;
}

static struct lane *greeted(struct fake *fake, enum login_method method)
{
    static char username[] = "proxy", secret[] = "s3cret", events[] = "call,user";
    struct lane *lane = MAIN(&fake->server[0]);

    fake->described[0].username = username;
    fake->described[0].secret = secret;
    fake->described[0].events = events;
    fake->described[0].login = method;
    fake->server[0].state = SERVER_DOWN;
    lane->state = LANE_BANNER;
    lane_greet(lane, span_of("Asterisk Call Manager/7.0.3"));
    return lane;
}

static void test_the_secret_stays_here(void **state)
{
    struct fake *fake = *state;
    struct lane *lane = greeted(fake, LOGIN_MD5);
    char key[DIGEST_KEY_SIZE];

    assert_string_equal(fake->server[0].banner, "Asterisk Call Manager/7.0.3");
    assert_int_equal(lane->state, LANE_CHALLENGE);
    assert_true(has_written(lane, "Action: Challenge\r\n"));
    fake_say(&fake->server[0], fake_last(&fake->server[0]), "Response: Success", "Challenge: 12345\r\n");
    assert_int_equal(lane->state, LANE_LOGIN);
    digest_key("12345", span_of("s3cret"), key);
    assert_true(has_written(lane, key));
    assert_true(has_written(lane, "Events: call,user\r\n"));
    assert_false(has_written(lane, "s3cret"));
    assert_true(lane->deadline_ms > 0); // it has a time limit
}

static void test_a_login_that_is_taken_opens_the_lane(void **state)
{
    struct fake *fake = *state;
    struct lane *lane = greeted(fake, LOGIN_PLAIN);

    assert_int_equal(lane->state, LANE_LOGIN);
    assert_true(has_written(lane, "Secret: s3cret\r\n"));
    fake_say(&fake->server[0], fake_last(&fake->server[0]), "Response: Success",
             "Message: Authentication accepted\r\n");
    assert_int_equal(lane->state, LANE_UP);
    assert_int_equal(lane->deadline_ms, 0);
}

static void test_a_login_that_is_refused_closes_it(void **state)
{
    struct fake *fake = *state;
    struct lane *lane = greeted(fake, LOGIN_PLAIN);

    fake_say(&fake->server[0], fake_last(&fake->server[0]), "Response: Error", "Message: Authentication failed\r\n");
    assert_int_equal(lane->state, LANE_CLOSED);
    assert_false(server_is_up(&fake->server[0]));
}

static void test_a_slow_lane_wants_no_events(void **state)
{
    struct fake *fake = *state;
    struct lane *lane = &fake->server[0].lanes[1];

    greeted(fake, LOGIN_PLAIN);
    fake_open(lane);
    lane->state = LANE_BANNER;
    lane_greet(lane, span_of("Asterisk Call Manager/1.0"));
    assert_true(has_written(lane, "Events: off\r\n"));
    assert_string_equal(fake->server[0].banner, "Asterisk Call Manager/7.0.3"); // the main lane's
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_secret_stays_here),
        TEST(test_a_login_that_is_taken_opens_the_lane),
        TEST(test_a_login_that_is_refused_closes_it),
        TEST(test_a_slow_lane_wants_no_events),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
