// tests/unit/session/client/test_end.c: each reason of a session's end has words of its own, which the log's
// readers know, and a counter.
#include "session/client/end.h"
#include "unit/test.h"

#include <string.h>

static void test_each_reason_has_words_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < END_REASONS; i++) {
        const char *text = end_text((enum session_end_reason)i);
        assert_int_equal(text == NULL, i == END_CONNECTION_FAILED);
        for (int k = 0; text != NULL && k < i; k++) {
            const char *other = end_text((enum session_end_reason)k);
            assert_true(other == NULL || strcmp(text, other) != 0);
        }
    }
    assert_string_equal(end_text(END_OF_STREAM), "end of stream");
    assert_string_equal(end_text(END_LAST_ANSWER_UNREAD), "did not read its last answer");
}

static void test_each_counter_counts_what_it_says(void **state)
{
    static const struct {
        enum session_end_reason reason;
        enum metrics_end metric;
    } expected[] = {
        {END_FINISHED, METRICS_END_FINISHED},
        {END_OF_STREAM, METRICS_END_STREAM},
        {END_SLOW, METRICS_END_SLOW},
        {END_LAST_ANSWER_UNREAD, METRICS_END_SLOW},
        {END_IDLE, METRICS_END_IDLE},
        {END_NO_LOGIN, METRICS_END_NO_LOGIN},
        {END_MADE_ROOM, METRICS_END_NO_LOGIN},
        {END_PROXY_ENDS, METRICS_END_SHUTDOWN},
        {END_USER_REMOVED, METRICS_END_REMOVED},
        {END_TOKEN_OVER, METRICS_END_REMOVED},
    };
    int others = END_REASONS;
    (void)state;

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++, others--)
        assert_int_equal(end_metric(expected[i].reason), expected[i].metric);
    for (int i = 0; i < END_REASONS; i++)
        others -= end_metric((enum session_end_reason)i) == METRICS_END_ERROR;
    assert_int_equal(others, 0); // all else is an error
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_reason_has_words_of_its_own),
        cmocka_unit_test(test_each_counter_counts_what_it_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
