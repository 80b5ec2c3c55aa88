// tests/unit/session/access/test_credentials.c: secrets are compared here, or sent to be checked.
#include "session/access/credentials.h"

#include "unit/session/fake_session.h"

#define HASHED "  - {name: hilda, secret: $2b$04$abcdefghijklmnopqrstuuCefk2OObzvflNT6Yak.LStkBy5mKwMi}\n"
#define LOGIN(user, secret) "Action: Login\r\nUsername: " user "\r\nSecret: " secret "\r\nActionID: l\r\n\r\n"

static enum credentials_result begin(struct fake *fake, size_t client, const char *text, struct credentials *found)
{
    struct message *action = parse_one(text);
    enum credentials_result result = credentials_begin(fake_session(fake, client), action, found);

    message_unref(action);
    return result;
}

static void test_a_plain_secret_is_right_or_wrong_at_once(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_connect(fake);
    struct credentials found = {0};

    assert_int_equal(begin(fake, client, LOGIN("anna", "anna-secret"), &found), CREDENTIALS_RIGHT);
    assert_string_equal(found.user->name, "anna");
    found = (struct credentials){0};
    assert_int_equal(begin(fake, client, LOGIN("anna", "anna-secreT"), &found), CREDENTIALS_WRONG);
    assert_int_equal(begin(fake, client, LOGIN("anna", "anna-secret "), &found), CREDENTIALS_WRONG);
    assert_int_equal(begin(fake, client, LOGIN("nobody", "anna-secret"), &found), CREDENTIALS_WRONG);
    assert_int_equal(begin(fake, client, "Action: Login\r\nUsername: anna\r\n\r\n", &found), CREDENTIALS_WRONG);
    assert_null(fake->check); // nobody has a hash: nothing to compute
}

static void test_a_hash_is_checked_elsewhere(void **state)
{
    struct fake *fake = *state;
    size_t client;

    fake_configure(fake, FAKE_CONFIG HASHED);
    client = fake_connect(fake);
    fake_read(fake, client);
    assert_string_equal(fake_say(fake, client, LOGIN("hilda", "x") "Action: Ping\r\nActionID: p\r\n\r\n"), "");
    assert_non_null(fake->check);
    assert_false(fake->check->pretended);
    assert_int_equal(fake_session(fake, client)->wait.why, WAIT_CREDENTIALS);
    fake->check->verdict = CHECK_RIGHT; // the verifier's word
    sessions_checked(fake->sessions, fake->check);
    const char *text = fake_read(fake, client);
    const char *in = strstr(text, "Authentication accepted"), *pong = strstr(text, "ActionID: p\r\n");
    assert_true(in != NULL && pong != NULL && in < pong);
}

static void test_the_work_is_the_same_for_whoever_is_wrong(void **state)
{
    struct fake *fake = *state;
    size_t client;
    struct credentials found = {0};

    fake_configure(fake, FAKE_CONFIG HASHED);
    client = fake_connect(fake);
    assert_int_equal(begin(fake, client, LOGIN("nobody", "x"), &found), CREDENTIALS_PENDING);
    assert_non_null(fake->check);
    assert_true(fake->check->pretended);
}

static void test_a_session_that_ends_meanwhile_is_not_found(void **state)
{
    struct fake *fake = *state;
    size_t client;

    fake_configure(fake, FAKE_CONFIG HASHED);
    client = fake_connect(fake);
    fake_say(fake, client, LOGIN("hilda", "x"));
    assert_non_null(fake->check);
    sessions_close_session(fake->sessions, client + 1, false);
    assert_true(atomic_load(&fake->check->abandoned)); // need not be computed
    fake->check->verdict = CHECK_RIGHT;
    sessions_checked(fake->sessions, fake->check);
    assert_null(fake_session(fake, client));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_a_plain_secret_is_right_or_wrong_at_once),
        FAKE_TEST(test_a_hash_is_checked_elsewhere),
        FAKE_TEST(test_the_work_is_the_same_for_whoever_is_wrong),
        FAKE_TEST(test_a_session_that_ends_meanwhile_is_not_found),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
