// tests/unit/session/client/test_publish.c: what others are told of a session.
#include "unit/session/fake_session.h"

static struct directory_entry *listed(struct fake *fake, uint32_t *count)
{
    struct directory_entry *entries;

    *count = directory_list(fake->link.directory, DIRECTORY_ALL, &entries);
    return entries;
}

static void test_the_directory_knows_who_it_is(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_connect(fake);
    uint32_t count;
    struct directory_entry *entries = listed(fake, &count);

    assert_int_equal(count, 1);
    assert_int_equal(entries[0].id, client + 1);
    assert_string_equal(entries[0].user, "");
    assert_string_equal(entries[0].address, "192.0.2.7:1000");
    assert_string_equal(entries[0].input, "standard");
    assert_false(entries[0].authenticated);
    assert_int_equal(entries[0].write, 0);
    free(entries);
    fake_say(fake, client, "Action: Login\r\nUsername: bert\r\nSecret: bert-secret\r\n\r\n");
    entries = listed(fake, &count);
    assert_string_equal(entries[0].user, "bert");
    assert_true(entries[0].authenticated);
    assert_int_equal(entries[0].write, CLASS_CALL);
    assert_false(entries[0].by_key || entries[0].encrypted || entries[0].admin);
    free(entries);
}

static void test_it_leaves_with_its_session(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    struct directory_entry *entries;
    uint32_t count;

    assert_true(directory_has(fake->link.directory, client + 1));
    fake_say(fake, client, "Action: Logoff\r\n\r\n");
    fake_hang_up(fake, client);
    assert_false(directory_has(fake->link.directory, client + 1));
    entries = listed(fake, &count);
    assert_int_equal(count, 0);
    free(entries);
}

static void test_limits_count_logins_by_user(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");

    assert_true(session_limits_is_full(fake->link.limits, "anna", 1));
    assert_false(session_limits_is_full(fake->link.limits, "anna", 2));
    assert_false(session_limits_is_full(fake->link.limits, "bert", 1));
    fake_say(fake, client, "Action: Logoff\r\n\r\n");
    assert_false(session_limits_is_full(fake->link.limits, "anna", 1));
}

/** What thousands of idle sessions have, whether or not they ever need it: rare things are made when they are. */
static void test_an_idle_session_is_small(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    const struct session *session = fake_session(fake, client);
    uint32_t count;
    struct directory_entry *entries = listed(fake, &count);

    assert_true(sizeof(struct session) <= 1128);
    assert_null(session->transport.write_event);
    assert_null(session->output.first);
    assert_null(session->input.unread);
    assert_null(session->resume);
    assert_null(session->challenge);
    assert_null(session->last.name);
    assert_int_equal(count, 1);
    assert_true(sizeof *entries <= 88);
    free(entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_the_directory_knows_who_it_is),
        FAKE_TEST(test_it_leaves_with_its_session),
        FAKE_TEST(test_limits_count_logins_by_user),
        FAKE_TEST(test_an_idle_session_is_small),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
