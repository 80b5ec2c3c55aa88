// tests/unit/base/test_handles.c: the handle of a removed object finds nothing, even when its slot is used again.
#include "base/handles.h"
#include "unit/test.h"

#define MANY 1000

static void test_f01_gone_is_never_found_again(void **state)
{
    (void)state;
    struct handles handles = {0};
    int first, second;

    struct handle old = handles_add(&handles, &first);
    assert_ptr_equal(handles_find(&handles, old), &first);
    handles_remove(&handles, old);
    assert_null(handles_find(&handles, old));
    struct handle fresh = handles_add(&handles, &second);
    assert_int_equal(fresh.slot, old.slot); // the same slot, but another generation
    assert_false(handle_equals(fresh, old));
    assert_null(handles_find(&handles, old));
    assert_ptr_equal(handles_find(&handles, fresh), &second);
    handles_remove(&handles, old); // a second time: nothing happens
    assert_ptr_equal(handles_find(&handles, fresh), &second);
    handles_fini(&handles);
    assert_null(handles_find(&handles, fresh));
}

static void test_f01_none_finds_nothing(void **state)
{
    (void)state;
    struct handles handles = {0};
    int object;

    assert_true(handle_is_none((struct handle){0}));
    assert_null(handles_find(&handles, (struct handle){0}));
    struct handle handle = handles_add(&handles, &object);
    assert_false(handle_is_none(handle));
    assert_null(handles_find(&handles, (struct handle){0}));
    assert_null(handles_find(&handles, (struct handle){handle.slot + 1, handle.generation}));
    handles_fini(&handles);
}

static void test_f01_many_come_and_go(void **state)
{
    (void)state;
    static int objects[MANY];
    static struct handle now[MANY], gone[MANY];
    struct handles handles = {0};

    for (int i = 0; i < MANY; i++)
        now[i] = handles_add(&handles, &objects[i]);
    for (int round = 0; round < 20; round++) {
        for (int i = round % 3; i < MANY; i += 3) {
            gone[i] = now[i];
            handles_remove(&handles, now[i]);
        }
        for (int i = round % 3; i < MANY; i += 3)
            now[i] = handles_add(&handles, &objects[i]);
        for (int i = 0; i < MANY; i++) {
            assert_ptr_equal(handles_find(&handles, now[i]), &objects[i]);
            assert_null(handles_find(&handles, gone[i]));
        }
    }
    assert_int_equal(handles.count, MANY); // slots are used again
    handles_fini(&handles);
}

static void test_f01_a_slot_ends_with_its_generations(void **state)
{
    (void)state;
    struct handles handles = {0};
    int object;
    struct handle handle = handles_add(&handles, &object);

    handles.slots[handle.slot].generation = handle.generation = UINT32_MAX;
    assert_ptr_equal(handles_find(&handles, handle), &object);
    handles_remove(&handles, handle);
    struct handle next = handles_add(&handles, &object);
    assert_int_not_equal(next.slot, handle.slot);
    assert_null(handles_find(&handles, handle));
    handles_fini(&handles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f01_gone_is_never_found_again),
        cmocka_unit_test(test_f01_none_finds_nothing),
        cmocka_unit_test(test_f01_many_come_and_go),
        cmocka_unit_test(test_f01_a_slot_ends_with_its_generations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
