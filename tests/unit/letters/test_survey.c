// tests/unit/letters/test_survey.c: the answers of all workers are put together.
#include "letters/survey.h"

#include "base/memory.h"
#include "unit/ami/parse.h"

static void add_script(struct survey_items *items, const char *kind, const char *name, uint64_t seen)
{
    survey_add(items, (struct survey_item){.kind = kind, .name = memory_text(name), .counts = {[SURVEY_SEEN] = seen}});
}

static void equal_scripts_become_one(void **state)
{
    (void)state;
    struct survey_items items = {0};

    survey_merge(&items);
    assert_int_equal(items.count, 0);
    add_script(&items, "filter", "b", 1);
    add_script(&items, "proxy action", "b", 5);
    add_script(&items, "filter", "a", 10);
    add_script(&items, "filter", "b", 2);
    add_script(&items, "filter", "b", 4);
    survey_merge(&items);
    assert_int_equal(items.count, 3);
    assert_string_equal(items.list[0].name, "a");
    assert_int_equal(items.list[0].counts[SURVEY_SEEN], 10);
    assert_string_equal(items.list[1].name, "b");
    assert_int_equal(items.list[1].counts[SURVEY_SEEN], 7);
    assert_string_equal(items.list[2].kind, "proxy action");
    survey_items_fini(&items);
}

static void the_highest_ranks_are_kept(void **state)
{
    (void)state;
    struct survey_items items = {0};

    for (uint64_t i = 0; i < 100; i++)
        survey_add(&items, (struct survey_item){.rank = i * 37 % 100, .session = i});
    survey_choose(&items, 3);
    assert_int_equal(items.count, 3);
    assert_int_equal(items.list[0].rank, 99);
    assert_int_equal(items.list[2].rank, 97);
    survey_choose(&items, 10);
    assert_int_equal(items.count, 3);
    survey_items_fini(&items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_scripts_become_one),
                                       cmocka_unit_test(the_highest_ranks_are_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
