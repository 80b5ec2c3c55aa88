// tests/unit/ami/test_fingerprint.c: equal texts have equal fingerprints, whatever their ActionID; others have others.
#include "ami/fingerprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct fingerprint of_event(const char *channel, const char *id)
{
    struct message_builder builder;
    struct fingerprint result;
    struct message *message;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "OriginateResponse");
    if (id != NULL)
        message_addf(&builder, "ActionID", "%s", id);
    message_addf(&builder, "Channel", "%s", channel);
    message = message_build(&builder);
    result = fingerprint_of_message(message);
    message_unref(message);
    return result;
}

static void test_an_action_id_makes_no_difference(void **state)
{
    struct fingerprint plain = of_event("SIP/1", NULL), with = of_event("SIP/1", "7"), other = of_event("SIP/2", NULL);
    (void)state;

    assert_int_equal(fingerprint_compare(&plain, &with), 0);
    assert_int_not_equal(fingerprint_compare(&plain, &other), 0);
    assert_int_equal(fingerprint_compare(&plain, &other) < 0, fingerprint_compare(&other, &plain) > 0);
}

/** Another release of the program must come to the same: the first half of SHA-256. */
static void test_it_is_the_same_in_every_release(void **state)
{
    static const unsigned char expected[16] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                               0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23};
    struct fingerprint found = fingerprint_of(span_of("abc"));
    (void)state;

    assert_memory_equal(found.bytes, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_action_id_makes_no_difference),
        cmocka_unit_test(test_it_is_the_same_in_every_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
