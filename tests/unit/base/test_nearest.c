// tests/unit/base/test_nearest.c: what a mistyped name means.
#include "base/nearest.h"

#include "unit/test.h"

static const char *const names[] = {"Hangup", "HangupRequest", "Newchannel", "ok", "timeout"};

static void assert_meant(const char *typed, const char *meant)
{
    const char *found = nearest_of(span_of(typed), names, sizeof names / sizeof *names);

    if (meant == NULL ? found != NULL : found == NULL || strcmp(found, meant) != 0)
        fail_msg("%s means %s, not %s", typed, meant == NULL ? "nothing" : meant, found == NULL ? "nothing" : found);
}

static void the_nearest_name_is_found(void **state)
{
    (void)state;
    assert_meant("Hangpu", "Hangup"); // two letters exchanged count once
    assert_meant("hangup", "Hangup");
    assert_meant("HangupReqest", "HangupRequest");
    assert_meant("NewChanel", "Newchannel");
    assert_meant("tiemout", "timeout");
    assert_meant("OK", "ok");
}

static void others_mean_nothing(void **state)
{
    char longest[NEAREST_LONGEST + 2];
    (void)state;
    assert_meant("", NULL);
    assert_meant("no", NULL);
    assert_meant("Bridge", NULL);
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_meant(longest, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(others_mean_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
