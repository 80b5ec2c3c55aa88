// tests/unit/script/test_source.c: texts of scripts: short, long, too long, and what is none.
#include "base/memory.h"
#include "script/source.h"

#include "unit/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/amp-source-XXXXXX";

static void write_bytes(size_t length)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (size_t i = 0; i < length; i++)
        assert_int_not_equal(fputc('a' + (int)(i % 26), file), EOF);
    assert_int_equal(fclose(file), 0);
}

static void every_length_is_read_whole(void **state)
{
    (void)state;
    static const size_t lengths[] = {
        0, 1, 16383, 16384, 16385, 32768, 500000, SCRIPT_SOURCE_BYTES - 1, SCRIPT_SOURCE_BYTES};
    size_t length;

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_bytes(lengths[i]);
        char *text = script_source_read(path, &length);
        assert_non_null(text);
        assert_int_equal(length, lengths[i]);
        assert_int_equal(strlen(text), length);
        if (length > 0)
            assert_int_equal(text[length - 1], 'a' + (int)((length - 1) % 26));
        free(text);
    }
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    size_t length;

    write_bytes(SCRIPT_SOURCE_BYTES + 1);
    assert_null(script_source_read(path, &length));
    assert_int_equal(errno, EFBIG);
    assert_null(script_source_read("/dev/zero", &length));
    assert_int_equal(errno, EFBIG);
}

static void what_cannot_be_read_has_a_reason(void **state)
{
    (void)state;
    size_t length;

    assert_null(script_source_read("/tmp/amp-source-that-is-not", &length));
    assert_int_equal(errno, ENOENT);
    assert_null(script_source_read("/tmp", &length));
    assert_int_equal(errno, EISDIR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_is_read_whole),
        cmocka_unit_test(what_is_too_long_is_refused),
        cmocka_unit_test(what_cannot_be_read_has_a_reason),
    };

    int made = mkstemp(path);
    if (made < 0)
        return 1;
    (void)close(made);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
