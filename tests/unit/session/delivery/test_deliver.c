// tests/unit/session/delivery/test_deliver.c: what the hub sends reaches those for whom it is, and nobody else.
#include "session/delivery/shared.h"

#include "unit/session/fake_session.h"

#define HANGUP "Event: Hangup\r\nPrivilege: call,all\r\nChannel: SIP/1-1\r\n\r\n"
#define REGISTRY "Event: Registry\r\nPrivilege: system,all\r\nStatus: ok\r\n\r\n"

static void test_events_go_by_masks_and_rights(void **state)
{
    struct fake *fake = *state;
    size_t all = fake_login(fake, "anna", "on"), calls = fake_login(fake, "anna", "call");
    size_t none = fake_login(fake, "anna", "off"), bound = fake_login(fake, "bert", "on");

    fake_deliver(fake, HANGUP, NULL, ENTRY_EVENT, false);
    fake_deliver(fake, REGISTRY, NULL, ENTRY_EVENT, false);
    assert_string_equal(fake_read(fake, all), HANGUP REGISTRY);
    assert_string_equal(fake_read(fake, calls), HANGUP);
    assert_string_equal(fake_read(fake, none), "");
    assert_string_equal(fake_read(fake, bound), HANGUP);
    assert_string_equal(fake_read(fake, fake_connect(fake)), "Asterisk Call Manager/5.0.2\r\n"); // not logged in
}

static void test_an_answer_is_the_askers_alone(void **state)
{
    struct fake *fake = *state;
    size_t asker = fake_login(fake, "anna", "on"), other = fake_login(fake, "anna", "on");

    fake_say(fake, asker, "Action: QueueStatus\r\nActionID: mine\r\n\r\n");
    fake_deliver(fake, "Response: Success\r\nActionID: amp1-1-x\r\nEventList: start\r\n\r\n", fake->asks[0],
                 ENTRY_ANSWER, false);
    fake_deliver(fake, HANGUP, NULL, ENTRY_EVENT, false);
    fake_deliver(fake, "Event: QueueStatusComplete\r\nActionID: amp1-1-x\r\nEventList: Complete\r\n\r\n", fake->asks[0],
                 ENTRY_ANSWER, true);
    assert_string_equal(fake_read(fake, asker),
                        "Response: Success\r\nActionID: mine\r\nEventList: start\r\n\r\n" HANGUP
                        "Event: QueueStatusComplete\r\nActionID: mine\r\nEventList: Complete\r\n\r\n");
    assert_string_equal(fake_read(fake, other), HANGUP);
    fake_deliver(fake, "Response: Success\r\nActionID: amp1-1-x\r\n\r\n", fake->asks[0], ENTRY_ANSWER, true);
    assert_string_equal(fake_read(fake, asker), ""); // nothing is answered twice
}

static void test_an_event_that_an_action_raised_has_its_id_for_the_asker(void **state)
{
    struct fake *fake = *state;
    size_t asker = fake_login(fake, "anna", "on"), other = fake_login(fake, "anna", "on");

    fake_say(fake, asker, "Action: UserEvent\r\nUserEvent: x\r\nActionID: mine\r\n\r\n");
    fake_deliver(fake, "Event: UserEvent\r\nPrivilege: user,all\r\nActionID: amp1-1-x\r\nN: 1\r\n\r\n", fake->asks[0],
                 ENTRY_EVENT, false);
    assert_non_null(strstr(fake_read(fake, asker), "ActionID: mine\r\n"));
    assert_string_equal(fake_read(fake, other), "Event: UserEvent\r\nPrivilege: user,all\r\nN: 1\r\n\r\n");
}

static void test_an_answer_to_a_session_that_has_ended_finds_nobody(void **state)
{
    struct fake *fake = *state;
    size_t asker = fake_login(fake, "anna", "off"), other = fake_login(fake, "anna", "off");

    fake_say(fake, asker, "Action: CoreStatus\r\nActionID: mine\r\n\r\n");
    sessions_close_session(fake->sessions, asker + 1, false);
    fake_turn(fake);
    assert_int_equal(ask_withdrawal(fake->asks[0]), ASK_UNAWAITED);
    fake_deliver(fake, "Response: Success\r\nX: y\r\n\r\n", fake->asks[0], ENTRY_ANSWER, true);
    assert_string_equal(fake_read(fake, other), "");
}

/** Events for users with filters, each with a feed of its own: encoded once, and not copied. */
static void test_users_with_filters_share_the_bytes(void **state)
{
    enum { USERS = 3, EVENTS = 50 };
    struct fake *fake = *state;
    char yaml[4096], user[16];
    size_t used = (size_t)snprintf(yaml, sizeof yaml, "%s", FAKE_CONFIG);

    for (int i = 0; i < USERS; i++)
        used += (size_t)snprintf(yaml + used, sizeof yaml - used,
                                 "  - {name: u%d, secret: u%d-secret, filters: [drop: {events: [VarSet]}]}\n", i, i);
    fake_configure(fake, yaml);
    for (int i = 0; i < USERS; i++) {
        snprintf(user, sizeof user, "u%d", i);
        assert_int_equal(fake_login(fake, user, "on"), i);
    }
    struct batch *batch = batch_create();
    for (int i = 0; i < EVENTS; i++)
        batch_add(batch, &(struct entry){.part = {.message = parse_one(HANGUP)}, .serial = 1, .kind = ENTRY_EVENT});
    deliver_batch(fake->sessions, batch);
    const struct shared *shared = fake->sessions->shared;
    assert_null(shared->next); // all have the same format
    assert_int_equal(shared->block->count, EVENTS);
    assert_int_equal(shared->block->references, 1 + USERS);
    for (int i = 0; i < USERS; i++)
        assert_int_equal(fake_session(fake, (size_t)i)->view_feed->feed.fresh, shared->block->used);
    for (int i = 0; i < USERS; i++) {
        const char *text = fake_read(fake, (size_t)i);
        assert_int_equal(strlen(text), EVENTS * strlen(HANGUP));
        assert_memory_equal(text, HANGUP, strlen(HANGUP));
    }
    assert_int_equal(shared->block->references, 1); // all was read: the block is used again
    assert_int_equal(shared->block->used, 0);
}

/** Users whose views hide or change some of the events, and what they must not see of them. */
struct viewer {
    const char *name, *entry; // its keys in the configuration
    const char *account;      // that stands in place of every other; NULL: none
    bool hides;               // VarSet
};

static const struct viewer viewers[] = {
    {"anna", NULL, NULL, false},
    {"u0", "account: SALES", "SALES", false},
    {"u1", "account: OTHER", "OTHER", false},
    {"u2", "filters: [drop: {events: [VarSet]}]", NULL, true},
    {"u3", "account: THIRD, filters: [drop: {events: [VarSet]}]", "THIRD", true},
};

#define VIEWERS (sizeof viewers / sizeof viewers[0])

enum event_shape { PLAIN, WITH_ACCOUNT, HIDDEN };

/** Long runs that all views show alternate with events that only some show, or show changed. */
static enum event_shape shape_of(int number)
{
    return number % 50 < 30 ? PLAIN : (enum event_shape)(number % 3);
}

/** Appends event `number` as a user sees it. @param account  in place of its own; NULL: its own */
static size_t write_event(char *to, size_t room, int number, const char *account)
{
    enum event_shape shape = shape_of(number);
    size_t used = (size_t)snprintf(to, room, "Event: %s\r\nPrivilege: call,all\r\nChannel: PJSIP/alice-%08d\r\n",
                                   shape == HIDDEN ? "VarSet" : "Hangup", number);

    if (shape == WITH_ACCOUNT && account != NULL)
        used += (size_t)snprintf(to + used, room - used, "AccountCode: %s\r\n", account);
    else if (shape == WITH_ACCOUNT)
        used += (size_t)snprintf(to + used, room - used, "AccountCode: secret-%d\r\n", number);
    return used + (size_t)snprintf(to + used, room - used, "\r\n");
}

/** Delivers events of a server in batches whose messages lie where those of the batch before lay, all in one turn. */
static void deliver_numbered(struct fake *fake, int from, int count)
{
    enum { BATCH = 16 };
    char text[256];

    for (int sent = 0; sent < count; sent += BATCH) {
        struct batch *batch = batch_create();
        for (int i = sent; i < sent + BATCH && i < count; i++) {
            write_event(text, sizeof text, from + i, NULL);
            struct message *message = parse_one(text);
            message->from_server = true; // may be set, as nobody else has a reference yet
            batch_add(batch,
                      &(struct entry){.part = {.message = message}, .serial = ++fake->serial, .kind = ENTRY_EVENT});
        }
        deliver_batch(fake->sessions, batch);
    }
}

static void test_i15_shared_bytes_show_nobody_what_their_view_hides_or_changes(void **state)
{
    enum { ROUNDS = 3, EVENTS = 100 };
    struct fake *fake = *state;
    char text[16384];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", FAKE_CONFIG);

    for (size_t i = 1; i < VIEWERS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "  - {name: %s, secret: %s-secret, %s}\n",
                                 viewers[i].name, viewers[i].name, viewers[i].entry);
    fake_configure(fake, text);
    for (size_t i = 0; i < VIEWERS; i++)
        assert_int_equal(fake_login(fake, viewers[i].name, "on"), i);
    for (int round = 0; round < ROUNDS; round++) {
        deliver_numbered(fake, round * EVENTS, EVENTS);
        for (size_t i = 0; i < VIEWERS; i++) {
            used = 0;
            for (int number = round * EVENTS; number < (round + 1) * EVENTS; number++) {
                if (shape_of(number) != HIDDEN || !viewers[i].hides)
                    used += write_event(text + used, sizeof text - used, number, viewers[i].account);
            }
            assert_string_equal(fake_read(fake, i), text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_users_with_filters_share_the_bytes),
        FAKE_TEST(test_i15_shared_bytes_show_nobody_what_their_view_hides_or_changes),
        FAKE_TEST(test_events_go_by_masks_and_rights),
        FAKE_TEST(test_an_answer_is_the_askers_alone),
        FAKE_TEST(test_an_event_that_an_action_raised_has_its_id_for_the_asker),
        FAKE_TEST(test_an_answer_to_a_session_that_has_ended_finds_nobody),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
