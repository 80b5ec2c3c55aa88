// tests/unit/session/delivery/test_view.c: what a user's entry and filters leave of a message, judged once for all.
#include "session/delivery/view.h"

#include "unit/session/fake_session.h"

#define HANGUP "Event: Hangup\r\nPrivilege: call,all\r\nChannel: SIP/1-1\r\n\r\n"
#define VARSET "Event: VarSet\r\nPrivilege: dialplan,all\r\nVariable: x\r\n\r\n"
#define FILTERED \
    "  - {name: cora, secret: cora-secret, filters: [%s]}\n  - {name: dora, secret: dora-secret, filters: [%s]}\n"

static void test_no_view_shows_everything(void **state)
{
    struct message *event = parse_one(HANGUP);
    struct view_verdicts verdicts = {.calls = NULL};

    (void)state;
    assert_ptr_equal(view_judge(NULL, &verdicts, event, SCRIPT_EVENT), event);
    assert_null(verdicts.holders); // and remembers nothing
    message_unref(event);
}

/** A configuration whose users cora and dora have these filters. */
static void use_filters(struct fake *fake, const char *filters)
{
    char yaml[4096];
    size_t used = (size_t)snprintf(yaml, sizeof yaml, "%s", FAKE_CONFIG);

    snprintf(yaml + used, sizeof yaml - used, FILTERED, filters, filters);
    fake_configure(fake, yaml);
}

static void test_a_verdict_is_made_once_and_forgotten(void **state)
{
    struct fake *fake = *state;
    struct view_verdicts *verdicts = &fake->sessions->verdicts;
    struct message *varset = parse_one(VARSET), *hangup = parse_one(HANGUP);

    use_filters(fake, "drop: {events: [VarSet]}");
    struct view *view = fake_session(fake, fake_login(fake, "cora", "on"))->view;
    assert_non_null(view);
    assert_int_equal(view->count, 1);
    assert_null(view_judge(view, verdicts, varset, SCRIPT_EVENT));
    assert_ptr_equal(view->judged, varset);
    assert_int_equal(view->entry, verdicts->entry);
    unsigned held = atomic_load(&varset->references);
    assert_null(view_judge(view, verdicts, varset, SCRIPT_EVENT)); // remembered
    assert_int_equal(atomic_load(&varset->references), held);
    assert_ptr_equal(view_judge(view, verdicts, hangup, SCRIPT_EVENT), hangup);
    view_forget(verdicts);
    assert_null(verdicts->holders);
    assert_int_not_equal(view->entry, verdicts->entry);
    message_unref(varset);
    message_unref(hangup);
}

static void test_filters_are_of_their_users_alone(void **state)
{
    struct fake *fake = *state;
    size_t filtered, free_one;

    use_filters(fake, "drop: {events: [VarSet]}");
    filtered = fake_login(fake, "cora", "on");
    free_one = fake_login(fake, "anna", "on");
    assert_null(fake_session(fake, free_one)->view);
    fake_deliver(fake, VARSET, NULL, ENTRY_EVENT, false);
    fake_deliver(fake, HANGUP, NULL, ENTRY_EVENT, false);
    assert_string_equal(fake_read(fake, filtered), HANGUP);
    assert_string_equal(fake_read(fake, free_one), VARSET HANGUP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_view_shows_everything),
        FAKE_TEST(test_a_verdict_is_made_once_and_forgotten),
        FAKE_TEST(test_filters_are_of_their_users_alone),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
