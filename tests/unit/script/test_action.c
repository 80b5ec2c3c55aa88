// tests/unit/script/test_action.c: proxy actions: what their files must contain, and who may run them.
#include "unit/script/action_test.h"

static void test_rights(void **state)
{
    (void)state;
    begin("return { name = 'Mine', class = 'command', arguments = { Need = 'required' }, run = function(a, r) r:ok() "
          "end }");
    host.session.admin = false;
    expect("Reload", "", "Response: Error\r\nActionID: 9\r\nMessage: Permission denied\r\n\r\n");
    expect("AddServer", "", "ProxyResponse: Error\r\nActionID: 9\r\nMessage: Permission denied\r\n\r\n");
    expect("Mine", "Need: x\r\n", "Response: Error\r\nActionID: 9\r\nMessage: Permission denied\r\n\r\n");
    host.session.write = 16;
    expect("Mine", "", "Response: Error\r\nActionID: 9\r\nMessage: Missing argument: Need\r\n\r\n");
    expect("Mine", "Need: x\r\n", "Response: Success\r\nActionID: 9\r\n\r\n");
    end();
}

static void test_bad_proxy_actions(void **state)
{
    static const char *const bad[][2] = {
        {"return { name = 'Mine' }", "run: expected a function"},
        {"return { run = function() end }", "a proxy action has a name"},
        {"return { name = 'Mine', run = function() end,\n runn = 1 }", "mine.lua:2: runn: unknown key"},
        {"return { name = 'Mine', run = function() end, class = 'nosuch' }", "class: expected"},
        {"return { name = 'Mine', run = function() end, arguments = { A = 'x' } }", "arguments: expected"},
        {"return { name = 'Mine', run = function() end, timeout = '5 parsecs' }", "a duration is written"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct scripts scripts;
        struct error err;
        scripts_begin(&scripts);
        scripts_add(&scripts, SCRIPT_IS_PROXY_ACTION, "mine", bad[i][0]);
        assert_null(scripts_load(&scripts, &err));
        if (strstr(err.text, bad[i][1]) == NULL)
            fail_msg("expected \"%s\" in \"%s\"", bad[i][1], err.text);
        scripts_end(&scripts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_bad_proxy_actions),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
