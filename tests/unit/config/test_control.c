// tests/unit/config/test_control.c: where the control socket is, whatever the file says.
#include "unit/config/config_test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void it_becomes_the_last_listener(void **state)
{
    (void)state;
    struct config *config = expect_good("control: {path: /x/control, group: staff}\nlisten: [{port: 1}, {port: 2}]\n");
    assert_int_equal(config->listen_count, 3);
    assert_false(config->listen[1].control);
    assert_true(config->listen[2].control);
    assert_true(config->control.given);
    assert_string_equal(config->control.group, "staff");
    assert_string_equal(config->listen[2].address, "unix:/x/control");
    assert_non_null(strstr(config->listen[2].banner, " control /"));
    config_unref(config);
    config = expect_good("control: {path: off}\n");
    assert_int_equal(config->listen_count, 1);
    config_unref(config);
}

static void impossible_paths_are_refused(void **state)
{
    (void)state;
    expect_error("control: {path: run/control}\n",
                 "control.path: expected off, or an absolute path of at most 107 bytes; found \"run/control\"");
}

static void a_listener_cannot_have_the_path_too(void **state)
{
    (void)state;
    expect_error("listen: [{port: 1}, {address: 'unix:/x/y'}]\ncontrol: {path: /x/y}\n",
                 "control.path: expected a path that no entry of listen has; found \"/x/y\"");
    config_unref(expect_good("listen: [{address: 'unix:/x/y'}]\ncontrol: {path: /x/z}\n"));
}

/** Writes a file and returns what config_control_path() finds in it; the caller frees it. */
static char *find_in(const char *text)
{
    char path[] = "/tmp/control-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    char *found = config_control_path(path);
    unlink(path);
    return found;
}

static void expect_path(const char *text, const char *expected)
{
    char *found = find_in(text);
    if (expected == NULL)
        assert_null(found);
    else
        assert_string_equal(found, expected);
    free(found);
}

static void it_is_found_in_any_file(void **state)
{
    (void)state;
    const char *usual = "/run/astmanproxy/control";
    expect_path("", usual);
    expect_path("servers: nonsense\nunknown: 1\n", usual);
    expect_path("control: {path: /x/y}\nservers: nonsense\n", "/x/y");
    expect_path("control:\n  path: off\n", NULL);
    expect_path("control: {path: relative}\n", NULL);
    expect_path("control: [1]\n", usual);
    // files that are not YAML
    expect_path("a: b: [\ncontrol:\n  # why\n  group: x\n  path: \"/x/y\"  # here\nlisten:\n  path: /z\n", "/x/y");
    expect_path("a: b: [\ncontrol: {group: g, path: '/x/z', }\n", "/x/z");
    expect_path("a: b: [\ncontrol:\n\n  path: /x/y\r\n", "/x/y");
    expect_path("a: b: [\ncontrol:\nlisten:\n  path: /z\n", usual);
    expect_path("a: b: [\ncontrol:\n  path:", usual);
    expect_path("a: b: [\ncontrol:\n  path: off", NULL);
    char *none = config_control_path("/nonexistent/file");
    assert_string_equal(none, usual);
    free(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_becomes_the_last_listener), cmocka_unit_test(impossible_paths_are_refused),
        cmocka_unit_test(a_listener_cannot_have_the_path_too), cmocka_unit_test(it_is_found_in_any_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
