// tests/unit/ami/test_action_details.c: arguments and items of actions.
#include "ami/action_details.h"
#include "ami/catalogue.h"
#include "ami/vocabulary.h"
#include "unit/test.h"

#include <string.h>
#include <strings.h>

static void test_each_row_is_an_action_and_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < action_details_count(); i++) {
        const struct action_details *row = action_details_at(i);
        const struct action_info *action = catalogue_find(span_of(row->name));
        assert_non_null(action);
        assert_string_equal(action->name, row->name);
        assert_ptr_equal(action_details_find(row->name), row);
        assert_true(i == 0 || strcasecmp(action_details_at(i - 1)->name, row->name) < 0);
        if (row->items[0] != '\0')
            assert_true(action->shape == ANSWER_LIST || action->shape == ANSWER_EVENT);
    }
    assert_null(action_details_find("NoSuchAction"));
}

static void test_items_are_known_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < action_details_count(); i++) {
        for (const char *item = action_details_at(i)->items; *item != '\0'; item += strspn(item, " ")) {
            struct span name = {item, strcspn(item, " ")};
            if (strncmp(item, "Zap", 3) != 0 && vocabulary_event(name) == NULL)
                fail_msg("%s: %.*s is no event", action_details_at(i)->name, (int)name.length, name.bytes);
            item += name.length;
        }
    }
}

static void test_most_actions_have_details(void **state)
{
    size_t without = 0;

    (void)state;
    for (uint32_t i = 0; i < catalogue_count(); i++)
        without += action_details_find(catalogue_at(i)->name) == NULL;
    assert_true(without <= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_is_an_action_and_is_found),
        cmocka_unit_test(test_items_are_known_events),
        cmocka_unit_test(test_most_actions_have_details),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
