// tests/unit/script/test_lua_json.c: amp.json.
#include "unit/script/script_test.h"

static void what_is_encoded_is_decoded(void **state)
{
    (void)state;
    lua_ok("assert(amp.json.encode{ b = 1, a = 'x\\n\"' } == '{\"a\":\"x\\\\n\\\\\"\",\"b\":1}')");
    lua_ok("assert(amp.json.encode({ 1, 2.5, true, amp.json.null }) == '[1,2.5,true,null]')");
    lua_ok("local t = amp.json.decode('{\"a\":[1,{\"b\":null}],\"c\":\"\\\\u0000x\"}')\n"
           "assert(t.a[1] == 1 and next(t.a[2]) == nil and t.c == '\\0x')");
    lua_ok(
        "assert(amp.json.decode('5') == 5 and amp.json.decode('\"x\"') == 'x' and amp.json.decode('false') == false)");
    lua_ok("assert(amp.json.decode('null') == amp.json.null)");
    lua_ok("assert(amp.json.encode('a') == '\"a\"' and amp.json.encode(false) == 'false')");
}

static void arrays_and_objects(void **state)
{
    (void)state;
    lua_ok("assert(amp.json.encode{} == '{}' and amp.json.encode(amp.json.array{}) == '[]')");
    lua_ok("assert(amp.json.encode(amp.json.decode('{\"a\":[],\"b\":{}}')) == '{\"a\":[],\"b\":{}}')");
    lua_ok("local list = amp.json.decode('[1,null,3]')\n"
           "assert(#list == 3 and list[2] == amp.json.null and amp.json.encode(list) == '[1,null,3]')");
    lua_ok("assert(not pcall(amp.json.encode, { 1, 2, a = 3 }) and not pcall(amp.json.encode, { [1] = 1, [3] = 3 }))");
    lua_ok("assert(not pcall(amp.json.encode, { [true] = 1 }) and not pcall(amp.json.encode, { [2.5] = 1 }))");
    lua_ok("assert(not pcall(amp.json.array, amp) and not pcall(amp.json.array, 'x'))");
    lua_ok("assert(not pcall(setmetatable, amp.json.array{}, {}))");
}

static void numbers(void **state)
{
    (void)state;
    lua_ok("assert(amp.json.decode('9223372036854775807') == math.maxinteger)");
    lua_ok("assert(math.type(amp.json.decode('3')) == 'integer' and math.type(amp.json.decode('3.0')) == 'float')");
    lua_ok("local n, why = amp.json.decode('9223372036854775808') assert(n == nil and why:find('too big integer'))");
    lua_ok("local n, why = amp.json.decode('1e999') assert(n == nil and why:find('real number overflow'))");
    lua_ok("assert(amp.json.encode(math.mininteger) == '-9223372036854775808')");
    lua_ok("for _, n in ipairs{ 1 / 0, -1 / 0, 0 / 0 } do assert(not pcall(amp.json.encode, { n })) end");
    lua_ok("assert(amp.json.decode(amp.json.encode(0.1)) == 0.1)");
}

static void bad_texts_are_said(void **state)
{
    (void)state;
    lua_ok(
        "local t, why = amp.json.decode('{\"a\":\\n nonsense}') assert(t == nil and why:find('line 2, column'), why)");
    lua_ok("for _, text in ipairs{ '', '{', '[1,]', '{\"a\":1,\"a\":2}', '[1] 2', '\"\\xff\"', 'nul' } do\n"
           "  local t, why = amp.json.decode(text) assert(t == nil and type(why) == 'string', text) end");
    lua_bad("amp.json.decode({})");
    lua_bad("amp.json.encode()");
    lua_bad("amp.json.encode(m)");
    lua_bad("amp.json.encode{ function() end }");
    lua_bad("amp.json.encode{ ['a\\0b'] = 1 }");
}

/** Names of callers often have an encoding of their own: the script is not to fail because of one. */
static void bytes_that_are_no_utf8_are_replaced(void **state)
{
    (void)state;
    lua_ok("assert(amp.json.encode('M\\xfcller') == '\"M\\u{fffd}ller\"')");
    lua_ok("assert(amp.json.encode{ ['\\xff'] = 'Müller' } == '{\"\\u{fffd}\":\"Müller\"}')");
}

static void depth_is_bounded(void **state)
{
    (void)state;
    lua_ok("local t = amp.json.decode(('['):rep(100) .. (']'):rep(100)) assert(type(t) == 'table')\n"
           "assert(amp.json.encode(t) == ('['):rep(100) .. (']'):rep(100))");
    lua_ok("local t, why = amp.json.decode(('['):rep(101) .. (']'):rep(101)) assert(t == nil and why:find('more than "
           "100'))");
    lua_ok("local t, why = amp.json.decode(('{\"a\":'):rep(100000)) assert(t == nil and why:find('more than 100'))");
    lua_ok("assert(amp.json.decode('\"' .. ('['):rep(200) .. '\\\\\"]\"'))"); // brackets in a text
    lua_ok("local t = {} t.t = t local well, why = pcall(amp.json.encode, t) assert(not well and why:find('more than "
           "100'))");
}

/** What the library allocates counts, though it is not Lua's. */
static void memory_is_bounded(void **state)
{
    (void)state;
    lua_ok("local t, why = amp.json.decode('[' .. ('[],'):rep(300000) .. '[]]')\n"
           "assert(t == nil and why:find('scripts.memory'), why)");
    lua_ok("local list, text = {}, ('x'):rep(1000000) for i = 1, 200 do list[i] = text end\n"
           "local well, why = pcall(amp.json.encode, list) assert(not well and why:find('scripts.memory'), why)");
}

static void time_is_bounded(void **state)
{
    struct one one;
    struct error err;
    (void)state;

    one_begin(&one);
    one.scripts.setup.watchdog = script_watchdog_create();
    assert_true(one_load(
        &one, "return { message = function() while true do pcall(amp.json.decode, '[[1],[2],[3]]') end end }", &err));
    uint64_t before = thread_cpu_us();
    assert_int_equal(one_judge(&one, "Event: Test\r\n\r\n", NULL), SCRIPT_FAIL);
    assert_true(thread_cpu_us() - before < 1000000);
    struct script_watchdog *watchdog = one.scripts.setup.watchdog;
    one_end(&one);
    script_watchdog_destroy(watchdog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encoded_is_decoded),
        cmocka_unit_test(arrays_and_objects),
        cmocka_unit_test(numbers),
        cmocka_unit_test(bad_texts_are_said),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(time_is_bounded),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
