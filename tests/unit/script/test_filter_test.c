// tests/unit/script/test_filter_test.c: amp.test: the test that a filter brings with it.
#include "unit/script/filter_test.h"

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
        cmocka_unit_test(test_own_test),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
