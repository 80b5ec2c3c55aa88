// tests/unit/plugins/test_http_nonce.c: the nonces of AJAM's digests: how long they live, who can make one, and which
// digest a session accepts next.
#include "unit/test.h"

#include <time.h>

static struct timespec now = {1000, 0};

static int nonce_clock(clockid_t clock, struct timespec *time)
{
    assert_int_equal(clock, CLOCK_BOOTTIME);
    *time = now;
    return 0;
}

#define clock_gettime nonce_clock
#include "plugins/http/ajam_nonce.c"
#undef clock_gettime
#include "plugins/http/ajam_sequence.c"
#include "plugins/http/text.c"

static struct ajam_nonce made(char text[AJAM_NONCE_DIGITS + 1])
{
    struct ajam_nonce nonce;
    assert_true(ajam_nonce_create(&nonce));
    ajam_nonce_text(&nonce, text);
    return nonce;
}

static void test_i16_nonce_lives_62_seconds(void **state)
{
    char text[AJAM_NONCE_DIGITS + 1];
    struct ajam_nonce nonce = made(text), read;
    (void)state;
    assert_int_equal(strlen(text), 80);
    now.tv_sec += 62;
    assert_true(ajam_nonce_read(text_of(text), &read));
    assert_true(ajam_nonce_is_fresh(&read));
    now.tv_sec++;
    assert_true(ajam_nonce_read(text_of(text), &read)); // still ours, so that its client hears `stale`
    assert_false(ajam_nonce_is_fresh(&read));
    assert_true(ajam_nonce_use(&nonce));
}

static void test_i16_nonce_with_any_other_digit_is_not_ours(void **state)
{
    char text[AJAM_NONCE_DIGITS + 1];
    struct ajam_nonce nonce = made(text), read;
    (void)state;
    assert_true(ajam_nonce_read(text_of(text), &read));
    assert_int_equal(read.made, nonce.made);
    assert_memory_equal(read.id, nonce.id, sizeof nonce.id);
    for (size_t i = 0; i < AJAM_NONCE_DIGITS; i++) {
        char right = text[i];
        text[i] = right == '0' ? '1' : '0';
        assert_false(ajam_nonce_read(text_of(text), &read));
        text[i] = right;
    }
    assert_false(ajam_nonce_read((struct amp_bytes){text, AJAM_NONCE_DIGITS - 1}, &read));
}

static void test_i16_nonce_begins_one_session(void **state)
{
    char text[AJAM_NONCE_DIGITS + 1];
    struct ajam_nonce nonce = made(text), other = made(text);
    (void)state;
    assert_true(ajam_nonce_use(&nonce));
    assert_false(ajam_nonce_use(&nonce));
    assert_true(ajam_nonce_use(&other));
}

static void test_i16_nonces_that_have_begun_sessions_are_limited(void **state)
{
    char text[AJAM_NONCE_DIGITS + 1];
    struct ajam_nonce nonce = made(text);
    (void)state;
    now.tv_sec += 63; // those of other tests are too old
    for (unsigned i = 0; i < AJAM_NONCE_MOST; i++) {
        nonce = made(text);
        assert_true(ajam_nonce_use(&nonce));
    }
    nonce = made(text);
    assert_false(ajam_nonce_use(&nonce));
    now.tv_sec += 63;
    nonce = made(text);
    assert_true(ajam_nonce_use(&nonce));
    assert_true(nonces.count < AJAM_NONCE_MOST);
}

static bool accepts(struct ajam_sequence *sequence, const char *text, const char *nc, char next[AJAM_NONCE_DIGITS + 1])
{
    struct amp_digest digest = {
        .size = sizeof digest, .user = text_of("dave"), .nonce = text_of(text), .nc = text_of(nc)};
    return ajam_sequence_accept(sequence, &digest, next);
}

static struct ajam_sequence *begun(const char *text, const char *nc)
{
    struct amp_digest digest = {
        .size = sizeof digest, .user = text_of("dave"), .nonce = text_of(text), .nc = text_of(nc)};
    struct ajam_sequence *sequence = ajam_sequence_create(&digest);
    assert_non_null(sequence);
    assert_true(ajam_sequence_is_of(sequence, &digest));
    digest.user = text_of("dav");
    assert_false(ajam_sequence_is_of(sequence, &digest));
    return sequence;
}

static void test_i16_number_of_a_digest_must_grow(void **state)
{
    char first[AJAM_NONCE_DIGITS + 1], next[AJAM_NONCE_DIGITS + 1], other[AJAM_NONCE_DIGITS + 1];
    (void)state;
    made(first);
    struct ajam_sequence *sequence = begun(first, "00000002");
    assert_true(accepts(sequence, first, "0000000a", next));
    assert_true(accepts(sequence, first, "fffffffF", next));
    assert_false(accepts(sequence, first, "fffffffe", next));
    assert_string_not_equal(first, next);
    assert_false(accepts(sequence, first, "ffffffff", other)); // the old one: its client is told the same next one
    assert_string_equal(next, other);
    assert_true(accepts(sequence, next, "00000001", other));
    assert_false(accepts(sequence, next, "00000001", other)); // sent again
    ajam_sequence_destroy(sequence);
}

static void test_i16_old_nonce_of_a_session_is_replaced(void **state)
{
    char first[AJAM_NONCE_DIGITS + 1], next[AJAM_NONCE_DIGITS + 1], last[AJAM_NONCE_DIGITS + 1];
    (void)state;
    made(first);
    struct ajam_sequence *sequence = begun(first, "1");
    now.tv_sec += 62;
    assert_true(accepts(sequence, first, "2", next));
    now.tv_sec++;
    assert_false(accepts(sequence, first, "3", next));
    now.tv_sec += 62;
    assert_true(accepts(sequence, next, "1", last));
    now.tv_sec++;
    assert_false(accepts(sequence, next, "2", last));
    ajam_sequence_destroy(sequence);
}

static void test_i16_nonce_without_numbers_is_good_once(void **state)
{
    char first[AJAM_NONCE_DIGITS + 1], next[AJAM_NONCE_DIGITS + 1], last[AJAM_NONCE_DIGITS + 1];
    (void)state;
    made(first);
    struct ajam_sequence *sequence = begun(first, ""); // RFC 2069
    assert_false(accepts(sequence, first, "", next));
    assert_true(accepts(sequence, next, "", last));
    assert_false(accepts(sequence, next, "", last));
    ajam_sequence_destroy(sequence);
}

static int begin(void **state)
{
    (void)state;
    return ajam_nonce_start() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i16_nonce_lives_62_seconds),
        cmocka_unit_test(test_i16_nonce_with_any_other_digit_is_not_ours),
        cmocka_unit_test(test_i16_nonce_begins_one_session),
        cmocka_unit_test(test_i16_nonces_that_have_begun_sessions_are_limited),
        cmocka_unit_test(test_i16_number_of_a_digest_must_grow),
        cmocka_unit_test(test_i16_old_nonce_of_a_session_is_replaced),
        cmocka_unit_test(test_i16_nonce_without_numbers_is_good_once),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
