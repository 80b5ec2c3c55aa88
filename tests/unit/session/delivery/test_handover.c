// tests/unit/session/delivery/test_handover.c: what is held while another process takes over is sent once.
#include "session/delivery/handover.h"

#include "session/delivery/kept.h"
#include "session/delivery/past_file.h"
#include "unit/session/fake_session.h"

#define EVENT "Event: OriginateResponse\r\nPrivilege: call,all\r\nActionID: amp1-1-x\r\nReason: 4\r\n\r\n"
#define ANSWER "Response: Success\r\nActionID: amp1-1-x\r\nX: y\r\n\r\n"

/** A client with ids. */
static size_t enter(struct fake *fake, const char *autofilter)
{
    char text[160];
    size_t client;

    fake_configure(fake, FAKE_CONFIG "resume: {keep: 60s, memory: 1MiB}\n");
    client = fake_login(fake, "anna", "on");
    snprintf(text, sizeof text, "ProxyAction: SetAutoFilter\r\nAutoFilter: %s\r\n\r\n", autofilter);
    fake_say(fake, client, text);
    fake_say(fake, client, "ProxyAction: SetResume\r\nIDs: on\r\n\r\n");
    fake_say(fake, client, "Action: Originate\r\nChannel: SIP/1\r\nAsync: true\r\nActionID: mine\r\n\r\n");
    return client;
}

static int count(const char *text, const char *part)
{
    int found = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        found++;
    return found;
}

/** Delivers a message between the two steps. @return how often the client got it; *early: before the second one */
static int held(struct fake *fake, size_t client, const char *text, enum entry_kind kind, int *early)
{
    const char *mark = kind == ENTRY_EVENT ? "Reason: 4" : "X: y";
    struct past_file file;
    struct error err;

    assert_true(past_file_init(&file, &err));
    handover_give(fake->sessions, &file);
    fake_deliver(fake, text, fake->asks[0], kind, kind == ENTRY_ANSWER);
    const char *now = fake_read(fake, client);
    *early = count(now, mark);
    handover_take_back(fake->sessions);
    fake_deliver(fake, "Event: Hangup\r\nPrivilege: call,all\r\nN: 1\r\n\r\n", NULL, ENTRY_EVENT, false);
    const char *rest = fake_read(fake, client);
    assert_int_equal(count(rest, "N: 1"), 1);
    assert_int_equal(kept_held_bytes(fake->sessions->kept.shared), 0);
    past_file_fini(&file);
    return *early + count(rest, mark);
}

static void test_the_askers_event_comes_at_once_and_only_once(void **state)
{
    struct fake *fake = *state;
    int early;

    assert_int_equal(held(fake, enter(fake, "unique"), EVENT, ENTRY_EVENT, &early), 1);
    assert_int_equal(early, 1);
}

static void test_the_askers_answer_comes_at_once_and_only_once(void **state)
{
    struct fake *fake = *state;
    int early;

    assert_int_equal(held(fake, enter(fake, "off"), ANSWER, ENTRY_ANSWER, &early), 1);
    assert_int_equal(early, 1);
}

static void test_others_get_what_was_held_later(void **state)
{
    struct fake *fake = *state;
    size_t asker = enter(fake, "off"), other = fake_login(fake, "anna", "on");
    int early;

    fake_say(fake, other, "ProxyAction: SetAutoFilter\r\nAutoFilter: off\r\n\r\n");
    fake_say(fake, other, "ProxyAction: SetResume\r\nIDs: on\r\n\r\n");
    assert_int_equal(held(fake, other, ANSWER, ENTRY_ANSWER, &early), 1);
    assert_int_equal(early, 0);
    assert_int_equal(count(fake_read(fake, asker), "X: y"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_the_askers_event_comes_at_once_and_only_once),
        FAKE_TEST(test_the_askers_answer_comes_at_once_and_only_once),
        FAKE_TEST(test_others_get_what_was_held_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
