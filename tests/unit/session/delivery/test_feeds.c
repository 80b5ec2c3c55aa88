// tests/unit/session/delivery/test_feeds.c: which feed a session reads, and how long a feed lives.
#include "session/delivery/feeds.h"

#include "unit/session/fake_format.h"
#include "unit/session/fake_session.h"

#define HANGUP "Event: Hangup\r\nPrivilege: call,all\r\n\r\n"

static size_t feeds_of(const struct fake *fake)
{
    size_t count = 0;

    for (const struct view_feed *feed = fake->sessions->feeds; feed != NULL; feed = feed->next)
        count++;
    return count;
}

static void test_who_wants_the_same_reads_the_same_feed(void **state)
{
    struct fake *fake = *state;
    size_t first = fake_login(fake, "anna", "call"), same = fake_login(fake, "anna", "call");
    size_t other = fake_login(fake, "anna", "system"), none = fake_login(fake, "anna", "off");
    const struct view_feed *feed = fake_session(fake, first)->view_feed;

    assert_non_null(feed);
    assert_ptr_equal(fake_session(fake, same)->view_feed, feed);
    assert_int_equal(feed->reader_count, 2);
    assert_ptr_not_equal(fake_session(fake, other)->view_feed, feed);
    assert_null(fake_session(fake, none)->view_feed);
    assert_int_equal(feeds_of(fake), 2);
}

static void test_the_mask_is_cut_to_the_users_rights(void **state)
{
    struct fake *fake = *state;
    size_t bound = fake_login(fake, "bert", "on"), calls = fake_login(fake, "anna", "call");

    assert_int_equal(fake_session(fake, bound)->view_feed->mask, CLASS_CALL);
    assert_ptr_equal(fake_session(fake, bound)->view_feed, fake_session(fake, calls)->view_feed);
    assert_null(fake_session(fake, fake_login(fake, "bert", "system"))->view_feed); // it could show nothing
}

static void test_a_feed_ends_with_its_last_reader(void **state)
{
    struct fake *fake = *state;
    size_t first = fake_login(fake, "anna", "call"), second = fake_login(fake, "anna", "call");

    feeds_move(fake_session(fake, first), NULL);
    assert_int_equal(feeds_of(fake), 1);
    fake_deliver(fake, HANGUP, NULL, ENTRY_EVENT, false);
    assert_string_equal(fake_read(fake, first), "");
    assert_string_equal(fake_read(fake, second), HANGUP);
    sessions_close_session(fake->sessions, second + 1, false);
    assert_int_equal(feeds_of(fake), 0);
}

static void test_a_feed_stays_while_all_are_walked(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "call"));

    fake->sessions->delivering = true;
    feeds_move(session, NULL);
    assert_int_equal(feeds_of(fake), 1); // the walk may be at it
    feeds_end_delivery(fake->sessions);
    assert_false(fake->sessions->delivering);
    assert_int_equal(feeds_of(fake), 0);
}

static void test_who_moves_keeps_what_was_not_read(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "call");
    struct session *session = fake_session(fake, client);

    feed_append(&session->view_feed->feed, "old ", 4);
    session->events.mask = CLASS_SYSTEM;
    feeds_choose(session);
    assert_int_equal(feeds_of(fake), 1);
    feed_append(&session->view_feed->feed, "new", 3);
    sessions_mark_dirty(session);
    assert_string_equal(fake_read(fake, client), "old new");
}

/** A client with ids that changes what it wants leaves a kept feed behind each time: only the latest are kept. */
static void test_one_client_leaves_few_kept_feeds_behind(void **state)
{
    struct fake *fake = *state;
    struct session *session;
    size_t first, other;

    fake_configure(fake, FAKE_CONFIG "resume: {keep: 60s, memory: 1MiB}\n");
    first = fake_login(fake, "anna", "call");
    other = fake_login(fake, "anna", "call");
    fake_say(fake, other, "ProxyAction: SetResume\r\nIDs: on\r\n\r\n");
    fake_say(fake, first, "ProxyAction: SetResume\r\nIDs: on\r\n\r\n");
    session = fake_session(fake, first);
    const struct view_feed *both = session->view_feed;
    assert_ptr_equal(fake_session(fake, other)->view_feed, both);
    sessions_close_session(fake->sessions, other + 1, false); // it may come back
    for (int i = 1; i < 100; i++) {
        session->events.mask = (uint32_t)i;
        feeds_choose(session);
    }
    assert_true(feeds_of(fake) <= 2 + KEPT_LEFT_BEHIND);
    session->events.mask = 98; // the one before the last is still there, and the one that another client has read
    size_t count = feeds_of(fake);
    feeds_choose(session);
    assert_int_equal(feeds_of(fake), count);
    session->events.mask = CLASS_CALL;
    feeds_choose(session);
    assert_ptr_equal(session->view_feed, both);
}

static void test_all_answers_are_counted_for_the_hub(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "on"));

    assert_int_equal(fake->sessions->promiscuous, 0);
    session->events.autofilter = AUTOFILTER_OFF;
    feeds_choose(session);
    assert_true(session->view_feed->everything);
    assert_int_equal(fake->sessions->promiscuous, 1);
    session->events.autofilter = AUTOFILTER_UNIQUE;
    feeds_choose(session);
    assert_int_equal(fake->sessions->promiscuous, 0);
    assert_int_equal(feeds_of(fake), 1);
}

static void test_a_feed_is_noted_once_as_grown(void **state)
{
    struct fake *fake = *state;
    struct session *session = fake_session(fake, fake_login(fake, "anna", "on"));
    struct view_feed *feed = session->view_feed;

    assert_null(fake->sessions->grown.first);
    feeds_grew(fake->sessions, feed);
    feeds_grew(fake->sessions, feed);
    assert_ptr_equal(fake->sessions->grown.first, &feed->grown);
    assert_null(feed->grown.next);
    feeds_mark_readers(fake->sessions);
    assert_false(feed->grew);
    assert_ptr_equal(fake->sessions->dirty.first, &session->links.dirty);
    feeds_grew(fake->sessions, feed); // while it is still in the list: it is not added again
    assert_null(feed->grown.next);
    feeds_move(session, NULL); // frees it, and takes it out of the list
    assert_null(fake->sessions->grown.first);
}

static void test_readers_of_a_format_that_fails_end(void **state)
{
    struct fake *fake = *state;
    size_t good = fake_login(fake, "anna", "on"), bad = fake_login(fake, "anna", "on");
    size_t too = fake_login(fake, "anna", "on");

    fake_session(fake, bad)->format.output = fake_session(fake, too)->format.output = &fake_bad;
    feeds_choose(fake_session(fake, bad));
    feeds_choose(fake_session(fake, too));
    fake_deliver(fake, HANGUP, NULL, ENTRY_EVENT, false);
    assert_null(fake_session(fake, bad));
    assert_null(fake_session(fake, too));
    assert_string_equal(fake_read(fake, good), HANGUP);
    assert_int_equal(feeds_of(fake), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_who_wants_the_same_reads_the_same_feed),  FAKE_TEST(test_the_mask_is_cut_to_the_users_rights),
        FAKE_TEST(test_a_feed_ends_with_its_last_reader),        FAKE_TEST(test_a_feed_stays_while_all_are_walked),
        FAKE_TEST(test_who_moves_keeps_what_was_not_read),       FAKE_TEST(test_all_answers_are_counted_for_the_hub),
        FAKE_TEST(test_one_client_leaves_few_kept_feeds_behind), FAKE_TEST(test_a_feed_is_noted_once_as_grown),
        FAKE_TEST(test_readers_of_a_format_that_fails_end),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
