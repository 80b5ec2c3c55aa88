// tests/unit/exports/test_verdict.c: which answers are final, how long to wait, and the signature.
#include "exports/verdict.h"

#include "unit/test.h"

#include <string.h>

static void answers_are_judged(void **state)
{
    static const struct {
        unsigned status;
        enum export_verdict verdict;
    } cases[] = {
        {200, EXPORT_DELIVERED}, {204, EXPORT_DELIVERED}, {299, EXPORT_DELIVERED}, {0, EXPORT_FAILED},
        {301, EXPORT_FAILED},    {307, EXPORT_FAILED},    {400, EXPORT_REFUSED},   {401, EXPORT_FAILED},
        {403, EXPORT_FAILED},    {404, EXPORT_FAILED},    {405, EXPORT_REFUSED},   {408, EXPORT_FAILED},
        {409, EXPORT_REFUSED},   {410, EXPORT_REFUSED},   {413, EXPORT_REFUSED},   {415, EXPORT_REFUSED},
        {422, EXPORT_REFUSED},   {429, EXPORT_FAILED},    {500, EXPORT_FAILED},    {503, EXPORT_FAILED},
        {599, EXPORT_FAILED},    {999, EXPORT_FAILED},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (export_judge(cases[i].status) != cases[i].verdict)
            fail_msg("%u: %d", cases[i].status, (int)export_judge(cases[i].status));
    }
}

static void waits_grow_up_to_a_bound(void **state)
{
    static const uint64_t expected[] = {1000, 2000, 4000, 8000, 10000, 10000};
    (void)state;

    for (uint32_t failures = 1; failures <= 6; failures++) {
        uint64_t most = expected[failures - 1];
        assert_int_equal(export_wait(failures, 1000, 10000, 0, 0), most);
        for (uint32_t random = 0; random < 1000; random++) {
            uint64_t wait = export_wait(failures, 1000, 10000, 0, random);
            assert_true(wait <= most && wait >= most - most / 4);
        }
    }
    assert_int_equal(export_wait(UINT32_MAX, UINT64_C(86400000), UINT64_C(86400000), 0, 0), 86400000);
    assert_int_equal(export_wait(1, 1, 1, 0, 255), 1);
}

static void the_receiver_may_ask_for_a_longer_wait(void **state)
{
    (void)state;
    assert_int_equal(export_wait(1, 1000, 10000, 5000, 0), 5000);
    assert_int_equal(export_wait(1, 1000, 10000, 500, 0), 1000);
    assert_int_equal(export_wait(1, 1000, 10000, UINT64_C(3600000), 0), 10000);
}

// HMAC-SHA256 by `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key`.
static void bodies_are_signed(void **state)
{
    char text[SIGNATURE_SIZE], both[SIGNATURE_SIZE];
    struct span body = span_of("{\"a\":1}");
    (void)state;

    assert_string_equal(export_sign(text, 1700000000, body, NULL, NULL), "");
    export_sign(text, 1700000000, body, "key", NULL);
    assert_int_equal(strlen(text), strlen("t=1700000000,v1=") + 64);
    assert_memory_equal(text, "t=1700000000,v1=", 16);
    assert_string_equal(text + 16, "a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03");
    export_sign(both, 1700000000, body, "key", "old");
    assert_memory_equal(both, text, strlen(text));
    assert_memory_equal(both + strlen(text), ",v1=", 4);
    assert_int_equal(strlen(both), strlen(text) + 4 + 64);
    assert_memory_not_equal(both + 16, both + strlen(text) + 4, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(waits_grow_up_to_a_bound),
        cmocka_unit_test(the_receiver_may_ask_for_a_longer_wait),
        cmocka_unit_test(bodies_are_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
