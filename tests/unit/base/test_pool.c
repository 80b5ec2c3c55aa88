// tests/unit/base/test_pool.c: a pool returns blocks that were given back, up to its number.
#include "base/pool.h"

#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

static void test_i15_blocks_are_used_again(void **state)
{
    struct pool pool;
    void *first, *second;
    (void)state;

    pool_init(&pool, 100, 8);
    first = pool_take(&pool);
    memset(first, 1, 100);
    pool_give(&pool, first);
#ifndef __SANITIZE_ADDRESS__
    assert_int_equal(pool.kept, 1);
#endif
    second = pool_take(&pool);
    assert_int_equal(pool.kept, 0);
    free(second); // any block may go to free()
    pool_fini(&pool);
}

static void test_i15_a_pool_keeps_no_more_than_it_may(void **state)
{
    struct pool pool;
    void *blocks[5];
    (void)state;

    pool_init(&pool, sizeof(void *), 2);
    for (int i = 0; i < 5; i++)
        blocks[i] = pool_take(&pool);
    for (int i = 0; i < 5; i++)
        pool_give(&pool, blocks[i]);
    assert_true(pool.kept <= 2);
    pool_fini(&pool);
    assert_int_equal(pool.kept, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i15_blocks_are_used_again),
        cmocka_unit_test(test_i15_a_pool_keeps_no_more_than_it_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
