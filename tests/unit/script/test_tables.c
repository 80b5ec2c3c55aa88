// tests/unit/script/test_tables.c: the library `table` of scripts, which has no metamethods and no long loops.
#include "unit/script/script_test.h"

static void test_insert_and_remove(void **state)
{
    (void)state;
    lua_ok("local t = { 'a', 'c' } table.insert(t, 2, 'b') table.insert(t, 'd') assert(table.concat(t) == 'abcd')");
    lua_ok("local t = { 'a', 'b', 'c' } assert(table.remove(t) == 'c' and table.remove(t, 1) == 'a' and #t == 1)");
    lua_ok("assert(table.remove({}) == nil)");
    lua_bad("table.insert({}, 5, 'x')");
    lua_bad("table.insert('x', 'y')");
}

static void test_concat(void **state)
{
    (void)state;
    lua_ok("assert(table.concat({}) == '' and table.concat({ 1, 2.5, 'x' }, ', ') == '1, 2.5, x')");
    lua_ok("assert(table.concat({ 'a', 'b', 'c' }, '-', 2, 3) == 'b-c' and table.concat({ 'a' }, '-', 2) == '')");
    lua_bad("table.concat({ 'a', {} })");
    lua_bad("table.concat({ 'a' }, '', 1, 2)");
}

static void test_pack_and_unpack(void **state)
{
    (void)state;
    lua_ok("local t = table.pack('a', nil, 'c') assert(t.n == 3 and t[1] == 'a' and t[2] == nil and t[3] == 'c')");
    lua_ok("local a, b, c = table.unpack({ 1, 2, 3 }, 2) assert(a == 2 and b == 3 and c == nil)");
    lua_ok("assert(select('#', table.unpack({}, 1, 10000)) == 10000)");
    lua_bad("table.unpack({}, 1, 10001)");
}

static void test_sort(void **state)
{
    (void)state;
    lua_ok("local t = { 5, 2, 9, 1 } table.sort(t) assert(table.concat(t, ' ') == '1 2 5 9')");
    lua_ok("local t = { 'b', 'a' } table.sort(t, function(x, y) return x > y end) assert(t[1] == 'b')");
    lua_ok("local t = {} for i = 1, 500 do t[i] = (i * 7919) % 503 end table.sort(t)\n"
           "for i = 2, 500 do assert(t[i - 1] <= t[i]) end");
    lua_ok("local t = {} for i = 1, 50 do t[i] = i end table.sort(t, function() return true end) assert(#t == 50)");
    lua_bad("table.sort({ 1, 'x' })");
    lua_bad("local t = {} for i = 1, 10001 do t[i] = i end table.sort(t)");
}

static void test_metamethods_are_not_called(void **state)
{
    (void)state;
    lua_ok("local t = setmetatable({ 'a' }, { __index = function() error('called') end, __len = function() return 9 "
           "end })\n"
           "assert(table.concat(t) == 'a') table.insert(t, 'b') assert(rawget(t, 2) == 'b')");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_insert_and_remove),
        cmocka_unit_test(test_concat),
        cmocka_unit_test(test_pack_and_unpack),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_metamethods_are_not_called),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
