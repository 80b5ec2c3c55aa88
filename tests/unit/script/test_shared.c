// tests/unit/script/test_shared.c: the store of all workers: kinds of values, expiry, its limit, and several threads at
// once.
#include "script/shared.h"

#include "base/memory.h"
#include "unit/test.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TURNS 2000
#define THREADS 4

static enum shared_result put(struct script_shared *shared, const char *key, const char *text, bool only_new,
                              uint64_t life_ms, uint64_t now)
{
    struct shared_value value = {.kind = SHARED_TEXT, .text = span_of(text)};

    return shared_set(shared, span_of(key), &value, only_new, life_ms, now);
}

static bool is_text(struct script_shared *shared, const char *key, const char *text, uint64_t now)
{
    struct shared_value value = shared_get(shared, span_of(key), now);
    bool is_it = value.kind == SHARED_TEXT && span_equals(value.text, span_of(text));

    if (value.kind == SHARED_TEXT)
        memory_free(value.text.bytes);
    return is_it;
}

static void test_values_live_as_long_as_they_may(void **state)
{
    struct script_shared *shared = script_shared_create(4096);

    (void)state;
    assert_int_equal(shared_get(shared, span_of("a"), 0).kind, SHARED_NONE);
    assert_int_equal(put(shared, "a", "one", false, 0, 100), SHARED_OK);
    assert_int_equal(put(shared, "b", "two", false, 50, 100), SHARED_OK);
    assert_true(is_text(shared, "a", "one", 1000000));
    assert_true(is_text(shared, "b", "two", 149));
    assert_int_equal(shared_get(shared, span_of("b"), 150).kind, SHARED_NONE);
    assert_int_equal(put(shared, "a", "new", true, 0, 100), SHARED_EXISTS);
    assert_true(is_text(shared, "a", "one", 100));
    assert_int_equal(put(shared, "b", "new", true, 0, 150), SHARED_OK);
    assert_true(shared_delete(shared, span_of("a"), 150));
    assert_false(shared_delete(shared, span_of("a"), 150));
    script_shared_destroy(shared);
}

static void test_numbers_add_up(void **state)
{
    struct script_shared *shared = script_shared_create(4096);
    int64_t result;

    (void)state;
    assert_int_equal(shared_incr(shared, span_of("n"), 5, 0, 1, &result), SHARED_OK);
    assert_int_equal(shared_incr(shared, span_of("n"), -7, 0, 1, &result), SHARED_OK);
    assert_int_equal(result, -2);
    put(shared, "t", "text", false, 0, 1);
    assert_int_equal(shared_incr(shared, span_of("t"), 1, 0, 1, &result), SHARED_NO_NUMBER);
    assert_true(is_text(shared, "t", "text", 1));
    script_shared_destroy(shared);
}

static void test_a_full_store_refuses_and_keeps(void **state)
{
    struct script_shared *shared = script_shared_create(600);
    char big[1000];

    (void)state;
    memset(big, 'x', sizeof big);
    big[sizeof big - 1] = '\0';
    assert_int_equal(put(shared, "a", "small", false, 0, 1), SHARED_OK);
    uint64_t used = script_shared_bytes(shared);
    assert_int_equal(put(shared, "b", big, false, 0, 1), SHARED_FULL);
    assert_int_equal(put(shared, "a", big, false, 0, 1), SHARED_FULL);
    assert_true(is_text(shared, "a", "small", 1));
    assert_int_equal(script_shared_bytes(shared), used);
    script_shared_set_limit(shared, 4096);
    assert_int_equal(put(shared, "b", big, false, 0, 1), SHARED_OK);
    assert_true(shared_delete(shared, span_of("b"), 1));
    assert_int_equal(script_shared_bytes(shared), used); // all of it is given back
    script_shared_destroy(shared);
}

/** Returns the time of refused values, in a store with that many items which do not expire yet. */
static uint64_t time_of_refusals(unsigned items)
{
    struct script_shared *shared = script_shared_create(1 << 30);
    struct timespec from, to;
    char key[32];

    for (unsigned i = 0; i < items; i++) {
        (void)snprintf(key, sizeof key, "key %u", i);
        assert_int_equal(put(shared, key, "x", false, i % 2 == 0 ? 0 : 1000, 1), SHARED_OK);
    }
    script_shared_set_limit(shared, script_shared_bytes(shared));
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < 500; i++)
        assert_int_equal(put(shared, "another", "x", false, 5, 1000), SHARED_FULL);
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    assert_int_equal(put(shared, "another", "x", false, 5, 1001), SHARED_OK); // that of others has expired
    script_shared_destroy(shared);
    return (uint64_t)(to.tv_sec - from.tv_sec) * 1000000 + (uint64_t)(to.tv_nsec / 1000) -
           (uint64_t)(from.tv_nsec / 1000);
}

/** All workers wait for the lock meanwhile. */
static void test_a_full_store_refuses_quickly(void **state)
{
    (void)state;
    for (int tries = 0; tries < 20; tries++) // other programs spoil the caches
        if (time_of_refusals(32000) < 10 * time_of_refusals(1000) + 1000)
            return;
    fail_msg("each refusal looks at all items");
}

static void test_a_counter_finds_room_of_what_has_expired(void **state)
{
    struct script_shared *shared = script_shared_create(1 << 20);
    int64_t result;
    char key[32];

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof key, "key %u", i);
        assert_int_equal(put(shared, key, "x", false, i == 500 ? 10 : 0, 1), SHARED_OK);
    }
    script_shared_set_limit(shared, script_shared_bytes(shared));
    assert_int_equal(shared_incr(shared, span_of("n"), 1, 0, 10, &result), SHARED_FULL);
    assert_int_equal(shared_incr(shared, span_of("n"), 1, 0, 11, &result), SHARED_OK);
    script_shared_destroy(shared);
}

static void count_key(void *visitor, struct span key)
{
    int *count = visitor;

    assert_true(key.length >= 2 && memcmp(key.bytes, "k.", 2) == 0);
    ++*count;
}

static void test_keys_are_found_by_their_beginning(void **state)
{
    struct script_shared *shared = script_shared_create(1 << 16);
    int count = 0;

    (void)state;
    put(shared, "other", "x", false, 0, 1);
    put(shared, "k.1", "x", false, 0, 1);
    put(shared, "k.2", "x", false, 0, 1);
    put(shared, "k.3", "x", false, 10, 1);
    shared_keys(shared, span_of("k."), 11, 10, count_key, &count);
    assert_int_equal(count, 2); // one has expired
    count = 0;
    shared_keys(shared, span_of("k."), 1, 1, count_key, &count);
    assert_int_equal(count, 1);
    script_shared_destroy(shared);
}

static void *add_up(void *argument)
{
    int64_t result;

    for (int i = 0; i < TURNS; i++)
        shared_incr(argument, span_of("n"), 1, 0, 1, &result);
    return NULL;
}

static void test_no_step_is_lost_between_threads(void **state)
{
    struct script_shared *shared = script_shared_create(4096);
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_up, shared), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(shared_get(shared, span_of("n"), 1).integer, TURNS * THREADS);
    script_shared_destroy(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_live_as_long_as_they_may),
        cmocka_unit_test(test_numbers_add_up),
        cmocka_unit_test(test_a_full_store_refuses_and_keeps),
        cmocka_unit_test(test_a_full_store_refuses_quickly),
        cmocka_unit_test(test_a_counter_finds_room_of_what_has_expired),
        cmocka_unit_test(test_keys_are_found_by_their_beginning),
        cmocka_unit_test(test_no_step_is_lost_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
