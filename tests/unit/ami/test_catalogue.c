// tests/unit/ami/test_catalogue.c: the table is sorted and whole; what blocks depends on headers.
#include "ami/catalogue.h"
#include "ami/event_class.h"
#include "unit/ami/parse.h"

#define ACTIONS_OF_MASTER 154
#define ACTIONS_OF_OLDER 26

static void the_table_is_sorted(void **state)
{
    (void)state;
    assert_int_equal(catalogue_count(), ACTIONS_OF_MASTER + ACTIONS_OF_OLDER);
    for (uint32_t i = 1; i < catalogue_count(); i++)
        if (strcasecmp(catalogue_at(i - 1)->name, catalogue_at(i)->name) >= 0)
            fail_msg("%s stands before %s", catalogue_at(i - 1)->name, catalogue_at(i)->name);
}

static void every_row_is_found_and_makes_sense(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < catalogue_count(); i++) {
        const struct action_info *info = catalogue_at(i);
        char upper[64];
        size_t length = strlen(info->name);
        assert_true(length < sizeof upper);
        for (size_t k = 0; k <= length; k++)
            upper[k] = (char)(info->name[k] >= 'a' && info->name[k] <= 'z' ? info->name[k] - 32 : info->name[k]);
        assert_ptr_equal(catalogue_find(span_of(upper)), info);
        assert_ptr_not_equal(catalogue_find((struct span){upper, length - 1}), info);
        assert_int_equal(info->shape == ANSWER_LIST, info->completion != NULL);
        assert_true((info->classes & ~CLASS_ALL) == 0);
    }
    assert_null(catalogue_find(span_of("")));
    assert_null(catalogue_find(span_of("NoSuchAction")));
    assert_null(catalogue_find(span_of("Ping ")));
    assert_null(catalogue_find((struct span){"Ping\0", 5}));
}

static void known_rows(void **state)
{
    (void)state;
    static const struct action_info rows[] = {
        {"Originate", CLASS_ORIGINATE, NULL, EFFECT_CHANGES, ANSWER_SINGLE, true, true, false},
        {"Login", 0, NULL, EFFECT_SESSION, ANSWER_SINGLE, false, false, false},
        {"WaitEvent", 0, NULL, EFFECT_SESSION, ANSWER_SINGLE, true, false, false},
        {"Ping", 0, NULL, EFFECT_LOCAL, ANSWER_SINGLE, false, false, false},
        {"Getvar", CLASS_CALL | CLASS_REPORTING, NULL, EFFECT_OWN, ANSWER_SINGLE, false, false, false},
        {"CoreSettings", CLASS_SYSTEM | CLASS_REPORTING, NULL, EFFECT_STABLE, ANSWER_SINGLE, false, false, false},
        {"Status", CLASS_SYSTEM | CLASS_CALL | CLASS_REPORTING, "StatusComplete", EFFECT_VOLATILE, ANSWER_LIST, false,
         false, false},
        {"PJSIPShowAuths", CLASS_SYSTEM, "AuthListComplete", EFFECT_STABLE, ANSWER_LIST, false, true, false},
        {"QueueStatus", 0, "QueueStatusComplete", EFFECT_VOLATILE, ANSWER_LIST, false, false, false},
        {"FAXStats", CLASS_REPORTING, NULL, EFFECT_VOLATILE, ANSWER_EVENT, false, false, false},
        {"IAXnetstats", CLASS_SYSTEM | CLASS_REPORTING, NULL, EFFECT_VOLATILE, ANSWER_TEXT, false, false, false},
        {"Queues", 0, NULL, EFFECT_VOLATILE, ANSWER_TEXT, false, false, false},
        {"SIPpeers", CLASS_SYSTEM | CLASS_REPORTING, "PeerlistComplete", EFFECT_VOLATILE, ANSWER_LIST, false, false,
         false},
        {"DAHDIRestart", 0, NULL, EFFECT_CHANGES, ANSWER_SINGLE, true, true, false},
        {"ZapRestart", 0, NULL, EFFECT_CHANGES, ANSWER_SINGLE, true, true, false},
        {"UserEvent", CLASS_USER, NULL, EFFECT_CHANGES, ANSWER_SINGLE, false, false, true},
        {"ModuleLoad", CLASS_SYSTEM, NULL, EFFECT_CHANGES, ANSWER_SINGLE, true, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct action_info *info = catalogue_find(span_of(rows[i].name));
        assert_non_null(info);
        assert_int_equal(info->classes, rows[i].classes);
        assert_int_equal(info->effect, rows[i].effect);
        assert_int_equal(info->shape, rows[i].shape);
        assert_int_equal(info->blocking, rows[i].blocking);
        assert_int_equal(info->sensitive, rows[i].sensitive);
        assert_int_equal(info->late, rows[i].late);
        if (rows[i].completion != NULL)
            assert_string_equal(info->completion, rows[i].completion);
    }
}

static void headers_tell_whether_it_blocks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool blocks, is_async;
    } rows[] = {
        {"Action: Originate\r\n\r\n", true, false},
        {"Action: originate\r\nAsync: True\r\n\r\n", false, true},
        {"Async: 1\r\nAction: Originate\r\n\r\n", false, true},
        {"Action: Originate\r\nAsync: on\r\n\r\n", false, true},
        {"Action: Originate\r\nAsync: false\r\n\r\n", true, false},
        {"Action: Originate\r\nAsync: true \r\n\r\n", true, false},
        {"Action: Originate\r\nAsync: 0\r\nAsync: true\r\n\r\n", true, false},
        {"Action: UpdateConfig\r\n\r\n", false, false},
        {"Action: UpdateConfig\r\nReload:\r\n\r\n", false, false},
        {"Action: UpdateConfig\r\nReload: yes\r\n\r\n", true, false},
        {"Action: UpdateConfig\r\nReload: chan_x\r\n\r\n", true, false},
        {"Action: Command\r\nCommand: core show channels\r\n\r\n", true, false},
        {"Action: Reload\r\n\r\n", true, false},
        {"Action: CoreStatus\r\nAsync: true\r\n\r\n", false, false},
        {"Action: Unknown\r\n\r\n", false, false},
        {"Event: Originate\r\n\r\n", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct list list = parse_bytes(span_of(rows[i].text), NULL);
        assert_int_equal(list.count, 1);
        if (catalogue_blocks(list.messages[0]) != rows[i].blocks ||
            catalogue_is_async(list.messages[0]) != rows[i].is_async)
            fail_msg("%s", rows[i].text);
        list_fini(&list);
    }
}

static uint64_t call_ms_of(const char *timeout)
{
    struct message_builder builder;
    struct message *action;
    uint64_t found;

    message_builder_init(&builder);
    message_addf(&builder, "Action", "Originate");
    if (timeout != NULL)
        message_addf(&builder, "Timeout", "%s", timeout);
    action = message_build(&builder);
    found = catalogue_call_ms(action);
    message_unref(action);
    return found;
}

/** Timeouts are read as by sscanf("%d"), up to the documented maximum: no value wraps, none lasts for ever. */
static void test_f11_how_long_an_originate_may_ring(void **state)
{
    static const struct {
        const char *timeout;
        uint64_t expected;
    } rows[] = {
        {NULL, 30000},
        {"", 30000},
        {"1", 1},
        {"25000", 25000},
        {" 25000", 25000},
        {"+25000", 25000},
        {"25000 ms", 25000},
        {"25000.9", 25000},
        {"3600000", 3600000},
        {"3600001", CATALOGUE_LONGEST_CALL_MS},
        {"0", CATALOGUE_LONGEST_CALL_MS},
        {"-1", CATALOGUE_LONGEST_CALL_MS},
        {"-25000", CATALOGUE_LONGEST_CALL_MS},
        {"2147483648", CATALOGUE_LONGEST_CALL_MS},
        {"4294967296", CATALOGUE_LONGEST_CALL_MS},
        {"18446744073709551615", CATALOGUE_LONGEST_CALL_MS},
        {"99999999999999999999999999999999999999999999", CATALOGUE_LONGEST_CALL_MS},
        {"-99999999999999999999999999999999999999999999", CATALOGUE_LONGEST_CALL_MS},
        {"soon", 0},
        {"-", 0},
        {"+-5", 0},
        {"ms 25000", 0},
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(call_ms_of(rows[i].timeout), rows[i].expected);
}

static void names_of_events_that_end_a_list(void **state)
{
    (void)state;
    assert_true(catalogue_ends_list(span_of("PeerlistComplete")));
    assert_true(catalogue_ends_list(span_of("XCOMPLETE")));
    assert_false(catalogue_ends_list(span_of("Complete")));
    assert_false(catalogue_ends_list(span_of("Completed")));
    assert_false(catalogue_ends_list(span_of("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sorted),
        cmocka_unit_test(every_row_is_found_and_makes_sense),
        cmocka_unit_test(known_rows),
        cmocka_unit_test(headers_tell_whether_it_blocks),
        cmocka_unit_test(test_f11_how_long_an_originate_may_ring),
        cmocka_unit_test(names_of_events_that_end_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
