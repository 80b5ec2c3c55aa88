// tests/unit/script/test_lua_message.c: messages as scripts see and change them.
#include "unit/script/filter_test.h"

static void test_message_methods(void **state)
{
    (void)state;
    lua_ok("assert(m.Event == 'Test' and m.EVENT == 'Test' and m.channel == 'SIP/100-1' and m.Absent == nil)");
    lua_ok("assert(m.kind == 'event' and m:get('kind') == nil and m:get('two') == 'a')");
    lua_ok("local t = m:all('Two') assert(#t == 2 and t[1] == 'a' and t[2] == 'b' and #m:all('None') == 0)");
    lua_ok("assert(m:is('Channel', 'SIP/100-1') and not m:is('Channel', 'SIP') and not m:is('None', ''))");
    lua_ok("assert(m:starts('Channel', 'SIP/') and not m:starts('Channel', 'sip/') and not m:starts('None', ''))");
    lua_ok("assert(m:ends('Channel', '-1') and not m:ends('Channel', 'x') and m:contains('Channel', '100'))");
    lua_ok("local n = {} for k, v in pairs(m) do n[#n + 1] = k .. '=' .. v end "
           "assert(table.concat(n, ' ') == 'Event=Test Channel=SIP/100-1 Two=a Two=b')");
    lua_ok("local c = m:copy() assert(c.Event == 'Test') assert(not pcall(function() c.X = 'y' end))");
    lua_ok("m.X = 'y' local c = m:copy() assert(c.X == 'y' and m.X == 'y')");
    lua_bad("m.get('x')");
    lua_bad("m.starts(nil, 'a', 'b')");
    lua_bad("return m[1]");
    lua_ok("for i = 1, 2000 do local k = 'Key' .. i; assert(m[k] == nil) end assert(m.Event == 'Test')");
    lua_ok("assert(getmetatable(m) == false)");
}

static void test_writes_make_a_copy(void **state)
{
    struct one one;
    struct error err;
    struct message *changed, *original = message_of(VARSET);
    (void)state;
    one_begin(&one);
    assert_true(
        one_load(&one, "return { message = function(m) m.Value = 'xxxx' m.Extra = 5 m.Variable = nil end }", &err));
    assert_int_equal(script_filter_message(one.filter, original, SCRIPT_EVENT, &changed), SCRIPT_CHANGE);
    struct span wire = message_wire(changed);
    const char *expected = "Event: VarSet\r\nPrivilege: dialplan,all\r\nValue: xxxx\r\nExtra: 5\r\n\r\n";
    assert_int_equal(wire.length, strlen(expected));
    assert_memory_equal(wire.bytes, expected, wire.length);
    assert_memory_equal(message_wire(original).bytes, VARSET, strlen(VARSET));
    message_unref(changed);
    message_unref(original);
    one_end(&one);
}

static void test_bad_writes(void **state)
{
    (void)state;
    lua_bad("m.Value = 'a\\r\\nEvent: b'");
    lua_bad("m.Value = 'a\\0b'");
    lua_bad("m['a b'] = 'c'");
    lua_bad("m['a:b'] = 'c'");
    lua_bad("m[''] = 'c'");
    lua_bad("m.Event = nil");
    lua_bad("m.ActionID = 'x'");
    lua_bad("m.Value = {}");
    lua_bad("m.Value = function() end");
    lua_bad("for i = 1, 100000 do m['X' .. i] = 'y' end");
    lua_bad("local s = ('x'):rep(1000000) m.A = s m.B = s");
    lua_ok("m.Event = 'Other' m.Two = {'c', 'd', 'e'} assert(#m:all('two') == 3) assert(m.Two == 'c')");
}

static void test_kept_message(void **state)
{
    (void)state;
    struct one one;
    struct error err;
    one_begin(&one);
    one.scripts.setup.limits.strict = true;
    assert_true(one_load(
        &one, "local kept; return { message = function(m) if kept then return kept.Event end kept = m end }", &err));
    assert_int_equal(one_judge(&one, VARSET, NULL), SCRIPT_PASS);
    assert_int_equal(one_judge(&one, VARSET, NULL), SCRIPT_FAIL);
    one_end(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_methods),
        cmocka_unit_test(test_writes_make_a_copy),
        cmocka_unit_test(test_bad_writes),
        cmocka_unit_test(test_kept_message),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
