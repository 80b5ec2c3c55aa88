// tests/unit/base/test_list.c: a list keeps its order, and a walk meets all objects that are still on it.
#include "base/list.h"
#include "unit/test.h"

#define MOST 8

struct thing {
    int number;
    struct list_node node;
};

/** The numbers in their order, forwards, which must be the same backwards. */
static void expect(const struct list_head *list, const int *numbers, int count)
{
    struct list_node *node = list->first;

    for (int i = 0; i < count; i++, node = node->next) {
        assert_non_null(node);
        assert_int_equal(LIST_OBJECT(node, struct thing, node)->number, numbers[i]);
    }
    assert_null(node);
    node = list->last;
    for (int i = count; i > 0; i--, node = node->previous) {
        assert_non_null(node);
        assert_int_equal(LIST_OBJECT(node, struct thing, node)->number, numbers[i - 1]);
    }
    assert_null(node);
}

#define EXPECT(list, ...) \
    expect(list, (const int[]){__VA_ARGS__}, (int)(sizeof(const int[]){__VA_ARGS__} / sizeof(int)))

static void fill(struct list_head *list, struct thing *things)
{
    *list = (struct list_head){0};
    for (int i = 0; i < MOST; i++) {
        things[i] = (struct thing){.number = i};
        if (i < 4)
            list_add_last(list, &things[i].node);
    }
}

static void test_adds_at_both_ends_and_removes_anywhere(void **state)
{
    (void)state;
    struct list_head list;
    struct thing things[MOST];

    fill(&list, things);
    EXPECT(&list, 0, 1, 2, 3);
    list_add_first(&list, &things[4].node);
    EXPECT(&list, 4, 0, 1, 2, 3);
    list_remove(&list, &things[1].node);
    EXPECT(&list, 4, 0, 2, 3);
    list_remove(&list, &things[4].node);
    list_remove(&list, &things[3].node);
    EXPECT(&list, 0, 2);
    list_remove(&list, &things[3].node); // not on it
    EXPECT(&list, 0, 2);
    assert_true(list_has(&list, &things[0].node));
    assert_false(list_has(&list, &things[3].node));
    list_add_after(&list, &things[0].node, &things[1].node);
    list_add_after(&list, &things[2].node, &things[3].node);
    list_add_after(&list, NULL, &things[4].node);
    EXPECT(&list, 4, 0, 1, 2, 3);
}

static void test_is_empty_at_both_ends_of_its_life(void **state)
{
    (void)state;
    struct list_head list = {0};
    struct thing thing = {.number = 7};

    assert_null(list_take_first(&list));
    list_add_first(&list, &thing.node);
    EXPECT(&list, 7);
    assert_ptr_equal(list_take_first(&list), &thing.node);
    expect(&list, NULL, 0);
    assert_false(list_has(&list, &thing.node));
    list_add_last(&list, &thing.node); // and again
    EXPECT(&list, 7);
}

/** Removes `gone` while the walk is at `at`. @return a number with one digit for each object that was met */
static int walk_without(int at, int gone)
{
    struct list_head list;
    struct thing things[MOST];
    struct list_walk walk;
    struct list_node *node;
    int met = 9;

    fill(&list, things);
    list_begin(&walk, &list);
    while ((node = list_step(&walk)) != NULL) {
        int number = LIST_OBJECT(node, struct thing, node)->number;
        met = met * 10 + number;
        if (number == at)
            list_remove(&list, &things[gone].node);
    }
    assert_null(list.walks);
    return met;
}

static void test_a_walk_meets_all_that_are_still_there(void **state)
{
    (void)state;
    assert_int_equal(walk_without(1, 1), 90123); // itself
    assert_int_equal(walk_without(1, 2), 9013);  // the next
    assert_int_equal(walk_without(1, 3), 9012);  // a later one
    assert_int_equal(walk_without(2, 0), 90123); // one that it has met
    assert_int_equal(walk_without(2, 3), 9012);  // the next, which is the last
}

static void test_a_walk_meets_what_comes_behind_it(void **state)
{
    (void)state;
    struct list_head list;
    struct thing things[MOST];
    struct list_walk walk;
    int met = 0;

    fill(&list, things);
    list_begin(&walk, &list);
    for (struct list_node *node; (node = list_step(&walk)) != NULL; met++) {
        if (node == &things[0].node)
            list_add_first(&list, &things[5].node); // not met
        if (node == &things[3].node)
            list_add_last(&list, &things[6].node); // met, because it is behind the walk's place
    }
    assert_int_equal(met, 5);
    EXPECT(&list, 5, 0, 1, 2, 3, 6);
}

static void test_walks_inside_walks(void **state)
{
    (void)state;
    struct list_head list;
    struct thing things[MOST];
    struct list_walk outer, inner;
    struct list_node *node;
    int met = 0;

    fill(&list, things);
    list_begin(&outer, &list);
    while (list_step(&outer) != NULL) {
        met++;
        list_begin(&inner, &list);
        while ((node = list_step(&inner)) != NULL) {
            if (node == &things[2].node)
                break;
        }
        if (node != NULL)
            list_end(&inner); // before its end
        list_remove(&list, &things[1].node);
    }
    assert_int_equal(met, 3);
    assert_null(list.walks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adds_at_both_ends_and_removes_anywhere),
        cmocka_unit_test(test_is_empty_at_both_ends_of_its_life),
        cmocka_unit_test(test_a_walk_meets_all_that_are_still_there),
        cmocka_unit_test(test_a_walk_meets_what_comes_behind_it),
        cmocka_unit_test(test_walks_inside_walks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
