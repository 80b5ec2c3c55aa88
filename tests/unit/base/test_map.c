// tests/unit/base/test_map.c: objects are found by text and scope, and by nothing else.
#include "base/map.h"

#include "base/memory.h"
#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#define MANY 5000

static void test_what_was_added_is_found_in_its_scope(void **state)
{
    struct map map;
    struct map_node one = {0}, two = {0};

    (void)state;
    map_init(&map, false);
    assert_null(map_find(&map, 0, span_of("a")));
    map_add(&map, &one, 0, span_of("a"));
    map_add(&map, &two, 1, span_of("a"));
    assert_ptr_equal(map_find(&map, 0, span_of("a")), &one);
    assert_ptr_equal(map_find(&map, 1, span_of("a")), &two);
    assert_null(map_find(&map, 2, span_of("a")));
    assert_null(map_find(&map, 0, span_of("A")));
    assert_null(map_find(&map, 0, span_of("")));
    map_remove(&map, &one);
    map_remove(&map, &one); // nothing more to remove
    assert_false(one.mapped);
    assert_null(map_find(&map, 0, span_of("a")));
    assert_ptr_equal(map_find(&map, 1, span_of("a")), &two);
    map_remove(&map, &two);
    assert_int_equal(map.count, 0);
    map_fini(&map);
}

static void test_the_latest_of_a_key_hides_the_others(void **state)
{
    struct map map;
    struct map_node one = {0}, two = {0};

    (void)state;
    map_init(&map, false);
    map_add(&map, &one, 0, span_of("a"));
    map_add(&map, &two, 0, span_of("a"));
    assert_ptr_equal(map_find(&map, 0, span_of("a")), &two);
    map_remove(&map, &two);
    assert_ptr_equal(map_find(&map, 0, span_of("a")), &one);
    map_remove(&map, &one);
    map_fini(&map);
}

static void test_a_folding_map_knows_no_case_of_ascii(void **state)
{
    struct map map;
    struct map_node one = {0};

    (void)state;
    map_init(&map, true);
    map_add(&map, &one, 0, span_of("SIP/Alice-\xc3\xa4"));
    assert_ptr_equal(map_find(&map, 0, span_of("sip/aLICE-\xc3\xa4")), &one);
    assert_null(map_find(&map, 0, span_of("sip/alice-\xc3\x84"))); // no letter of ASCII
    map_remove(&map, &one);
    map_fini(&map);
}

static void test_it_grows_and_loses_none(void **state)
{
    struct map map;
    struct map_node *nodes = memory_zero(MANY, sizeof *nodes);
    char(*keys)[16] = memory_zero(MANY, sizeof *keys);

    (void)state;
    map_init(&map, false);
    for (int i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof keys[i], "key-%d", i);
        map_add(&map, &nodes[i], (uint32_t)i % 3, span_of(keys[i]));
    }
    assert_int_equal(map.count, MANY);
    for (int i = 0; i < MANY; i += 2)
        map_remove(&map, &nodes[i]);
    assert_int_equal(map.count, MANY / 2);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(map_find(&map, (uint32_t)i % 3, span_of(keys[i])), i % 2 == 0 ? NULL : &nodes[i]);
    for (int i = 1; i < MANY; i += 2)
        map_remove(&map, &nodes[i]);
    assert_int_equal(map.count, 0);
    map_fini(&map);
    free(nodes);
    free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_added_is_found_in_its_scope),
        cmocka_unit_test(test_the_latest_of_a_key_hides_the_others),
        cmocka_unit_test(test_a_folding_map_knows_no_case_of_ascii),
        cmocka_unit_test(test_it_grows_and_loses_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
