// tests/unit/config/test_secrets.c: where secrets come from, who may read them, and that no message shows them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parse.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_secrets_XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

/** Writes a file of the folder with a mode. @return its path, good until the next call */
static const char *write_file(const char *name, const char *text, mode_t mode)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void remove_file(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

/** Loads a file of the folder. @param expected  part of the report; NULL: there is no report */
static void load(const char *path, const char *expected)
{
    char *errors;
    struct config *config = config_load(path, &errors);
    if ((expected == NULL) != (config != NULL) || (expected != NULL && strstr(errors, expected) == NULL))
        fail_msg("expected %s, reported %s", expected == NULL ? "no mistake" : expected, errors);
    config_unref(config);
    free(errors);
}

static void test_f43_the_services_environment_file_is_found(void **state)
{
    static const char text[] =
        "listen: [{port: 0}]\nservers: [{name: a, host: h, username: u, secret: \"${F43_SECRET}\"}]\n";
    char path[256], expected[512];
    (void)state;

    unsetenv("F43_SECRET");
    snprintf(path, sizeof path, "%s", write_file("main.yaml", text, 0600));
    snprintf(expected, sizeof expected, "found none of the name \"F43_SECRET\", neither there nor in %s/environment (",
             folder);
    load(path, expected); // the report says where it looked, and why it found nothing
    write_file("environment", "# F43_SECRET=comment\nF43_SECRETS=other\n", 0600);
    snprintf(expected, sizeof expected, "found none of the name \"F43_SECRET\", neither there nor in %s/environment\n",
             folder);
    load(path, expected);
    write_file("environment", "OTHER=1\n  F43_SECRET = no\nF43_SECRET=\"with blanks\"  \r\n", 0600);
    load(path, NULL);
    write_file("environment", "F43_SECRET=\n", 0600);
    load(path, "expected a secret; found an empty one");
    setenv("F43_SECRET", "of the process", 1); // comes first
    load(path, NULL);
    unsetenv("F43_SECRET");
    remove_file("environment");
    remove_file("main.yaml");
}

static void test_r42_a_file_with_plain_secrets_that_others_can_read_is_refused(void **state)
{
    (void)state;
    const char *plain = "users:\n  - name: a\n    secret: hunter2\n";
    load(write_file("c.yaml", plain, 0644), "c.yaml:3:13: users[0].secret: expected a file that others cannot read");
    load(write_file("c.yaml", plain, 0641), "found mode 0641");
    load(write_file("c.yaml", plain, 0640), NULL);
    load(write_file("c.yaml", plain, 0600), NULL);
    load(write_file("c.yaml", "auth: {proxy_key: hunter2}\n", 0644), "c.yaml:1:19: auth.proxy_key: expected a file");
    load(write_file("c.yaml", "insecure_permissions: allow\nauth: {proxy_key: hunter2}\n", 0644), NULL);
    load(write_file("c.yaml", "insecure_permissions: refuse\nauth: {proxy_key: hunter2}\n", 0644), "0644");
    setenv("TEST_SECRET", "hunter2", 1);
    load(write_file("c.yaml", "auth: {proxy_key: '${TEST_SECRET}'}\n", 0644), NULL);
    remove_file("c.yaml");
}

static void test_r42_users_file_and_secret_file_are_checked_too(void **state)
{
    (void)state;
    char path[256];
    snprintf(path, sizeof path, "%s", write_file("c.yaml", "users_file: u.yaml\n", 0644));
    write_file("u.yaml", "users: [{name: a, secret: hunter2}]\n", 0644);
    load(path, "u.yaml:1:27: users[0].secret: expected a file that others cannot read");
    write_file("u.yaml", "insecure_permissions: allow\nusers: [{name: a, secret: hunter2}]\n", 0644);
    load(path, NULL);
    write_file("u.yaml", "users: [{name: a, secret_file: s}]\n", 0644);
    write_file("s", "hunter2\n", 0644);
    load(path, "u.yaml:1:32: users[0].secret_file: expected a file that others cannot read");
    write_file("s", "hunter2\n", 0600);
    load(path, NULL);
    remove_file("c.yaml");
    remove_file("u.yaml");
    remove_file("s");
}

static void test_what_only_the_proxy_can_read_may_be_missing_outside(void **state)
{
    (void)state;
    char *errors;
    unsetenv("TEST_NOT_SET");
    const char *path = write_file("c.yaml",
                                  "users: [{name: a, secret: '${TEST_NOT_SET}'}, {name: b, secret_file: none}, "
                                  "{name: c, secret: hunter2, admin: true}]\n",
                                  0600);
    load(path, "none of the name \"TEST_NOT_SET\"");
    struct config *config = config_load_outside(path, &errors);
    assert_non_null(config);
    assert_null(config->users[0].secret);
    assert_null(config->users[1].secret);
    assert_string_equal(config->users[2].secret, "hunter2");
    config_unref(config);
    config = config_load_outside(write_file("c.yaml", "users_file: none.yaml\n", 0600), &errors);
    assert_non_null(config);
    assert_int_equal(config->user_count, 0);
    config_unref(config);
    assert_null(config_load_outside(write_file("c.yaml", "listen: [{port: x}]\n", 0600), &errors));
    assert_non_null(strstr(errors, "c.yaml:1:17: listen[0].port"));
    free(errors);
    remove_file("c.yaml");
}

static void test_r42_no_message_shows_a_secret(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "users: [{name: a, secret: [hunter2]}]\n",
        "users: [{name: a, secret: \"hunter2\\n\"}]\n",
        "users: [{name: a, secret: hunter2, secret: hunter2}]\n",
        "users: [{name: a, secret: hunter2, nonsense: 1}]\n",
        "users:\n  - name: a\n    scret: hunter2\n",
        "users:\n  - name: a\n    secret: $6$hunter2\n",
        "users:\n  - name: a\n    secret: &a hunter2\n",
        "users:\n  - name: a\n    secret: hunter2: x\n",
        "auth:\n  proxy_key: {a: hunter2}\n",
        "users:\n  - secret:hunter2\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *errors;
        assert_null(parse(texts[i], &errors));
        if (strstr(errors, "hunter2") != NULL)
            fail_msg("%s\n--- reported: %s", texts[i], errors);
        free(errors);
    }
}

/** Loads a user whose secret is in a file. The caller unrefs. */
static struct config *load_secret(const char *content, const char *expected_error)
{
    char yaml[512];
    snprintf(yaml, sizeof yaml, "users: [{name: a, secret_file: %s}]\n", write_file("s", content, 0600));
    struct config *config = expected_error == NULL ? expect_good(yaml) : NULL;
    if (expected_error != NULL)
        expect_error(yaml, expected_error);
    remove_file("s");
    return config;
}

static void test_f38_what_blanks_a_secret_may_hold(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"a\\tb", NULL},
                                          {"a b ", NULL},
                                          {" lead", "blank in front"},
                                          {"\\tlead", "blank in front"},
                                          {"a\\nb", "control characters"},
                                          {"a\\x01b", "control characters"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "users:\n  - name: a\n    secret: \"%s\"\n", rows[i][0]);
        load(write_file("c.yaml", text, 0600), rows[i][1]);
        remove_file("c.yaml");
    }
}

static void secret_files(void **state)
{
    (void)state;
    static const char *const same[] = {"hunter2", "hunter2\n", "hunter2\r\n"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct config *config = load_secret(same[i], NULL);
        assert_string_equal(config->users[0].secret, "hunter2");
        config_unref(config);
    }
    load_secret("", "found an empty one");
    load_secret("\n", "found an empty one");
    load_secret("a\nb\n", "control characters");
    load_secret("$2b$10$abc\n", "users[0].secret_file: expected a secret, or a complete hash");
}

static void secrets_from_the_environment(void **state)
{
    (void)state;
    setenv("TEST_SECRET", "hunter2", 1);
    setenv("TEST_EMPTY", "", 1);
    struct config *config = expect_good("servers: [{host: a, username: b, secret: '${TEST_SECRET}'}]\n");
    assert_string_equal(config->servers[0].secret, "hunter2");
    config_unref(config);
    expect_error("auth:\n  proxy_key: ${TEST_UNSET}\n", "none of the name \"TEST_UNSET\"");
    expect_error("auth:\n  proxy_key: ${TEST_EMPTY}\n", "found an empty one");
    expect_error("auth:\n  proxy_key: ${TEST_SECRET}${TEST_SECRET}\n", "as the whole secret");
    expect_error("auth:\n  proxy_key: ${TEST_SECRET}x\n", "as the whole secret");
}

#define BCRYPT_4 "$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e"
#define BCRYPT_5 "$2b$05$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e"
#define BCRYPT_5_AGAIN "$2b$05$zbcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e"

static void test_c31_r19_hashes_are_told_from_plain_secrets(void **state)
{
    (void)state;
    setenv("TEST_HASH", BCRYPT_4, 1);
    struct config *config = expect_good("users:\n"
                                        "  - {name: a, secret: '${TEST_HASH}'}\n"
                                        "  - {name: b, secret: " BCRYPT_5 "}\n"
                                        "  - {name: c, secret: " BCRYPT_5_AGAIN "}\n"
                                        "  - {name: d, secret: $unknown$hash}\n"
                                        "  - {name: e, secret: $6}\n");
    for (size_t i = 0; i < 3; i++)
        assert_true(config->users[i].hashed);
    assert_false(config->users[3].hashed);
    assert_false(config->users[4].hashed);
    assert_string_equal(config->auth.usual_hash, BCRYPT_5); // the most common method and cost
    config_unref(config);
    config = expect_good("users: [{name: a, secret: b}]\n");
    assert_null(config->auth.usual_hash);
    config_unref(config);
}

/** A file of hashes is not refused, because hashes are not secrets. It is warned about nevertheless. */
static void test_r42_hashes_that_others_can_read_are_no_mistake(void **state)
{
    (void)state;
    load(write_file("c.yaml", "users: [{name: a, secret: " BCRYPT_4 "}]\n", 0644), NULL);
    load(write_file("c.yaml", "auth: {proxy_key: " BCRYPT_4 "}\n", 0644), "c.yaml:1:19: auth.proxy_key: expected");
    load(write_file("c.yaml", "servers: [{host: h, username: a, secret: " BCRYPT_4 "}]\n", 0644), "mode 0644");
    remove_file("c.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f43_the_services_environment_file_is_found),
        cmocka_unit_test(test_r42_a_file_with_plain_secrets_that_others_can_read_is_refused),
        cmocka_unit_test(test_r42_users_file_and_secret_file_are_checked_too),
        cmocka_unit_test(test_what_only_the_proxy_can_read_may_be_missing_outside),
        cmocka_unit_test(test_r42_no_message_shows_a_secret),
        cmocka_unit_test(test_c31_r19_hashes_are_told_from_plain_secrets),
        cmocka_unit_test(test_r42_hashes_that_others_can_read_are_no_mistake),
        cmocka_unit_test(test_f38_what_blanks_a_secret_may_hold),
        cmocka_unit_test(secret_files),
        cmocka_unit_test(secrets_from_the_environment),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
