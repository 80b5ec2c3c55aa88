// tests/unit/script/test_set.c: sets of texts.
#include "script/set.h"

#include "unit/test.h"

#include <stdio.h>
#include <string.h>

static void test_texts_are_copied(void **state)
{
    struct set *set = set_create(false);
    char text[] = "tenant-a";

    (void)state;
    set_add(set, span_of(text));
    text[0] = 'T';
    assert_true(set_has(set, span_of("tenant-a")));
    assert_false(set_has(set, span_of("Tenant-a")));
    assert_false(set_has(set, span_of("tenant-")));
    set_add(set, span_of("tenant-a"));
    assert_int_equal(set->count, 1);
    set_add(set, span_of(""));
    assert_true(set_has(set, span_of("")));
    set_unref(set);
}

static void test_a_folded_set_has_no_case(void **state)
{
    struct set *set = set_create(true);

    (void)state;
    set_add(set, span_of("Hangup"));
    assert_true(set_has(set, span_of("hANGUP")));
    set_add(set, span_of("HANGUP"));
    assert_int_equal(set->count, 1);
    set_unref(set);
}

static void test_many_are_found_by_their_hash_too(void **state)
{
    struct set *set = set_create(false);
    char text[16];

    (void)state;
    for (int i = 0; i < 3000; i++) {
        snprintf(text, sizeof text, "%d", i);
        set_add(set, span_of(text));
    }
    assert_int_equal(set->count, 3000);
    for (int i = 0; i < 6000; i++) {
        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(set_has(set, span_of(text)), i < 3000);
        assert_int_equal(set_has_hashed(set, span_of(text), set_hash(span_of(text))), i < 3000);
    }
    set_unref(set);
}

static void test_the_last_reference_frees(void **state)
{
    struct set *set = set_create(false);

    (void)state;
    set_add(set, span_of("a"));
    assert_ptr_equal(set_ref(set), set);
    set_unref(set);
    assert_true(set_has(set, span_of("a")));
    set_unref(set);
    set_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_copied),
        cmocka_unit_test(test_a_folded_set_has_no_case),
        cmocka_unit_test(test_many_are_found_by_their_hash_too),
        cmocka_unit_test(test_the_last_reference_frees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
