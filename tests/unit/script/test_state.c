// tests/unit/script/test_state.c: a state's memory and the time to load it are bounded.
#include "unit/script/limits_test.h"

static void test_memory_is_bounded(void **state)
{
    struct one one;
    struct error err;
    (void)state;
    one_begin(&one);
    one.scripts.setup.limits.memory = 2 * 1024 * 1024;
    assert_true(
        one_load(&one, "return { message = function(m) local t = {} for i = 1, 1e9 do t[i] = {} end end }", &err));
    for (int i = 0; i < 3; i++) {
        assert_false(i < 2 && script_state_is_exhausted(one.state));
        assert_int_equal(one_judge(&one, EVENT, NULL), SCRIPT_FAIL);
        assert_true(script_state_memory(one.state) <= 2 * 1024 * 1024);
    }
    assert_true(script_state_is_exhausted(one.state));
    one_end(&one);
}

/** What objects of Lua hold in C counts too. Garbage does not: it is collected. */
static void test_memory_of_objects_is_bounded(void **state)
{
    static const char *const makers[] = {
        "m.X = ('x'):rep(200000) make = function() return m:copy() end",
        "local t = {} for i = 1, 3000 do t[i] = 'number ' .. i end make = function() return amp.set(t) end",
        "local t = {} for i = 1, 3000 do t[i] = 'number ' .. i end make = function() return amp.names(t) end"};
    (void)state;
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        struct one one;
        struct error err;
        char *script;
        one_begin(&one);
        one.scripts.setup.limits.memory = 2 * 1024 * 1024;
        assert_true(asprintf(&script,
                             "local kept = {} return { message = function(m) local make %s\n"
                             "for i = 1, 50 do make() end\n"
                             "if m.Event == 'Test' then for i = 1, 50 do kept[i] = make() end end kept = {} end }",
                             makers[i]) > 0);
        if (!one_load(&one, script, &err))
            fail_msg("%s", err.text);
        free(script);
        assert_int_not_equal(one_judge(&one, "Event: Other\r\n\r\n", NULL), SCRIPT_FAIL);
        assert_int_equal(one_judge(&one, EVENT, NULL), SCRIPT_FAIL);
        assert_false(script_state_is_exhausted(one.state));
        assert_int_equal(one_judge(&one, EVENT, NULL), SCRIPT_FAIL);
        assert_true(script_state_is_exhausted(one.state));
        one_end(&one);
    }
}

/** Loops at load: they stop the start, not the program. */
static void test_loop_at_load(void **state)
{
    struct one one;
    struct error err;
    (void)state;
    needs_time_limit();
    one_begin(&one);
    one.scripts.setup.watchdog = watchdog;
    assert_false(one_load(&one, "while true do end", &err));
    assert_non_null(strstr(err.text, "time limit exceeded"));
    assert_non_null(strstr(err.text, "f.lua:1"));
    one_end(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_memory_of_objects_is_bounded),
        cmocka_unit_test(test_loop_at_load),
    };
    log_set_level(LOG_LEVEL_ERROR);
    watchdog = script_watchdog_create();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    script_watchdog_destroy(watchdog);
    return failed;
}
