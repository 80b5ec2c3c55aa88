// tests/unit/session/access/test_dial.c: the devices and dial strings that a user's entry allows.
#include "session/access/dial.h"

#include "unit/ami/parse.h"

#include <stdio.h>

static char channel[] = "SIP/1", in_context[] = "theirs", out_context[] = "mine";

static void test_a_device_is_ones_own_or_not(void **state)
{
    const struct user_config tied = {.channel = channel}, untied = {.channel = NULL};

    (void)state;
    assert_true(dial_is_own(&tied, span_of("SIP/1")));
    assert_false(dial_is_own(&tied, span_of("SIP/12")));
    assert_false(dial_is_own(&tied, span_of("SIP/2")));
    assert_false(dial_is_own(&tied, span_of("")));
    assert_true(dial_is_own(&untied, span_of("SIP/2")));
}

/** Whose device it is, Asterisk does not say. */
static void test_a_tenant_has_no_devices(void **state)
{
    struct user_config user = {.tenant = in_context};

    (void)state;
    assert_false(dial_is_own(&user, span_of("SIP/1")));
    assert_false(dial_may(&user, span_of("SIP/1")));
    assert_false(dial_may(&user, span_of("Local/5@mine")));
    user.out_context = out_context;
    assert_false(dial_may(&user, span_of("SIP/1")));
    assert_true(dial_may(&user, span_of("Local/5@mine")));
    assert_false(dial_may(&user, span_of("Local/5@theirs")));
    assert_false(dial_may(&user, span_of("Local/5")));
    user.write_given = true;
    assert_true(dial_may(&user, span_of("SIP/1")));
    assert_false(dial_may(&user, span_of("Local/5@theirs")));
    user.channel = channel;
    assert_false(dial_may(&user, span_of("SIP/2")));
}

static void test_each_part_of_a_dial_string_counts(void **state)
{
    const struct user_config tied = {.channel = channel};

    (void)state;
    assert_true(dial_may(&tied, span_of("SIP/1")));
    assert_false(dial_may(&tied, span_of("SIP/1&SIP/2")));
    assert_false(dial_may(&tied, span_of("SIP/2&SIP/1")));
    assert_false(dial_may(&tied, span_of("Local/5@theirs")));
}

/** A Local channel continues in the dialplan; a device does not. */
static void test_a_local_channel_stays_in_the_context(void **state)
{
    const struct user_config free = {.channel = channel}, user = {.channel = channel, .out_context = out_context};
    static const char *const leaves[] = {"Local/5@x",        "local/5",          "Local/",
                                         "Local/5@mine/a/n", "Local/5/6@mine/n", "Local/5/n@mine"};
    char text[128] = "Local/";

    (void)state;
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        assert_false(dial_stays(&user, span_of(leaves[i])));
        assert_true(dial_stays(&free, span_of(leaves[i])));
    }
    assert_true(dial_stays(&user, span_of("Local/5@mine")));
    assert_true(dial_stays(&user, span_of("local/5@mine/n")));
    assert_true(dial_stays(&user, span_of("SIP/Local")) && !dial_is_local(span_of("SIP/Local")));
    assert_true(dial_stays(&user, span_of("Loca")) && !dial_is_local(span_of("Loca")));
    memset(text + 6, '5', 74);
    strcpy(text + 80, "@mine"); // 79 bytes behind `Local/`
    assert_true(dial_stays(&user, span_of(text)));
    memset(text + 6, '5', 75);
    strcpy(text + 81, "@mine");
    assert_false(dial_stays(&user, span_of(text)));
}

static void expect_context(const char *dial, const char *wanted)
{
    char text[256];
    struct span name, value;

    snprintf(text, sizeof text, "Action: Originate\r\nChannel: %s\r\nExten: 1\r\n\r\n", dial);
    struct message *action = parse_one(text);
    struct message *changed = dial_enforce_context(action, 1, span_of(dial), out_context);
    message_header(changed, 1, &name, &value);
    assert_true(span_equals(name, span_of("Channel")));
    if (!span_equals(value, span_of(wanted)))
        fail_msg("%s: %.*s", dial, (int)value.length, value.bytes);
    assert_int_equal(changed->header_count, 3);
    message_unref(changed);
    message_unref(action);
}

/** Releases find the options of a Local channel behind the first slash, or behind the last. */
static void test_releases_read_two_slashes_differently(void **state)
{
    static const enum filterlocal filters[] = {FILTERLOCAL_OFF, FILTERLOCAL_ALLOWWITH, FILTERLOCAL_ENFORCE};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct user_config user = {.out_context = out_context, .filterlocal = filters[i]};
        assert_true(dial_may(&user, span_of("Local/5@mine/n")));
        assert_false(dial_may(&user, span_of("Local/5@mine/a/n")));
        assert_false(dial_may(&user, span_of("Local/5/6@mine/n")));
    }
}

/** The name of the channel becomes that of a file, with which Monitor runs a shell. */
static void test_a_shell_reads_the_name_of_a_channel(void **state)
{
    static const char *const names[] = {"Local/1$(id)@mine", "Local/1`id`@mine", "Local/1\"id\"@mine",
                                        "Local/1\\@mine"};
    static const enum filterlocal filters[] = {FILTERLOCAL_OFF, FILTERLOCAL_ALLOW, FILTERLOCAL_ALLOWWITH,
                                               FILTERLOCAL_ENFORCE};
    static char prefix[] = "Local/*";

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct user_config user = {.out_context = out_context, .filterlocal = filters[i]};
        for (size_t k = 0; k < 4; k++)
            assert_false(dial_may(&user, span_of(names[k])));
        assert_true(dial_may(&user, span_of("Local/*1_a-b.c#@mine")));
    }
    const struct user_config tied = {.channel = prefix};
    assert_true(dial_may(&tied, span_of("Local/1@mine")));
    assert_false(dial_may(&tied, span_of(names[0])));
    assert_false(dial_is_own(&tied, span_of(names[0])));
}

static void test_a_context_is_enforced(void **state)
{
    (void)state;
    (void)in_context;
    expect_context("Local/5@theirs", "Local/5@mine");
    expect_context("Local/5", "Local/5@mine");
    expect_context("Local/5@theirs/n", "Local/5@mine/n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_device_is_ones_own_or_not),
        cmocka_unit_test(test_a_tenant_has_no_devices),
        cmocka_unit_test(test_each_part_of_a_dial_string_counts),
        cmocka_unit_test(test_a_local_channel_stays_in_the_context),
        cmocka_unit_test(test_releases_read_two_slashes_differently),
        cmocka_unit_test(test_a_shell_reads_the_name_of_a_channel),
        cmocka_unit_test(test_a_context_is_enforced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
