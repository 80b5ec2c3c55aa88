// tests/unit/session/test_feed.c: the feed: many cursors, one copy, and memory that goes when nobody needs it.
#include "session/delivery/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/** Reads everything unread of `cursor` into `text`. */
static void read_all(struct feed_cursor *cursor, char *text)
{
    struct iovec pieces[4];
    int count;

    while ((count = feed_peek(cursor, cursor->feed->end, pieces, 4)) > 0) {
        size_t taken = 0;
        for (int i = 0; i < count; i++) {
            memcpy(text + taken, pieces[i].iov_base, pieces[i].iov_len);
            taken += pieces[i].iov_len;
        }
        text += taken;
        feed_advance(cursor, taken);
    }
    *text = '\0';
}

static void test_cursor_reads_from_where_it_entered(void **state)
{
    struct feed feed;
    struct feed_cursor early = {0}, late = {0};
    char text[64];
    (void)state;

    feed_init(&feed);
    feed_enter(&feed, &early);
    feed_append(&feed, "one ", 4);
    feed_enter(&feed, &late);
    feed_append(&feed, "two ", 4);
    read_all(&early, text);
    assert_string_equal(text, "one two ");
    read_all(&late, text);
    assert_string_equal(text, "two ");
    feed_leave(&early);
    feed_leave(&late);
    feed_leave(&late); // on no feed: nothing happens
    feed_fini(&feed);
}

static void test_order_holds_over_many_chunks(void **state)
{
    struct feed feed;
    struct feed_cursor fast = {0}, slow = {0};
    static char expected[400000], got[400000];
    size_t length = 0;
    (void)state;

    feed_init(&feed);
    feed_enter(&feed, &fast);
    feed_enter(&feed, &slow);
    for (int i = 0; i < 30000; i++) {
        char message[16];
        int size = snprintf(message, sizeof message, "m%d\n", i);
        feed_append(&feed, message, (size_t)size);
        memcpy(expected + length, message, (size_t)size);
        length += (size_t)size;
        if (i % 100 == 0)
            feed_advance(&fast, feed.end - fast.position);
    }
    assert_int_equal(feed_unread_messages(&slow), 30000);
    read_all(&slow, got);
    assert_memory_equal(got, expected, length);
    assert_int_equal(feed_unread_messages(&slow), 0);
    feed_leave(&slow);
    feed_leave(&fast);
    feed_fini(&feed);
}

static void test_chunks_go_when_the_slowest_has_read_them(void **state)
{
    struct feed feed;
    struct feed_cursor slow = {0};
    static char message[3000];
    (void)state;

    memset(message, 'x', sizeof message);
    feed_init(&feed);
    feed_enter(&feed, &slow);
    for (int i = 0; i < 1000; i++)
        feed_append(&feed, message, sizeof message);
    assert_ptr_not_equal(feed.first, feed.last);
    feed_advance(&slow, feed.end - slow.position);
    assert_ptr_equal(feed.first, feed.last);
    feed_leave(&slow);
    feed_fini(&feed);
}

static void test_rest_of_message(void **state)
{
    struct feed feed;
    struct feed_cursor cursor = {0};
    (void)state;

    feed_init(&feed);
    feed_enter(&feed, &cursor);
    feed_append(&feed, "12345", 5);
    feed_append(&feed, "678", 3);
    assert_int_equal(feed_rest_of_message(&cursor), 0);
    assert_int_equal(feed_unread_messages(&cursor), 2);
    feed_advance(&cursor, 2);
    assert_int_equal(feed_rest_of_message(&cursor), 3);
    assert_int_equal(feed_unread_messages(&cursor), 1);
    feed_advance(&cursor, 3);
    assert_int_equal(feed_rest_of_message(&cursor), 0);
    feed_advance(&cursor, 3);
    assert_int_equal(feed_rest_of_message(&cursor), 0);
    assert_int_equal(feed_unread_messages(&cursor), 0);
    feed_leave(&cursor);
    feed_fini(&feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cursor_reads_from_where_it_entered),
        cmocka_unit_test(test_order_holds_over_many_chunks),
        cmocka_unit_test(test_chunks_go_when_the_slowest_has_read_them),
        cmocka_unit_test(test_rest_of_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
