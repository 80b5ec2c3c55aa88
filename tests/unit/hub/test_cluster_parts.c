// tests/unit/hub/test_cluster_parts.c: long messages in parts: whole ones, and what is missing, twice or too many.
#include "hub/cluster_inside.h"

#include "bus/letter.h"
#include "unit/test.h"

static bool add(struct parts *parts, unsigned part, unsigned count, const char *bytes, struct span *whole)
{
    struct message_builder head;
    struct bus_letter *letter;
    bool is_whole;

    message_builder_init(&head);
    message_addf(&head, "Part", "%u", part);
    message_addf(&head, "Parts", "%u", count);
    letter = bus_letter_of(0, "s", NULL, message_build(&head), span_of(bytes));
    assert_true(parts_has(letter));
    is_whole = parts_add(parts, letter, whole);
    bus_letter_destroy(NULL, letter);
    return is_whole;
}

static void test_i17_parts_become_whole(void **state)
{
    struct parts parts = {0};
    struct span whole;
    (void)state;

    assert_false(add(&parts, 1, 3, "one ", &whole));
    assert_false(add(&parts, 2, 3, "two ", &whole));
    assert_true(add(&parts, 3, 3, "three", &whole));
    assert_true(span_equals(whole, span_of("one two three")));
    assert_true(add(&parts, 1, 1, "alone", &whole));
    assert_true(span_equals(whole, span_of("alone")));
    parts_clear(&parts);
}

static void test_i17_a_message_with_a_missing_part_is_none(void **state)
{
    struct parts parts = {0};
    struct span whole;
    (void)state;

    assert_false(add(&parts, 1, 3, "a", &whole));
    assert_false(add(&parts, 3, 3, "c", &whole));
    assert_null(parts.bytes);
    assert_false(add(&parts, 2, 2, "b", &whole));
    assert_false(add(&parts, 1, 2, "a", &whole));
    assert_false(add(&parts, 1, 2, "A", &whole)); // it begins anew
    assert_true(add(&parts, 2, 2, "B", &whole));
    assert_true(span_equals(whole, span_of("AB")));
    assert_false(add(&parts, 3, 2, "x", &whole));
    parts_clear(&parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i17_parts_become_whole),
        cmocka_unit_test(test_i17_a_message_with_a_missing_part_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
