// tests/unit/hub/test_shipment.c: subjects of exported messages.
#include "hub/shipment.h"

#include "letters/letters.h"
#include "unit/test.h"

#include <string.h>

static void subjects_have_names(void **state)
{
    static const struct {
        const char *pattern, *server, *event, *subject;
    } cases[] = {
        {"ami.{server}.{event}", "pbx1", "Hangup", "ami.pbx1.Hangup"},
        {"ami.{server}.{event}", "PBX.Main", "User Event", "ami.pbx%2emain.User%20Event"},
        {"all", "pbx1", "Hangup", "all"},
        {"{event}", "", "", "-"},
        {"x{server}{server}y.{event}", "a", "b", "xaay.b"},
        {"{event}.{event}", "a", "*>", "%2a%3e.%2a%3e"},
    };
    char text[SHIPMENT_SUBJECT_BYTES];
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = shipment_subject(cases[i].pattern, span_of(cases[i].server), span_of(cases[i].event), text);
        assert_int_equal(length, strlen(cases[i].subject));
        assert_string_equal(text, cases[i].subject);
    }
}

static void long_subjects_do_not_fit(void **state)
{
    char text[SHIPMENT_SUBJECT_BYTES], name[128], pattern[64] = "";
    (void)state;

    memset(name, '*', sizeof name);
    for (int i = 0; i < 3; i++)
        strcat(pattern, "{event}.");
    strcat(pattern, "x");
    assert_int_equal(shipment_subject(pattern, span_of(""), (struct span){name, sizeof name}, text), 0);
    assert_true(shipment_subject("{event}", span_of(""), (struct span){name, sizeof name}, text) > 0);
    assert_int_equal(shipment_subject("{nonsense}", span_of(""), span_of(""), text), 0);
}

static void without_a_bus_nothing_is_taken(void **state)
{
    struct shipment shipment = {.subject = NULL};
    (void)state;

    shipment_publish(&shipment, NULL);
    assert_true(shipment.is_down);
    assert_int_equal(shipment.taken, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subjects_have_names),
        cmocka_unit_test(long_subjects_do_not_fit),
        cmocka_unit_test(without_a_bus_nothing_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
