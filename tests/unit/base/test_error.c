// tests/unit/base/test_error.c: errors are cut at their size; a NULL error is allowed.
#include "base/error.h"
#include "unit/test.h"

#include <string.h>

static void formats(void **state)
{
    (void)state;
    struct error err = {""};
    assert_false(error_set(&err, "%s:%d: bad", "file", 3));
    assert_string_equal(err.text, "file:3: bad");
}

static void cuts_long_text(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, "%4000s", "x");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void nobody_listens(void **state)
{
    (void)state;
    assert_false(error_set(NULL, "%d", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(cuts_long_text),
        cmocka_unit_test(nobody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
