// tests/unit/ami/test_scan.c: the pass over many bytes at a time finds the same as a search byte by byte, also by the
// code for processors without wide registers, which is never chosen where the tests mostly run.
#include "core/ami/scan.c" // NOLINT(bugprone-suspicious-include): in place of the library's
#include "unit/test.h"

#include <stdlib.h>

static uint32_t random_of(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

struct hits {
    size_t places[1000];
    uint32_t count, stop;
};

/** Remembers the place. Stops at each `stop`-th one (0: at none); the next call reports it again. */
static bool take(void *context, size_t at)
{
    struct hits *hits = context;

    if (hits->count > 0 && hits->places[hits->count - 1] == at)
        return true;
    assert_true(hits->count < sizeof hits->places / sizeof *hits->places);
    hits->places[hits->count++] = at;
    return hits->stop == 0 || hits->count % hits->stop != 0;
}

/** scan_run() as on a processor without wide registers. */
static bool run_narrow(struct scan *scan, struct span bytes, scan_take *take_hit, void *context)
{
    return (bytes.length > STEP + THIRD && scan_steps_plainly(scan, bytes, take_hit, context)) ||
           scan_plainly(scan, bytes, take_hit, context);
}

/** Runs a pass, and the one byte by byte, over `length` bytes, which end where readable memory ends. */
static void compare_pass(bool (*run)(struct scan *, struct span, scan_take *, void *), const char *bytes, size_t length,
                         uint32_t stop)
{
    struct scan fast = {.at = 1, .letters = {'a', 'p'}, .thirds = {'t', 'i'}}, plain = fast;
    static struct hits by_fast, by_plain;
    struct span all = {bytes, length};
    bool is_stopped;

    by_fast = (struct hits){.stop = stop};
    by_plain = (struct hits){.stop = stop};
    do {
        is_stopped = run(&fast, all, take, &by_fast);
        assert_true(is_stopped == scan_plainly(&plain, all, take, &by_plain));
        assert_true(fast.at == plain.at && fast.lines == plain.lines && fast.is_untidy == plain.is_untidy);
        assert_int_equal(by_fast.count, by_plain.count);
        assert_memory_equal(by_fast.places, by_plain.places, by_fast.count * sizeof by_fast.places[0]);
    } while (is_stopped);
    assert_int_equal(fast.at, length);
}

static void compare(const char *bytes, size_t length, uint32_t stop)
{
    compare_pass(scan_run, bytes, length, stop);
    compare_pass(run_narrow, bytes, length, stop);
}

static void test_all_lengths_and_places(void **state)
{
    static const char alphabet[] = "aApPtTiI\r\n\r\n\r\n\n\n\n:x \xff\x80";
    uint32_t seed = 1;
    (void)state;

    for (size_t round = 0; round < 3000; round++) {
        size_t length = 1 + random_of(&seed) % 200;
        char *bytes = malloc(length); // so that the sanitizer sees a byte too many
        for (size_t i = 0; i < length; i++)
            bytes[i] = alphabet[random_of(&seed) % (sizeof alphabet - 1)];
        compare(bytes, length, (uint32_t)(round % 4));
        free(bytes);
    }
}

static void test_i15_finds_a_line_by_two_letters(void **state)
{
    static const char alphabet[] = "eEvV\n\n\n:x \xff\x80";
    uint32_t seed = 7;
    (void)state;

    for (size_t round = 0; round < 3000; round++) {
        size_t length = 1 + random_of(&seed) % 200, from = 1 + random_of(&seed) % 8, at = from;
        char *bytes = malloc(length); // so that the sanitizer sees a byte too many
        for (size_t i = 0; i < length; i++)
            bytes[i] = alphabet[random_of(&seed) % (sizeof alphabet - 1)];
        while (at + 2 < length && (bytes[at - 1] != '\n' || (bytes[at] | 0x20) != 'e' || (bytes[at + 2] | 0x20) != 'v'))
            at++;
        size_t wanted = at + 2 < length ? at : length;
        struct span all = {bytes, length};
        assert_int_equal(scan_find(all, from, 'e', 'v'), wanted);
        if (length > STEP + THIRD) // no line begins in the last bytes, which have no third one
            assert_int_equal(find_steps_plainly(all, from, 'e', 'v'), wanted < length ? wanted : length - THIRD);
        free(bytes);
    }
}

static void test_many_lines_without_a_hit(void **state)
{
    static char bytes[100000];
    (void)state;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = "x\r\n"[i % 3];
    compare(bytes, sizeof bytes, 0);
    memset(bytes, '\n', sizeof bytes);
    compare(bytes, sizeof bytes, 0);
}

static void test_goes_on_with_more_bytes(void **state)
{
    static const char bytes[] = "Event: A\r\nPrivilege: call,all\r\nActionID: 1\r\nb: 2\r\n\r\n";
    struct scan scan = {.at = 1, .letters = {'a', 'p'}, .thirds = {'t', 'i'}};
    struct hits hits = {0};
    (void)state;

    for (size_t length = 1; length < sizeof bytes; length++)
        assert_false(scan_run(&scan, (struct span){bytes, length}, take, &hits));
    assert_int_equal(scan.lines, 5);
    assert_false(scan.is_untidy);
    assert_int_equal(hits.count, 3); // Privilege, ActionID, the blank line
    assert_int_equal(bytes[hits.places[2]], '\r');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_lengths_and_places),
        cmocka_unit_test(test_i15_finds_a_line_by_two_letters),
        cmocka_unit_test(test_many_lines_without_a_hit),
        cmocka_unit_test(test_goes_on_with_more_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
