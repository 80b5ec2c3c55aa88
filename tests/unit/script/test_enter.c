// tests/unit/script/test_enter.c: errors of any kind end at the one way into Lua.
#include "unit/script/limits_test.h"

static void test_odd_errors(void **state)
{
    (void)state;
    needs_time_limit();
    lua_bad("error(setmetatable({}, { __tostring = function() while true do end end }))");
    lua_bad("error(nil)");
    lua_bad("error(m)");
    lua_bad("error(function() end)");
    lua_bad("error(('x'):rep(1000000))");
    lua_bad("error('a\\r\\nb\\0c')");
    lua_bad("amp.call{ Action = 'Ping' }");
    lua_bad("amp.sleep('1s')");
    lua_bad("amp.use('x')");
    lua_bad("amp.every('1s', function() end)");
    lua_bad("return nil, nil, 5 + {}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_odd_errors),
    };
    log_set_level(LOG_LEVEL_ERROR);
    watchdog = script_watchdog_create();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    script_watchdog_destroy(watchdog);
    return failed;
}
