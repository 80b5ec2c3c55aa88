// tests/unit/session/delivery/test_feed_shared.c: feeds that show the same messages refer to one copy of their bytes,
// and a slow client does not hold the bytes that others have read.
#include "session/delivery/feed.h"
#include "session/delivery/feed_block.h"
#include "session/delivery/feed_chunk.h"
#include "session/delivery/feed_past.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MESSAGE_BYTES 1000

struct fixture {
    struct feed_block *block;
    struct feed feed;
    struct feed_cursor cursor;
    char *text; // what the cursor must read
    size_t length, written;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->block = feed_block_create((size_t)1 << 20);
    f->text = malloc((size_t)1 << 20);
    feed_init(&f->feed);
    feed_enter(&f->feed, &f->cursor);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    feed_leave(&f->cursor);
    feed_fini(&f->feed);
    assert_int_equal(f->block->references, 1);
    feed_block_unref(f->block);
    free(f->text);
    free(f);
    return 0;
}

static uint32_t encode(struct fixture *f, char letter)
{
    memset(f->block->bytes + f->block->used, letter, MESSAGE_BYTES);
    f->written += MESSAGE_BYTES;
    return feed_block_end_message(f->block, MESSAGE_BYTES);
}

/** Writes a message to the block. @param shown  the feed shows it */
static void message(struct fixture *f, char letter, bool shown)
{
    uint32_t index = encode(f, letter);

    if (!shown)
        return;
    feed_append_shared(&f->feed, f->block, index);
    memset(f->text + f->length, letter, MESSAGE_BYTES);
    f->length += MESSAGE_BYTES;
}

static void own(struct fixture *f, char letter)
{
    memset(f->text + f->length, letter, MESSAGE_BYTES);
    feed_append(&f->feed, f->text + f->length, MESSAGE_BYTES);
    f->length += MESSAGE_BYTES;
}

/** Reads `length` of the bytes that are expected. */
static void read_some(struct fixture *f, size_t length)
{
    struct iovec piece;
    size_t left = length;

    while (left > 0) {
        assert_int_equal(feed_peek(&f->cursor, f->feed.end, &piece, 1), 1);
        size_t part = piece.iov_len < left ? piece.iov_len : left;
        assert_memory_equal(piece.iov_base, f->text + length - left, part);
        feed_advance(&f->cursor, part);
        left -= part;
    }
    f->length -= length;
    memmove(f->text, f->text + length, f->length);
}

static void test_ranges_are_no_copies(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 100; i++)
        message(f, (char)('a' + i % 26), true);
    assert_ptr_equal(f->feed.first, f->feed.last);
    assert_ptr_equal(f->feed.last->bytes, f->block->bytes);
    assert_int_equal(feed_unread_messages(&f->cursor), 100);
    read_some(f, 2500);
    assert_int_equal(feed_rest_of_message(&f->cursor), 500);
    assert_int_equal(feed_unread_messages(&f->cursor), 97);
    read_some(f, f->length);
    feed_settle(&f->feed, true, f->written);
    assert_int_equal(f->block->references, 1);
}

static void test_order_of_ranges_gaps_and_own_bytes(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 200; i++) {
        if (i % 50 == 20)
            own(f, 'O');
        else
            message(f, (char)('a' + i % 26), i % 7 != 3);
        if (i % 60 == 59)
            feed_settle(&f->feed, false, f->written); // as it would be if the client were slow
    }
    uint64_t unread = feed_unread_messages(&f->cursor);
    assert_int_equal(unread * MESSAGE_BYTES, f->length);
    for (size_t part = 1; f->length > part; part += 777)
        read_some(f, part);
    read_some(f, f->length);
    assert_int_equal(feed_unread_messages(&f->cursor), 0);
    feed_settle(&f->feed, true, f->written);
    message(f, 'z', true); // it goes on behind that
    assert_ptr_equal(f->feed.first, f->feed.last);
    read_some(f, MESSAGE_BYTES);
}

static void test_a_slow_client_keeps_no_block_of_which_it_shows_little(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 30; i++)
        message(f, 'x', i < 10);
    read_some(f, 1500);
    assert_int_equal(f->block->references, 2);
    feed_settle(&f->feed, false, f->written);
    assert_int_equal(f->block->references, 1);
    assert_int_equal(feed_rest_of_message(&f->cursor), 500);
    own(f, 'y');
    read_some(f, f->length);
}

static void test_a_slow_client_shares_a_block_that_it_shows(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 30; i++)
        message(f, 'x', i > 2);
    feed_settle(&f->feed, false, f->written);
    assert_int_equal(f->block->references, 2);
    read_some(f, f->length);
    feed_settle(&f->feed, true, 0);
    assert_int_equal(f->block->references, 1);
}

static void test_short_ranges_become_copies(void **state)
{
    struct fixture *f = *state;
    int chunks = 0;

    for (int i = 0; i < 400; i++)
        message(f, (char)('a' + i % 26), i % 2 == 0);
    for (const struct feed_chunk *chunk = f->feed.first; chunk != NULL; chunk = chunk->next)
        chunks++;
    assert_true(chunks < 12); // not one for each message
    read_some(f, f->length);
}

static void test_a_kept_feed_has_copies(void **state)
{
    struct fixture *f = *state;
    atomic_size_t bytes = 0;
    struct feed_keeping keeping = {.bytes = &bytes, .slice_ms = 1000, .largest_chunk = (size_t)64 * 1024};

    feed_past_begin(&f->feed, &keeping);
    message(f, 'k', true);
    assert_int_equal(f->block->references, 1);
    assert_true(atomic_load(&bytes) > 0);
    read_some(f, f->length);
    feed_settle(&f->feed, true, f->written);
    struct feed_cursor past = {0};
    assert_true(feed_past_enter(&f->feed, &past, 0));
    assert_int_equal(feed_unread_messages(&past), 1);
    feed_leave(&past);
    feed_past_end(&f->feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ranges_are_no_copies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_order_of_ranges_gaps_and_own_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_slow_client_keeps_no_block_of_which_it_shows_little, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_slow_client_shares_a_block_that_it_shows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_short_ranges_become_copies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_kept_feed_has_copies, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
