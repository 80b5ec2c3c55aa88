// tests/unit/ami/test_events.c: the table of events.
#include "ami/events.h"
#include "ami/vocabulary.h"
#include "unit/test.h"

#include <string.h>

static void test_each_event_is_in_the_vocabulary(void **state)
{
    (void)state;
    assert_true(events_count() > 190);
    for (size_t i = 0; i < events_count(); i++) {
        const struct event_info *event = events_at(i);
        const char *known = vocabulary_event(span_of(event->name));
        if (known == NULL || strcmp(known, event->name) != 0)
            fail_msg("%s is in the table of events; the vocabulary has %s", event->name,
                     known == NULL ? "none" : known);
        assert_true(strlen(event->classes) > 0);
        assert_true(strspn(event->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                    strlen(event->name));
    }
}

static void test_the_own_events_are_the_last(void **state)
{
    (void)state;
    assert_string_equal(events_at(0)->name, "AgentCalled");
    assert_string_equal(events_at(0)->channels, ". Dest");
    assert_false(events_is_own(events_at(0)));
    assert_string_equal(events_at(events_count() - 1)->name, "ProxyShutdown");
    assert_true(events_is_own(events_at(events_count() - 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_event_is_in_the_vocabulary),
        cmocka_unit_test(test_the_own_events_are_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
