// tests/unit/script/test_globals.c: the globals of scripts, which scripts cannot change.
#include "unit/script/limits_test.h"

static void test_what_is_absent(void **state)
{
    static const char *const absent[] = {"load",           "loadfile",  "dofile", "require",   "xpcall",
                                         "collectgarbage", "rawset",    "print",  "io",        "package",
                                         "debug",          "coroutine", "_G",     "loadstring"};
    (void)state;
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        char script[128];
        (void)snprintf(script, sizeof script, "local x = %s return {}", absent[i]);
        load_bad(script, "unknown global");
    }
    load_bad("return string.dump(function() end)", "unknown function of string: 'dump'");
    load_bad("os.execute('true')", "unknown function of os: 'execute'");
    load_bad("os.exit()", "unknown function of os: 'exit'");
    load_bad("os.getenv('HOME')", "unknown function of os: 'getenv'");
    load_bad("table.move({}, 1, 2, 3)", "unknown function of table: 'move'");
    load_bad("setmetatable({}, { __gc = function() end })", "has no __gc");
}

static void test_what_is_frozen(void **state)
{
    (void)state;
    lua_bad("string.find = nil");
    lua_bad("string.new = 1");
    lua_bad("math.pi = 3");
    lua_bad("amp.call = nil");
    lua_bad("x = 1");
    lua_bad("pcall = nil");
    lua_bad("setmetatable(string, {})");
    lua_bad("getmetatable('').__index = {}");
    lua_bad("setmetatable('', {})");
    lua_bad("table.insert(string, 1)");
    lua_bad("table.sort(math)");
    lua_ok("assert(getmetatable('') == false and getmetatable(string) == false)");
    lua_ok("local n = 0 for k in pairs(string) do n = n + 1 end assert(n > 10)");
    lua_ok("assert(rawget(string, 'find') == nil and next(string) == nil)");
    lua_bad("getmetatable(amp.set{'a'}).__index = nil");
    lua_bad("local _, t = pairs(string) t.find = nil");
    lua_bad("local _, t = pairs(_ENV) t.pcall = nil");
    lua_bad("local _, t = pairs(amp) table.insert(t, 1)");
    lua_ok("local step, t, first = pairs(math) assert(t == math and math[step(t, first)] ~= nil)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_absent),
        cmocka_unit_test(test_what_is_frozen),
    };
    log_set_level(LOG_LEVEL_ERROR);
    watchdog = script_watchdog_create();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    script_watchdog_destroy(watchdog);
    return failed;
}
