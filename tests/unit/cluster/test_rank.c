// tests/unit/cluster/test_rank.c: the order of nodes: the same everywhere, evenly spread, and little moves.
#include "cluster/rank.h"

#include <stdio.h>

#include "unit/test.h"

#define SERVERS 200

static unsigned first_of(unsigned server, unsigned nodes, unsigned without)
{
    unsigned best = UINT32_MAX;
    char key[16], name[16], other[16];

    snprintf(key, sizeof key, "pbx%u", server);
    for (unsigned i = 0; i < nodes; i++) {
        snprintf(name, sizeof name, "n%u", i + 1);
        snprintf(other, sizeof other, "n%u", best + 1);
        struct member_id a = {span_of(name), 1, 1}, b = {span_of(other), 1, 1};
        if (i != without && (best == UINT32_MAX || rank_compare(span_of(key), &a, &b) > 0))
            best = i;
    }
    return best;
}

/** README.md has this number, too: releases that disagree about it would fight. */
static void test_it_is_the_same_in_every_release(void **state)
{
    (void)state;

    assert_true(rank_score(span_of("pbx1"), span_of("n1")) == UINT64_C(0x7b27736be47ca15c));
    assert_true(rank_score(span_of("pbx1"), span_of("n2")) == UINT64_C(0x2411259d60bfc364));
    assert_true(rank_score(span_of("a"), span_of("bc")) != rank_score(span_of("ab"), span_of("c")));
}

static void test_i17_200_servers_spread_over_three_nodes(void **state)
{
    unsigned counts[3] = {0};
    (void)state;

    for (unsigned i = 0; i < SERVERS; i++)
        counts[first_of(i, 3, UINT32_MAX)]++;
    for (unsigned i = 0; i < 3; i++)
        assert_in_range(counts[i], SERVERS / 3 * 8 / 10, SERVERS / 3 * 12 / 10);
}

static void test_a_node_that_goes_moves_only_its_own(void **state)
{
    (void)state;

    for (unsigned i = 0; i < SERVERS; i++) {
        unsigned before = first_of(i, 3, UINT32_MAX);
        if (before != 1)
            assert_int_equal(first_of(i, 3, 1), before);
    }
}

static void test_two_processes_of_a_node_have_an_order(void **state)
{
    struct member_id old = {span_of("n1"), 900, 1000}, young = {span_of("n1"), 5, 1001},
                     twin = {span_of("n1"), 6, 1001};
    struct member_id other = {span_of("n2"), 5, 1001};
    (void)state;

    assert_true(rank_compare(span_of("pbx1"), &young, &old) > 0);
    assert_true(rank_compare(span_of("pbx1"), &old, &young) < 0);
    assert_true(rank_compare(span_of("pbx1"), &twin, &young) > 0);
    assert_int_equal(rank_compare(span_of("pbx1"), &old, &old), 0);
    assert_true(member_equals(&old, &old));
    assert_false(member_equals(&young, &twin));
    assert_false(member_equals(&young, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_the_same_in_every_release),
        cmocka_unit_test(test_i17_200_servers_spread_over_three_nodes),
        cmocka_unit_test(test_a_node_that_goes_moves_only_its_own),
        cmocka_unit_test(test_two_processes_of_a_node_have_an_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
