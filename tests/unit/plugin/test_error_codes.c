// tests/unit/plugin/test_error_codes.c: codes of the texts of Errors.
#include "plugin/error_codes.h"
#include "unit/test.h"

#include <string.h>

static void assert_code(const char *text, enum amp_reason reason, const char *code)
{
    assert_string_equal(error_code_find(span_of(text), reason), code);
}

static void test_texts_have_codes(void **state)
{
    (void)state;
    assert_code("Unknown server: pbx9", AMP_REASON_NO_SERVER, "unknown-server");
    assert_code("Unknown server: ", AMP_REASON_NO_SERVER, "unknown-server");
    assert_code("Server a is down", AMP_REASON_NO_SERVER, "server-down");
    assert_code("Server is down was lost: x; the action was not sent", AMP_REASON_LOST, "server-down");
    assert_code("Server b was lost: end of stream; the action may have been executed", AMP_REASON_LOST, "server-lost");
    assert_code("Permission denied", AMP_REASON_NOT_LOGGED_IN, "not-logged-in");
    assert_code("Permission denied", AMP_REASON_DENIED, "permission-denied");
    assert_code("Too many sessions of this user", AMP_REASON_DENIED, "user-limit");
}

static void test_other_texts_have_the_code_of_their_reason(void **state)
{
    (void)state;
    assert_code("Not on Sundays", AMP_REASON_DENIED, "action-filtered");
    assert_code("", AMP_REASON_TIMEOUT, "timeout");
    assert_code("", AMP_REASON_NONE, "error");
    assert_code("", (enum amp_reason)99, "error");
    assert_string_equal(error_code_find((struct span){NULL, 0}, AMP_REASON_LOST), "server-lost");
}

static void test_each_row_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < error_code_count(); i++) {
        const struct error_code *row = error_code_at(i);
        if (strchr(row->text, '*') == NULL)
            assert_code(row->text, row->reason, row->code);
        assert_true(strspn(row->code, "abcdefghijklmnopqrstuvwxyz-") == strlen(row->code));
        for (size_t k = i + 1; k < error_code_count(); k++)
            assert_false(strcmp(row->text, error_code_at(k)->text) == 0 && row->reason == error_code_at(k)->reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_have_codes),
        cmocka_unit_test(test_other_texts_have_the_code_of_their_reason),
        cmocka_unit_test(test_each_row_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
