// tests/unit/config/test_settings.c: values that are empty, and sections that belong to plugins.
#include "unit/config/config_test.h"

static void empty_values_are_defaults(void **state)
{
    (void)state;
    config_unref(expect_good("tls: {certificate: , key: ~, client_ca: , min_version: null}\n"
                             "limits: {actions_per_second: 0}\n"
                             "listen: [{tls: off}, {port: 0, tls: optional}]\n"
                             "servers: [{host: a, username: b, secret: c, tls: off, ca_file: }]\n"
                             "users: [{name: a, secret: b, channel: , more_events: false, address: }]\n"
                             "retry:\nauth:\nprocess:\n"));
}

static void sections_of_plugins_are_kept_for_them(void **state)
{
    (void)state;
    struct config *config = expect_good("plugins: {load: [standard, my-format]}\nmy-format: {key: value}\n");
    const struct yaml_node *section = config_section(config, "my-format");
    assert_non_null(section);
    assert_true(span_is(yaml_tree_text(yaml_tree_find(section, "key")), "value"));
    assert_null(config_section(config, "standard"));
    assert_null(config_section(config, "plugins"));
    config_forget_sections(config);
    assert_null(config_section(config, "my-format"));
    config_unref(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_values_are_defaults),
        cmocka_unit_test(sections_of_plugins_are_kept_for_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
