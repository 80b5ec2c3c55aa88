// tests/unit/plugin/test_catalogue.c: the tables that plugins read.
#include "astmanproxy/plugin.h"
#include "unit/test.h"

#include <string.h>

static void test_actions(void **state)
{
    struct amp_action_info info = {.size = sizeof info};
    uint32_t count = 0;
    bool found = false;

    (void)state;
    for (; amp_action_info(count, &info); count++) {
        if (strcmp(info.name, "QueueStatus") == 0) {
            found = true;
            assert_string_equal(info.shape, "list");
            assert_string_equal(info.effect, "reads");
            assert_string_equal(info.completion, "QueueStatusComplete");
            assert_string_equal(info.items, "QueueParams QueueMember QueueEntry");
            assert_string_equal(info.classes, "");
        }
        if (strcmp(info.name, "Hangup") == 0)
            assert_string_equal(info.classes, "system,call");
    }
    assert_true(found && count > 150);
}

/** A plugin that was compiled with an older header has less room. */
static void test_a_shorter_struct_is_not_exceeded(void **state)
{
    struct amp_event_info info;

    (void)state;
    memset(&info, 0x5a, sizeof info);
    info.size = offsetof(struct amp_event_info, classes);
    const struct amp_event_info before = info;
    assert_true(amp_event_info(0, &info));
    assert_string_equal(info.name, "AgentCalled");
    assert_ptr_equal(info.classes, before.classes);
    info.size = 0;
    assert_true(amp_event_info(0, &info));
}

static void test_blocks_and_codes_end(void **state)
{
    uint32_t channel = 0, bridge = 0, codes = 0;

    (void)state;
    while (amp_event_block(false, channel) != NULL)
        channel++;
    while (amp_event_block(true, bridge) != NULL)
        bridge++;
    for (; amp_error_code_at(codes) != NULL; codes++) {
        for (uint32_t i = 0; i < codes; i++)
            assert_string_not_equal(amp_error_code_at(i), amp_error_code_at(codes));
    }
    assert_true(channel == 16 && bridge == 8 && codes > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_a_shorter_struct_is_not_exceeded),
        cmocka_unit_test(test_blocks_and_codes_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
