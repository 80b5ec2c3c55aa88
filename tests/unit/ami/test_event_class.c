// tests/unit/ami/test_event_class.c: Privilege headers, and event masks with each of Asterisk's quirks.
#include "ami/event_class.h"
#include "unit/test.h"

#define UNTOUCHED UINT32_C(0xdeadbeef)
#define ROWS(rows) (sizeof(rows) / sizeof *(rows))

static void masks_are_read_as_asterisk_does(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t mask;
    } rows[] = {
        {"0", 0},
        {"1", CLASS_SYSTEM}, // a bit mask, not "on"
        {"3", CLASS_SYSTEM | CLASS_CALL},
        {"007", 7},
        {"2147483647", CLASS_ALL},
        {"4294967296", 0}, // the low 32 bits
        {"4294967298", 2},
        {"no", 0},
        {"False", 0},
        {"N", 0},
        {"f", 0},
        {"OFF", 0},
        {"yes", CLASS_ALL},
        {"TRUE", CLASS_ALL},
        {"y", CLASS_ALL},
        {"T", CLASS_ALL},
        {"On", CLASS_ALL},
        {"all", CLASS_ALL},
        {"none", 0},
        {"call", CLASS_CALL},
        {"system,call", CLASS_SYSTEM | CLASS_CALL},
        {"call,none", CLASS_CALL},
        {"call,nonsense", CLASS_CALL},
        {"nonsense", 0},
        {"Call", 0},
        {"ALL", 0},
        {" call", 0},
        {"call ", 0},
        {"system, call", CLASS_SYSTEM},
        {"call,on", CLASS_CALL},
        {"-1", 0},
        {"12x", 0},
        {"c,user", CLASS_CALL | CLASS_COMMAND | CLASS_CONFIG | CLASS_CDR | CLASS_CC | CLASS_USER},
        {"s,user", CLASS_SYSTEM | CLASS_SECURITY | CLASS_USER},
        {"user,c", CLASS_USER}, // the last token is no prefix
        {"a,user", CLASS_ALL},  // "all" begins with it, too
        {"n,user", CLASS_USER},
        {"callx,user", CLASS_USER},
        {",call", CLASS_ALL},
        {"call,,user", CLASS_ALL},
        {",", CLASS_ALL},
        {"call,", CLASS_CALL},
        {"c,", CLASS_CALL | CLASS_COMMAND | CLASS_CONFIG | CLASS_CDR | CLASS_CC},
        {"1,2", 0},
        {"message", CLASS_MESSAGE},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint32_t mask = UNTOUCHED;
        if (!event_mask_parse(span_of(rows[i].text), &mask) || mask != rows[i].mask)
            fail_msg("%s: %#x instead of %#x", rows[i].text, mask, rows[i].mask);
    }
}

static void invalid_masks_change_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "", "2147483648", "4294967295", "9223372036854775807", "18446744073709551616", "99999999999999999999999999"};
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint32_t mask = UNTOUCHED;
        if (event_mask_parse(span_of(rows[i]), &mask) || mask != UNTOUCHED)
            fail_msg("%s: %#x", rows[i], mask);
    }
}

static void privileges_are_bits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t classes;
    } rows[] = {
        {"call,all", CLASS_CALL},
        {"system,user,all", CLASS_SYSTEM | CLASS_USER},
        {"Call", CLASS_CALL},
        {"System", CLASS_SYSTEM},
        {"call, user", CLASS_CALL | CLASS_USER},
        {"all", 0},
        {"<none>", 0},
        {"", 0},
        {"c,all", CLASS_UNKNOWN}, // no prefix here
        {"call,newer,all", CLASS_CALL | CLASS_UNKNOWN},
        {"none", 0},
        {",,,", 0},
        {"security,all", CLASS_SECURITY},
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        if (event_class_of_privilege(span_of(rows[i].text)) != rows[i].classes)
            fail_msg("%s", rows[i].text);
}

static void names_are_found_exactly(void **state)
{
    (void)state;
    uint32_t bits = UNTOUCHED;
    assert_true(event_class_find(span_of("dialplan"), &bits));
    assert_int_equal(bits, CLASS_DIALPLAN);
    assert_true(event_class_find(span_of("all"), &bits));
    assert_int_equal(bits, CLASS_ALL);
    assert_true(event_class_find(span_of("none"), &bits));
    assert_int_equal(bits, 0);
    bits = UNTOUCHED;
    assert_false(event_class_find(span_of("Call"), &bits));
    assert_false(event_class_find(span_of("cal"), &bits));
    assert_false(event_class_find(span_of(""), &bits));
    assert_int_equal(bits, UNTOUCHED);
}

static void all_bits_are_needed_to_see(void **state)
{
    (void)state;
    assert_true(event_class_visible(CLASS_SYSTEM | CLASS_USER, CLASS_ALL));
    assert_false(event_class_visible(CLASS_SYSTEM | CLASS_USER, CLASS_USER));
    assert_true(event_class_visible(CLASS_CALL | CLASS_UNKNOWN, CLASS_ALL));
    assert_false(event_class_visible(CLASS_CALL | CLASS_UNKNOWN, CLASS_CALL));
    assert_true(event_class_visible(0, 0));
}

static void what_anybody_may_have_written(void **state)
{
    (void)state;
    assert_true(event_is_user_event(span_of("UserEvent")));
    assert_true(event_is_user_event(span_of("usereventCalled"))); // Asterisk 1.2
    assert_false(event_is_user_event(span_of("UserEven")));
    assert_false(event_is_user_event(span_of("Newchannel")));
    assert_false(event_is_user_event(span_of("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_are_read_as_asterisk_does),
        cmocka_unit_test(invalid_masks_change_nothing),
        cmocka_unit_test(privileges_are_bits),
        cmocka_unit_test(names_are_found_exactly),
        cmocka_unit_test(all_bits_are_needed_to_see),
        cmocka_unit_test(what_anybody_may_have_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
