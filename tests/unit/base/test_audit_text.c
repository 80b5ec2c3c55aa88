// tests/unit/base/test_audit_text.c: each record is one line of JSON, whatever bytes it is of, and within its size.
#include "base/audit.h"

#include "unit/test.h"

static struct audit record;

static const char *finish(void)
{
    record.text[record.length] = '\0';
    return record.text;
}

static void test_texts_are_escaped(void **state)
{
    (void)state;

    audit_begin(&record, "x");
    assert_non_null(strstr(finish(), "Z\",\"event\":\"x\""));
    size_t head = record.length;
    audit_text(&record, "a", (struct span){"\"\\\n\x7f\xff\xc3\xa4\xed\xa0\x80", 10});
    audit_text(&record, "empty", (struct span){"", 0});
    audit_number(&record, "n", 7);
    assert_true(audit_begin_list(&record, "l"));
    audit_item(&record, span_of("A"), span_of("1"));
    audit_item(&record, span_of("B"), span_of("2"));
    audit_end_list(&record);
    assert_string_equal(finish() + head,
                        ",\"a\":\"\\\"\\\\\\u000a\\u007f\\ufffd\xc3\xa4\\ufffd\\ufffd\\ufffd\",\"n\":7,"
                        "\"l\":[\"A: 1\",\"B: 2\"]");
    assert_false(record.cut);
}

static void test_what_does_not_fit_is_cut(void **state)
{
    static char many[20000];
    (void)state;

    memset(many, 1, sizeof many);
    audit_begin(&record, "x");
    assert_true(audit_begin_list(&record, "l"));
    for (int i = 0; i < 100; i++)
        audit_item(&record, span_of("A"), (struct span){many, (size_t)i * 17});
    audit_end_list(&record);
    for (int i = 0; i < 100; i++)
        audit_text(&record, "a", (struct span){many, sizeof many});
    audit_number(&record, "n", UINT64_MAX);
    assert_true(record.cut && record.length + 16 < sizeof record.text);
    assert_true(record.text[record.length - 1] == '"');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_escaped),
        cmocka_unit_test(test_what_does_not_fit_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
