// tests/unit/script/test_stock.c: the scripts that come with the program, and the examples: all load, and each filter's
// own test (amp.test) passes.
#include "unit/script/script_test.h"

static void test_folder(const char *folder, size_t least)
{
    struct script_files files = {.items = NULL};
    struct script_setup setup = {.files = &files, .root = AMP_SOURCE "/lua"};
    struct error err = {""};
    bool ran;

    script_limits_default(&setup.limits);
    if (!script_files_add_folder(&files, SCRIPT_IS_FILTER, folder, &err))
        fail_msg("%s", err.text);
    assert_true(files.count >= least);
    setup.shared = script_shared_create(1024 * 1024);
    struct script_state *state = script_state_create(&setup, &err);
    if (state == NULL)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < files.count; i++) {
        if (!script_state_test(state, files.items[i].name, &ran, &err))
            fail_msg("%s: %s", files.items[i].name, err.text);
        if (!ran)
            fail_msg("%s has no test", files.items[i].name);
    }
    script_state_destroy(state);
    script_shared_destroy(setup.shared);
    script_files_fini(&files);
}

static void test_stock_filters(void **state)
{
    (void)state;
    test_folder(AMP_SOURCE "/lua/filters", 9);
}

static void test_example_filters(void **state)
{
    (void)state;
    test_folder(AMP_SOURCE "/examples/filters", 5);
}

static void test_proxy_actions_load(void **state)
{
    struct script_files files = {.items = NULL};
    struct script_setup setup = {.files = &files, .root = AMP_SOURCE "/lua"};
    struct error err = {""};
    (void)state;
    script_limits_default(&setup.limits);
    assert_true(script_files_add(&files, AMP_SOURCE "/lua", SCRIPT_IS_PROXY_ACTION, "stock", &err));
    assert_true(files.count >= 13);
    struct script_files all = {.items = NULL}; // `stock` means the scripts that the package contains
    assert_true(script_files_add_folder(&all, SCRIPT_IS_PROXY_ACTION, AMP_SOURCE "/lua/proxyactions", &err));
    assert_int_equal(files.count, all.count);
    script_files_fini(&all);
    assert_true(script_files_add_folder(&files, SCRIPT_IS_PROXY_ACTION, AMP_SOURCE "/examples/proxyactions", &err));
    assert_false(script_files_add(&files, AMP_SOURCE "/lua", SCRIPT_IS_FILTER, "nosuch", &err));
    assert_true(script_files_add(&files, AMP_SOURCE "/lua", SCRIPT_IS_FILTER, "cdronly", &err));
    struct script_state *lua = script_state_create(&setup, &err);
    if (lua == NULL)
        fail_msg("%s", err.text);
    assert_non_null(script_action_find(lua, (struct span){"listsessions", 12}));
    assert_true(script_action_info(script_action_find(lua, span_of("Reload")))->admin);
    assert_null(script_action_find(lua, span_of("None")));
    script_state_destroy(lua);
    script_files_fini(&files);
}

/** Loads one snippet of the documentation, and runs its test if it has one. */
static void try_snippet(const char *text)
{
    struct scripts scripts;
    struct error err;
    bool ran = false, is_filter = strstr(text, "run = function") == NULL;

    scripts_begin(&scripts);
    scripts_add(&scripts, is_filter ? SCRIPT_IS_FILTER : SCRIPT_IS_PROXY_ACTION, "snippet", text);
    struct script_state *lua = scripts_load(&scripts, &err);
    if (lua == NULL)
        fail_msg("%s\n%s", err.text, text);
    if (is_filter && !script_state_test(lua, "snippet", &ran, &err))
        fail_msg("%s\n%s", err.text, text);
    if (is_filter && !ran) {
        struct script_filter *filter = script_filter_create(lua, "snippet", NULL, NULL, false, &err);
        if (filter == NULL)
            fail_msg("%s\n%s", err.text, text);
        script_filter_unref(filter);
    }
    script_state_destroy(lua);
    scripts_end(&scripts);
}

static void test_snippets_of_the_readme(void **state)
{
    static char text[65536];
    FILE *file = fopen(AMP_SOURCE "/lua/README.md", "r");
    unsigned count = 0;
    (void)state;
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    for (char *at = text; (at = strstr(at, "```lua\n")) != NULL; count++) {
        char *end = strstr(at + 7, "```");
        assert_non_null(end);
        *end = '\0';
        try_snippet(at + 7);
        at = end + 3;
    }
    assert_true(count >= 5);
}

/** `…only` filters add up, others narrow; a refusal of an action is final. */
static void test_chain(void **state)
{
    struct script_files files = {.items = NULL};
    struct script_setup setup = {.files = &files, .root = AMP_SOURCE "/lua"};
    struct error err = {""};
    static const char *const names[] = {"cdronly", "brionly", "mask"};
    struct script_filter *filters[3];
    struct message *changed;
    (void)state;
    script_limits_default(&setup.limits);
    for (int i = 0; i < 3; i++)
        assert_true(script_files_add(&files, AMP_SOURCE "/lua", SCRIPT_IS_FILTER, names[i], &err));
    struct script_state *lua = script_state_create(&setup, &err);
    assert_non_null(lua);
    for (int i = 0; i < 3; i++)
        assert_non_null(filters[i] = script_filter_create(lua, names[i], NULL, NULL, false, &err));
    struct message *cdr = message_of("Event: Cdr\r\nSource: 4111111111111111\r\n\r\n");
    struct message *bridge = message_of("Event: BridgeEnter\r\nX: y\r\n\r\n");
    struct message *hangup = message_of("Event: Hangup\r\nX: y\r\n\r\n");
    struct message *answer = message_of("Response: Success\r\nX: y\r\n\r\n");
    struct span value;
    assert_int_equal(script_chain_message(filters, 3, cdr, SCRIPT_EVENT, &changed), SCRIPT_CHANGE);
    assert_true(message_find(changed, "Source", &value) && span_is(value, "xxxxxxxxxxxx1111"));
    message_unref(changed);
    assert_int_equal(script_chain_message(filters, 3, bridge, SCRIPT_EVENT, &changed), SCRIPT_PASS);
    assert_int_equal(script_chain_message(filters, 3, hangup, SCRIPT_EVENT, &changed), SCRIPT_DROP);
    assert_int_equal(script_chain_message(filters, 3, answer, SCRIPT_ANSWER, &changed), SCRIPT_PASS);
    assert_int_equal(script_chain_message(filters, 1, bridge, SCRIPT_EVENT, &changed), SCRIPT_DROP);
    assert_int_equal(script_chain_message(filters, 0, bridge, SCRIPT_EVENT, &changed), SCRIPT_PASS);
    message_unref(cdr);
    message_unref(bridge);
    message_unref(hangup);
    message_unref(answer);
    for (int i = 0; i < 3; i++)
        script_filter_unref(filters[i]);
    script_state_destroy(lua);
    script_files_fini(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stock_filters),
        cmocka_unit_test(test_example_filters),
        cmocka_unit_test(test_proxy_actions_load),
        cmocka_unit_test(test_snippets_of_the_readme),
        cmocka_unit_test(test_chain),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
