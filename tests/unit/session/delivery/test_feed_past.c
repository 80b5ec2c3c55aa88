// tests/unit/session/delivery/test_feed_past.c: what a feed keeps for clients that come back, and what it lets go of.
#include "session/delivery/feed_past.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct feed feed;
    struct feed_keeping keeping;
    atomic_size_t bytes;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.keeping = {.bytes = &fixture.bytes, .slice_ms = 100, .largest_chunk = 8192}};
    feed_init(&fixture.feed);
    feed_past_begin(&fixture.feed, &fixture.keeping);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    feed_fini(&fixture->feed);
    assert_int_equal(atomic_load(&fixture->bytes), 0); // all that was counted is taken off again
    return 0;
}

static void append(struct fixture *fixture, unsigned count, size_t length)
{
    static char bytes[4096];

    for (unsigned i = 0; i < count; i++) {
        snprintf(bytes, sizeof bytes, "%06u", (unsigned)fixture->feed.past->count + 1);
        feed_append(&fixture->feed, bytes, length);
    }
}

/** The number that the first unread message begins with; 0: there is none. */
static unsigned first_of(const struct feed_cursor *cursor)
{
    struct iovec piece;
    unsigned number = 0;

    if (feed_peek(cursor, cursor->feed->end, &piece, 1) == 1)
        sscanf(piece.iov_base, "%6u", &number);
    return number;
}

static void test_a_cursor_enters_behind_any_message_that_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct feed_cursor cursor = {0};

    append(fixture, 1000, 50);
    for (uint64_t number = 0; number <= 1000; number++) {
        assert_true(feed_past_enter(&fixture->feed, &cursor, number));
        assert_int_equal(feed_unread_messages(&cursor), 1000 - number);
        assert_int_equal(first_of(&cursor), number == 1000 ? 0 : number + 1);
        feed_leave(&cursor);
    }
    assert_false(feed_past_enter(&fixture->feed, &cursor, 1001));
}

static void test_the_oldest_is_dropped_first(void **state)
{
    struct fixture *fixture = *state;
    struct feed_cursor cursor = {0};
    uint64_t floor = 0;

    append(fixture, 1000, 50);
    size_t before = atomic_load(&fixture->bytes);
    while (fixture->feed.past->floor < 1000) {
        feed_past_drop_oldest(&fixture->feed);
        assert_true(fixture->feed.past->floor > floor);
        floor = fixture->feed.past->floor;
        assert_false(feed_past_enter(&fixture->feed, &cursor, floor - 1));
        assert_true(feed_past_enter(&fixture->feed, &cursor, floor));
        feed_leave(&cursor);
    }
    assert_true(atomic_load(&fixture->bytes) < before);
    feed_past_drop_oldest(&fixture->feed); // nothing is left
    assert_int_equal(feed_past_oldest_ms(&fixture->feed), UINT64_MAX);
    append(fixture, 1, 50);
    assert_true(feed_past_enter(&fixture->feed, &cursor, 1000));
    assert_int_equal(first_of(&cursor), 1001);
    feed_leave(&cursor);
}

static void test_who_reads_what_is_dropped_reads_on(void **state)
{
    struct fixture *fixture = *state;
    struct feed_cursor slow = {0};

    append(fixture, 1, 50);
    assert_true(feed_past_enter(&fixture->feed, &slow, 0));
    append(fixture, 999, 50);
    while (fixture->feed.past->floor < 1000)
        feed_past_drop_oldest(&fixture->feed);
    for (unsigned number = 1; number <= 1000; number++) {
        assert_int_equal(first_of(&slow), number);
        feed_advance(&slow, 50);
    }
    feed_leave(&slow);
}

static void test_a_chunk_spans_a_slice_of_time(void **state)
{
    struct fixture *fixture = *state;

    fixture->keeping.now_ms = 1000;
    append(fixture, 1, 10);
    fixture->keeping.now_ms = 1099;
    append(fixture, 1, 10);
    fixture->keeping.now_ms = 1100;
    append(fixture, 1, 10);
    assert_int_equal(feed_past_oldest_ms(&fixture->feed), 1099);
    feed_past_drop_oldest(&fixture->feed);
    assert_int_equal(fixture->feed.past->floor, 2);
    assert_int_equal(feed_past_oldest_ms(&fixture->feed), 1100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_cursor_enters_behind_any_message_that_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_oldest_is_dropped_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_reads_what_is_dropped_reads_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_chunk_spans_a_slice_of_time, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
