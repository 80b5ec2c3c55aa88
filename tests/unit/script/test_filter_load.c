// tests/unit/script/test_filter_load.c: the files of filters: mistakes in them, options, and conditions that need no
// Lua.
#include "unit/script/filter_test.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_errors),
        cmocka_unit_test(test_user_and_options),
        cmocka_unit_test(test_native_conditions),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
