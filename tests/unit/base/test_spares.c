// tests/unit/base/test_spares.c: a thread gets the blocks again that it has given back, and keeps no more than it may.
#include "base/spares.h"

#include "unit/test.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static void test_i15_a_block_has_the_room_that_was_asked_for(void **state)
{
    spares_shelf shelf;
    (void)state;

    for (size_t size = 1; size <= 5000; size += 37) {
        char *block = spares_take(size, &shelf);
        memset(block, 1, size); // the sanitizers watch
        spares_give(block, shelf);
    }
    spares_end();
}

static void test_i15_a_block_is_used_again(void **state)
{
    spares_shelf shelf;
    void *first;
    (void)state;

    first = spares_take(300, &shelf);
    assert_int_not_equal(shelf, 0);
    spares_give(first, shelf);
#ifndef __SANITIZE_ADDRESS__
    assert_ptr_equal(spares_take(380, &shelf), first); // of the same shelf
    spares_give(first, shelf);
#endif
    spares_end();
}

static void test_i15_a_long_block_is_one_of_malloc(void **state)
{
    spares_shelf shelf;
    void *block;
    (void)state;

    block = spares_take(1 << 20, &shelf);
    assert_int_equal(shelf, 0);
    free(block);
}

static void test_i15_a_burst_leaves_no_more_than_a_mebibyte(void **state)
{
    enum { BLOCKS = 2000, BYTES = 1000 };
    static void *blocks[BLOCKS];
    spares_shelf shelf = 0;
    (void)state;

    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = spares_take(BYTES, &shelf);
    for (int i = 0; i < BLOCKS; i++)
        spares_give(blocks[i], shelf);
#ifndef __SANITIZE_ADDRESS__
    assert_in_range(spares_kept(), (1 << 20) - 1024, 1 << 20);
    spares_give(spares_take(BYTES, &shelf), shelf);
    assert_in_range(spares_kept(), (1 << 20) - 1024, 1 << 20);
#endif
    spares_end();
    assert_int_equal(spares_kept(), 0);
}

struct parcel {
    void *block;
    spares_shelf shelf;
};

static void *give_back(void *argument)
{
    struct parcel *parcel = argument;

    spares_give(parcel->block, parcel->shelf);
    spares_end();
    return NULL;
}

static void test_i15_another_thread_may_give_a_block_back(void **state)
{
    (void)state;

    for (int i = 0; i < 20; i++) {
        struct parcel parcel;
        pthread_t thread;
        parcel.block = spares_take(500, &parcel.shelf);
        memset(parcel.block, i, 500);
        assert_int_equal(pthread_create(&thread, NULL, give_back, &parcel), 0);
        pthread_join(thread, NULL);
    }
    spares_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i15_a_block_has_the_room_that_was_asked_for),
        cmocka_unit_test(test_i15_a_block_is_used_again),
        cmocka_unit_test(test_i15_a_long_block_is_one_of_malloc),
        cmocka_unit_test(test_i15_a_burst_leaves_no_more_than_a_mebibyte),
        cmocka_unit_test(test_i15_another_thread_may_give_a_block_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
