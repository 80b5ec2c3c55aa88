// tests/unit/base/test_hash.c: the hash of all tables: known values of FNV-1a, names in any case, seeds.
#include "base/hash.h"
#include "unit/test.h"

static uint64_t of(const char *text)
{
    return hash_span(HASH_START, span_of(text));
}

static void test_known_values(void **state)
{
    (void)state;
    assert_true(of("") == UINT64_C(0xcbf29ce484222325));
    assert_true(of("a") == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(of("foobar") == UINT64_C(0x85944171f73967e8));
}

static void test_parts_are_the_whole(void **state)
{
    (void)state;
    assert_true(hash_span(hash_span(HASH_START, span_of("foo")), span_of("bar")) == of("foobar"));
    assert_true(hash_step(of("fooba"), 'r') == of("foobar"));
}

static void test_names_have_no_case(void **state)
{
    (void)state;
    assert_true(hash_name(HASH_START, span_of("ActionID")) == hash_name(HASH_START, span_of("actionid")));
    assert_true(hash_name(HASH_START, span_of("ActionID")) == of("actionid"));
    assert_true(hash_name(HASH_START, span_of("@[")) == of("@[")); // neighbours of the letters stay as they are
}

static void test_seeds_differ(void **state)
{
    (void)state;
    assert_true(hash_seed() != hash_seed());
}

static void test_mixed_low_bits_depend_on_all(void **state)
{
    bool seen[64] = {false};
    int different = 0;
    (void)state;

    for (uint64_t i = 0; i < 64; i++) { // keys that differ in high bits alone
        unsigned slot = (unsigned)(hash_mix(i << 48) & 63);
        different += !seen[slot];
        seen[slot] = true;
    }
    assert_true(different > 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_parts_are_the_whole),
        cmocka_unit_test(test_names_have_no_case),
        cmocka_unit_test(test_seeds_differ),
        cmocka_unit_test(test_mixed_low_bits_depend_on_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
