// tests/unit/session/delivery/test_resume_id.c: ids of places in feeds are written, and read strictly.
#include "session/delivery/resume_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define EPOCH "0123456789ab"
#define TAG "0123456789abcdef01234567"

static void test_an_id_is_read(void **state)
{
    struct resume_id id;
    (void)state;

    assert_true(resume_id_parse(span_of(EPOCH ".3." TAG ".42"), &id));
    assert_string_equal(id.epoch, EPOCH);
    assert_int_equal(id.worker, 3);
    assert_string_equal(id.tag, TAG);
    assert_int_equal(id.number, 42);
}

static void test_anything_else_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        ".",
        "...",
        "42",
        EPOCH ".3." TAG,
        EPOCH ".3." TAG ".",
        EPOCH ".3." TAG ".42.",
        EPOCH ".3." TAG ".42.1",
        EPOCH ".3." TAG ".-1",
        EPOCH ".3." TAG ".18446744073709551615",
        EPOCH ".3." TAG ".18446744073709551616",
        EPOCH ".4294967296." TAG ".42",
        EPOCH "." TAG ".42",
        EPOCH "0.3." TAG ".42",
        EPOCH ".3." TAG "0.42",
        "0123456789aB.3." TAG ".42",
        " " EPOCH ".3." TAG ".42",
        EPOCH ".3." TAG ".42 ",
    };
    struct resume_id id;
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(resume_id_parse(span_of(wrong[i]), &id));
}

static void test_what_is_written_is_read(void **state)
{
    static const struct {
        uint32_t worker;
        uint64_t number;
        const char *text;
    } ids[] = {
        {0, 0, EPOCH ".0." TAG ".0"},
        {3, 9, EPOCH ".3." TAG ".9"},
        {63, 10, EPOCH ".63." TAG ".10"},
        {1, 1234567890, EPOCH ".1." TAG ".1234567890"},
        {UINT32_MAX, UINT64_MAX - 1, EPOCH ".4294967295." TAG ".18446744073709551614"},
    };
    char beginning[RESUME_ID_SIZE], text[RESUME_ID_SIZE];
    struct resume_id id;
    (void)state;

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        size_t length = resume_id_begin(beginning, EPOCH, ids[i].worker, TAG);
        struct span written = resume_id_write(text, (struct span){beginning, length}, ids[i].number);
        assert_string_equal(text, ids[i].text);
        assert_int_equal(written.length, strlen(ids[i].text));
        assert_true(resume_id_parse(written, &id));
        assert_int_equal(id.worker, ids[i].worker);
        assert_true(id.number == ids[i].number);
    }
}

static void test_random_digits(void **state)
{
    char one[RESUME_TAG_SIZE], other[RESUME_TAG_SIZE];
    (void)state;

    resume_id_random(one, sizeof one);
    resume_id_random(other, sizeof other);
    assert_int_equal(strlen(one), RESUME_TAG_SIZE - 1);
    assert_int_equal(strspn(one, "0123456789abcdef"), RESUME_TAG_SIZE - 1);
    assert_false(resume_id_is_tag(one, other));
    assert_true(resume_id_is_tag(one, one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_id_is_read),
        cmocka_unit_test(test_anything_else_is_refused),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_random_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
