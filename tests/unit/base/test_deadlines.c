// tests/unit/base/test_deadlines.c: the earliest time comes first, after any times were set, changed and removed.
#include "base/deadlines.h"

#include "unit/test.h"

#define COUNT 200

/** Takes the first entry out. @return its time */
static uint64_t take_first(struct deadlines *deadlines)
{
    struct deadline *first = deadlines_first(deadlines);
    uint64_t due_ms = first->due_ms;

    deadlines_set(deadlines, first, DEADLINE_NEVER);
    assert_int_equal(first->place, 0);
    return due_ms;
}

static void test_i15_an_empty_heap_waits_for_nothing(void **state)
{
    struct deadlines deadlines = {0};
    struct deadline one = {0};
    (void)state;

    assert_null(deadlines_first(&deadlines));
    deadlines_set(&deadlines, &one, DEADLINE_NEVER);
    assert_null(deadlines_first(&deadlines));
    deadlines_set(&deadlines, &one, 7);
    assert_ptr_equal(deadlines_first(&deadlines), &one);
    assert_int_equal(take_first(&deadlines), 7);
    assert_null(deadlines_first(&deadlines));
    deadlines_fini(&deadlines);
}

static void test_i15_times_come_in_their_order(void **state)
{
    struct deadlines deadlines = {0};
    struct deadline entries[COUNT] = {0};
    uint64_t last = 0, number = 1;
    (void)state;

    for (int round = 0; round < 3; round++) { // set, then changed to other times
        for (int i = 0; i < COUNT; i++) {
            number = number * 6364136223846793005 + 1442695040888963407;
            deadlines_set(&deadlines, &entries[i], number >> 56); // many are the same
        }
    }
    for (int i = 0; i < COUNT; i += 3)
        deadlines_set(&deadlines, &entries[i], DEADLINE_NEVER);
    for (int left = COUNT - (COUNT + 2) / 3; left > 0; left--) {
        uint64_t due_ms = take_first(&deadlines);
        assert_true(due_ms >= last);
        last = due_ms;
    }
    assert_null(deadlines_first(&deadlines));
    deadlines_fini(&deadlines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i15_an_empty_heap_waits_for_nothing),
        cmocka_unit_test(test_i15_times_come_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
