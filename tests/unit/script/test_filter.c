// tests/unit/script/test_filter.c: filters: what they see, what they may say, what they change, how they fail.
#include "unit/script/script_test.h"

#define NEWCHANNEL "Event: Newchannel\r\nPrivilege: call,all\r\nContext: tenant-a\r\nChannel: SIP/100-1\r\n\r\n"
#define VARSET "Event: VarSet\r\nPrivilege: dialplan,all\r\nVariable: CARD_NO\r\nValue: 4111\r\n\r\n"

static enum script_verdict judge_once(const char *script, const char *text)
{
    struct one one;
    struct error err;
    one_begin(&one);
    if (!one_load(&one, script, &err))
        fail_msg("%s", err.text);
    enum script_verdict verdict = one_judge(&one, text, NULL);
    one_end(&one);
    return verdict;
}

static void test_verdicts(void **state)
{
    (void)state;
    assert_int_equal(judge_once("return { message = function(m) return true end }", VARSET), SCRIPT_PASS);
    assert_int_equal(judge_once("return { message = function(m) return false end }", VARSET), SCRIPT_DROP);
    assert_int_equal(judge_once("return { message = function(m) end }", VARSET), SCRIPT_PASS);
    assert_int_equal(judge_once("return { message = function(m) return 1 end }", VARSET), SCRIPT_FAIL);
    assert_int_equal(judge_once("return { message = function(m) error('x') end }", VARSET), SCRIPT_FAIL);
    assert_int_equal(judge_once("return { message = function(m) error({}) end }", VARSET), SCRIPT_FAIL);
    assert_int_equal(judge_once("return { message = function(m) error() end }", VARSET), SCRIPT_FAIL);
    assert_int_equal(judge_once("return { message = function(m) m.Value = 'x' return false end }", VARSET),
                     SCRIPT_DROP);
    assert_int_equal(judge_once("return {}", VARSET), SCRIPT_PASS);
}

static void test_native_conditions(void **state)
{
    (void)state;
    assert_int_equal(judge_once("return { events = {'VarSet'}, otherwise = true }", VARSET), SCRIPT_DROP);
    assert_int_equal(judge_once("return { events = {'varset'}, otherwise = true }", NEWCHANNEL), SCRIPT_PASS);
    assert_int_equal(judge_once("return { events = {'VarSet'}, otherwise = false }", NEWCHANNEL), SCRIPT_DROP);
    assert_int_equal(judge_once("return { events = {'Var*'}, otherwise = false }", VARSET), SCRIPT_PASS);
    assert_int_equal(judge_once("return { events = amp.set{'New*'}, otherwise = false }", VARSET), SCRIPT_DROP);
    const char *where =
        "return { where = { Context = amp.set{'tenant-a', 'b'}, Channel = 'SIP/*' }, otherwise = false }";
    assert_int_equal(judge_once(where, NEWCHANNEL), SCRIPT_PASS);
    assert_int_equal(judge_once(where, VARSET), SCRIPT_DROP);
    assert_int_equal(judge_once("return { where = { context = 'tenant-a' }, otherwise = false }", NEWCHANNEL),
                     SCRIPT_PASS);
    assert_int_equal(judge_once("return { where = { context = 'tenant-' }, otherwise = false }", NEWCHANNEL),
                     SCRIPT_DROP);
    assert_int_equal(
        judge_once("return { where = { context = {'x'} }, message = function() return false end }", NEWCHANNEL),
        SCRIPT_PASS);
}

static void test_not_asked_for_does_not_enter(void **unused)
{
    struct one one;
    struct error err;
    struct script_report report = {.name = NULL};
    (void)unused;
    one_begin(&one);
    assert_true(one_load(&one, "return { events = {'VarSet'}, message = function(m) error('entered') end }", &err));
    assert_int_equal(one_judge(&one, NEWCHANNEL, NULL), SCRIPT_PASS);
    assert_int_equal(one_judge(&one, VARSET, NULL), SCRIPT_FAIL);
    (void)report;
    one_end(&one);
}

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

static void test_load_errors(void **state)
{
    (void)state;
    load_bad("return {\n message = \n}", "f.lua:3:");
    load_bad("local x = 1\nreturn { mesage = function() end }", "f.lua:2: mesage: unknown key");
    load_bad("local y = unknown_thing\nreturn {}", "f.lua:1: unknown global 'unknown_thing'");
    load_bad("\nx = 1\nreturn {}", "f.lua:2: assignment to global 'x'");
    load_bad("return 5", "a filter returns a table");
    load_bad("return { message = 5 }", "message: expected a function");
    load_bad("return { otherwise = 'no', events = {'a'} }", "otherwise: expected true or false");
    load_bad("return { events = {'a'} }", "need 'otherwise'");
    load_bad("return { events = 5, otherwise = true }", "events: expected a list");
    load_bad("return { events = { VarSet = true }, otherwise = true }", "list of texts, not a table with names");
    load_bad("return { where = { X = 5 }, otherwise = true }", "where.X");
    load_bad("return { otherwise = true }", "neither events nor where");
    load_bad("return { per = 'x' }", "per: expected");
    load_bad("amp.foo()", "unknown function of amp: 'foo'");
    load_bad("string.dump(print)", "unknown");
    load_bad("amp.call{ Action = 'Ping' }", "waits, which is not possible here");
    load_bad("while true do error({}) end", "error object that is a table");
    load_bad("\033Lua", "attempt to load a binary chunk");
    load_bad("return amp.options(..., { contexts = 'list' })", "option 'contexts' is missing");
}

static void test_user_and_options(void **state)
{
    struct scripts scripts;
    struct error err;
    struct script_user user = {.name = "dave", .account = "acct", .read = 2, .write = 2};
    struct script_value items[] = {{.kind = SCRIPT_TEXT, .text = "a"}, {.kind = SCRIPT_TEXT, .text = "b"}};
    struct script_value fields[] = {{.kind = SCRIPT_LIST, .items = items, .count = 2},
                                    {.kind = SCRIPT_FLAG, .flag = true},
                                    {.kind = SCRIPT_NUMBER, .number = 3}};
    const char *keys[] = {"contexts", "hide", "n"};
    struct script_value options = {.kind = SCRIPT_MAP, .items = fields, .keys = keys, .count = 3};
    (void)state;
    scripts_begin(&scripts);
    scripts_add(&scripts, SCRIPT_IS_FILTER, "f",
                "local opts, user = ...\n"
                "amp.options(opts, { contexts = 'list', hide = 'flag', n = 'number', more = 'text?' })\n"
                "assert(user.name == 'dave' and user.account == 'acct' and user.read.call and not user.read.cdr)\n"
                "assert(opts.contexts[2] == 'b' and opts.hide == true and opts.n == 3)\n"
                "return {}");
    struct script_state *lua = scripts_load(&scripts, &err);
    assert_non_null(lua);
    struct script_filter *filter = script_filter_create(lua, "f", &options, &user, false, &err);
    if (filter == NULL)
        fail_msg("%s", err.text);
    script_filter_unref(filter);
    fields[2].kind = SCRIPT_TEXT;
    fields[2].text = "x";
    assert_null(script_filter_create(lua, "f", &options, &user, false, &err));
    assert_non_null(strstr(err.text, "option 'n': expected a number"));
    assert_non_null(strstr(err.text, "f.lua:2:"));
    assert_null(script_filter_create(lua, "unknown", NULL, NULL, false, &err));
    script_state_destroy(lua);
    scripts_end(&scripts);
}

static void test_per_class_is_shared(void **state)
{
    struct scripts scripts;
    struct error err;
    struct script_user dave = {.name = "dave"}, anna = {.name = "anna"};
    struct message *changed, *message = message_of(VARSET), *other = message_of(VARSET);
    (void)state;
    scripts_begin(&scripts);
    scripts_add(&scripts, SCRIPT_IS_FILTER, "f",
                "local opts, user = ... local n = 0\n"
                "return { per = 'class', message = function(m) assert(user == nil) n = n + 1 m.N = n end }");
    struct script_state *lua = scripts_load(&scripts, &err);
    struct script_filter *first = script_filter_create(lua, "f", NULL, &dave, false, &err);
    struct script_filter *second = script_filter_create(lua, "f", NULL, &anna, false, &err);
    assert_ptr_equal(first, second);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(script_filter_message(first, message, SCRIPT_EVENT, &changed), SCRIPT_CHANGE);
        struct span value;
        assert_true(message_find(changed, "N", &value) && span_is(value, "1"));
        message_unref(changed);
    }
    assert_int_equal(script_filter_message(second, other, SCRIPT_EVENT, &changed), SCRIPT_CHANGE);
    struct span value;
    assert_true(message_find(changed, "N", &value) && span_is(value, "2"));
    message_unref(changed);
    message_unref(message);
    message_unref(other);
    script_filter_unref(first);
    script_filter_unref(second);
    script_state_destroy(lua);
    scripts_end(&scripts);
}

static void test_answers(void **state)
{
    struct one one;
    struct error err;
    struct message *changed;
    struct message *response = message_of("Response: Success\r\nActionID: 1\r\nMessage: x\r\n\r\n");
    struct message *end = message_of("Event: ListComplete\r\nEventList: Complete\r\n\r\n");
    struct message *item = message_of("Event: Item\r\nX: y\r\n\r\n");
    (void)state;
    one_begin(&one);
    assert_true(one_load(&one, "return { message = function() return false end }", &err));
    assert_int_equal(script_filter_message(one.filter, response, SCRIPT_ANSWER, &changed), SCRIPT_PASS);
    assert_false(script_filter_has_answers(one.filter));
    one_end(&one);

    one_begin(&one);
    assert_true(
        one_load(&one,
                 "return { answers = true, events = {'Item', 'ListComplete'}, otherwise = true,\n"
                 "message = function(m) if m.kind == 'response' then m.Message = 'z' return end return false end }",
                 &err));
    assert_true(script_filter_has_answers(one.filter));
    assert_int_equal(script_filter_message(one.filter, response, SCRIPT_ANSWER, &changed), SCRIPT_CHANGE);
    message_unref(changed);
    assert_int_equal(script_filter_message(one.filter, item, SCRIPT_ANSWER, &changed), SCRIPT_DROP);
    assert_int_equal(script_filter_message(one.filter, end, SCRIPT_ANSWER, &changed), SCRIPT_PASS);
    one_end(&one);
    message_unref(response);
    message_unref(end);
    message_unref(item);
}

static void test_observe_and_on_error(void **state)
{
    struct scripts scripts;
    struct error err;
    struct message *changed, *message = message_of(VARSET);
    (void)state;
    scripts_begin(&scripts);
    scripts.setup.limits.pass_on_error = true;
    scripts_add(&scripts, SCRIPT_IS_FILTER, "f", "return { message = function(m) m.X = 'y' return false end }");
    scripts_add(&scripts, SCRIPT_IS_FILTER, "g", "return { message = function(m) error('no') end }");
    struct script_state *lua = scripts_load(&scripts, &err);
    struct script_filter *observed = script_filter_create(lua, "f", NULL, NULL, true, &err);
    struct script_filter *failing = script_filter_create(lua, "g", NULL, NULL, false, &err);
    assert_int_equal(script_filter_message(observed, message, SCRIPT_EVENT, &changed), SCRIPT_PASS);
    assert_null(changed);
    assert_int_equal(script_filter_message(failing, message, SCRIPT_EVENT, &changed), SCRIPT_PASS);
    message_unref(message);
    script_filter_unref(observed);
    script_filter_unref(failing);
    script_state_destroy(lua);
    scripts_end(&scripts);
}

static void on_report(void *visitor, const struct script_report *report)
{
    *(struct script_report *)visitor = *report;
}

static void test_quarantine(void **state)
{
    struct one one;
    struct error err;
    struct script_report report = {.name = NULL};
    (void)state;
    one_begin(&one);
    one.scripts.setup.limits.quarantine = 5;
    assert_true(one_load(&one, "return { message = function(m) error('no') end }", &err));
    for (int i = 0; i < 10; i++)
        assert_int_equal(one_judge(&one, VARSET, NULL), SCRIPT_FAIL);
    script_state_report(one.state, on_report, &report);
    assert_true(report.quarantined);
    assert_int_equal(report.failed, 5);
    assert_int_equal(report.seen, 10);
    one_end(&one);
}

/** What script_filter_action() said. */
struct judged {
    int count;
    enum script_verdict verdict;
    char reason[128], wire[256];
};

static void on_judged(void *context, struct handle session, enum script_verdict verdict, struct message *action,
                      const char *reason)
{
    (void)session;
    struct judged *judged = context;
    struct span wire = message_wire(action);
    judged->count++;
    judged->verdict = verdict;
    (void)snprintf(judged->reason, sizeof judged->reason, "%s", reason == NULL ? "" : reason);
    (void)snprintf(judged->wire, sizeof judged->wire, "%.*s", (int)wire.length, wire.bytes);
}

static struct judged judge_action(const char *script)
{
    struct one one;
    struct error err;
    struct judged judged = {.count = 0};
    struct message *action = message_of("Action: Originate\r\nActionID: 7\r\nContext: x\r\n\r\n");
    one_begin(&one);
    if (!one_load(&one, script, &err))
        fail_msg("%s", err.text);
    script_filter_action(one.filter, action, (struct handle){0}, on_judged, &judged);
    message_unref(action);
    one_end(&one);
    assert_int_equal(judged.count, 1);
    return judged;
}

static void test_actions(void **state)
{
    (void)state;
    assert_int_equal(judge_action("return {}").verdict, SCRIPT_PASS);
    assert_int_equal(judge_action("return { action = function(a, s) return true end }").verdict, SCRIPT_PASS);
    struct judged judged =
        judge_action("return { action = function(a, s) return false, 'Context is not\\nyours' end }");
    assert_int_equal(judged.verdict, SCRIPT_DROP);
    assert_string_equal(judged.reason, "Context is not yours");
    judged = judge_action("return { action = function(a, s) return false end }");
    assert_string_equal(judged.reason, "Action Filtered");
    judged = judge_action("return { action = function(a, s) a.Context = 'y' end }");
    assert_int_equal(judged.verdict, SCRIPT_CHANGE);
    assert_string_equal(judged.wire, "Action: Originate\r\nActionID: 7\r\nContext: y\r\n\r\n");
    judged = judge_action("return { action = function(a, s) error('secret detail') end }");
    assert_int_equal(judged.verdict, SCRIPT_FAIL);
    assert_null(strstr(judged.reason, "secret"));
    assert_int_equal(judge_action("return { action = function(a, s) return 5 end }").verdict, SCRIPT_FAIL);
}

static void test_own_test(void **state)
{
    struct scripts scripts;
    struct error err;
    bool ran;
    (void)state;
    scripts_begin(&scripts);
    scripts_add(&scripts, SCRIPT_IS_FILTER, "good",
                "local opts = ...\n"
                "amp.test(function(t)\n"
                "  local f = t.filter({ names = { 'VarSet' } })\n"
                "  assert(f{ 'Event: Other' })\n"
                "  assert(f{ 'Event: VarSet', 'Value: 5' } == nil)\n"
                "  assert(f({ Event = 'VarSet' }, 'answer').Event == 'VarSet')\n"
                "  assert(not pcall(t.filter, { name = 'x' }))\n"
                "end)\n"
                "amp.options(opts, { names = 'list' })\n"
                "return { events = opts.names, otherwise = true }");
    scripts_add(&scripts, SCRIPT_IS_FILTER, "bad",
                "amp.test(function(t)\n assert(t.filter{}{ 'Event: a' } == nil)\nend)\nreturn {}");
    scripts_add(&scripts, SCRIPT_IS_FILTER, "none", "return {}");
    struct script_state *lua = scripts_load(&scripts, &err);
    if (lua == NULL)
        fail_msg("%s", err.text);
    if (!script_state_test(lua, "good", &ran, &err))
        fail_msg("%s", err.text);
    assert_true(ran);
    assert_false(script_state_test(lua, "bad", &ran, &err));
    assert_non_null(strstr(err.text, "assertion failed"));
    assert_true(script_state_test(lua, "none", &ran, &err));
    assert_false(ran);
    script_state_destroy(lua);
    scripts_end(&scripts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_native_conditions),
        cmocka_unit_test(test_not_asked_for_does_not_enter),
        cmocka_unit_test(test_message_methods),
        cmocka_unit_test(test_writes_make_a_copy),
        cmocka_unit_test(test_bad_writes),
        cmocka_unit_test(test_kept_message),
        cmocka_unit_test(test_load_errors),
        cmocka_unit_test(test_user_and_options),
        cmocka_unit_test(test_per_class_is_shared),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_observe_and_on_error),
        cmocka_unit_test(test_quarantine),
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_own_test),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
