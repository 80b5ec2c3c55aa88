// tests/unit/plugin/test_registry.c: good plugins load and work; the error for a bad one names its file and the reason.
#include "plugin/host.h"
#include "plugin/registry.h"
#include "unit/test.h"

#include <stdio.h>
#include <string.h>

#define FOLDER AMP_BUILD "/tests/plugins/"

static int make_registry(void **state)
{
    *state = registry_create();
    return 0;
}

static int destroy_registry(void **state)
{
    registry_destroy(*state);
    return 0;
}

static void assert_loads(struct registry *registry, const char *path)
{
    struct error err = {""};
    if (!registry_load(registry, path, &err))
        fail_msg("%s", err.text);
}

static void assert_refuses(struct registry *registry, const char *file, const char *reason)
{
    char path[4096];
    struct error err = {""};
    size_t count = registry_count(registry);
    snprintf(path, sizeof path, FOLDER "%s.so", file);
    assert_false(registry_load(registry, path, &err));
    assert_int_equal(registry_count(registry), count);
    if (strstr(err.text, reason) == NULL || strstr(err.text, path) == NULL)
        fail_msg("expected %s and the path; found: %s", reason, err.text);
}

static void an_empty_registry_finds_nothing(void **state)
{
    assert_int_equal(registry_count(*state), 0);
    assert_null(registry_find(*state, "standard"));
    registry_destroy(NULL);
}

static void loads_and_finds(void **state)
{
    assert_loads(*state, AMP_BUILD "/plugins/standard.so");
    assert_loads(*state, FOLDER "good.so");
    assert_int_equal(registry_count(*state), 2);
    assert_string_equal(registry_at(*state, 0)->name, "standard");
    assert_string_equal(registry_at(*state, 1)->name, "good");
    assert_ptr_equal(registry_find(*state, "standard"), registry_at(*state, 0));
    assert_null(registry_find(*state, "Standard"));
}

static void loaded_plugins_call_the_program(void **state)
{
    assert_loads(*state, FOLDER "good.so");
    struct message_builder builder;
    message_builder_init(&builder);
    message_addf(&builder, "Event", "Hangup");
    struct message *message = message_build(&builder);
    message_builder_fini(&builder);
    struct amp_output out = {0};
    registry_find(*state, "good")->encode(amp_message_of(message), &out);
    assert_int_equal(out.length, strlen("Event: Hangup\r\n\r\n"));
    assert_memory_equal(out.bytes, "Event: Hangup\r\n\r\n", out.length);
    amp_output_fini(&out);
    message_unref(message);
}

static void a_later_description_loads(void **state)
{
    assert_loads(*state, FOLDER "longer.so");
    assert_non_null(registry_find(*state, "longer")->encode);
}

static void refuses_bad_plugins(void **state)
{
    char newer[80];
    assert_refuses(*state, "not_there", "cannot open shared object file");
    assert_refuses(*state, "bad_call", "undefined symbol: amp_not_there");
    assert_refuses(*state, "bad_symbol", "expected it to export amp_plugin_v1");
    assert_refuses(*state, "bad_size", "its size says 16");
    snprintf(newer, sizeof newer, "wants interface 1.%u, this astmanproxy has 1.%u", AMP_ABI_MINOR + 1, AMP_ABI_MINOR);
    assert_refuses(*state, "bad_minor", newer);
    assert_refuses(*state, "bad_name", "expected a name of 1 to 32 lower case letters");
    assert_refuses(*state, "bad_capabilities", "expected AMP_CAN_ENCODE, AMP_CAN_DECODE or AMP_IS_PROTOCOL");
    assert_refuses(*state, "bad_protocol", "expected all functions of struct amp_protocol");
    assert_refuses(*state, "bad_encode", "expected encode and content_type");
    assert_refuses(*state, "bad_decode", "expected decode");
}

static void refuses_a_second_of_a_name(void **state)
{
    assert_loads(*state, FOLDER "good.so");
    assert_refuses(*state, "good_again", "the name good is taken by " FOLDER "good.so");
    assert_refuses(*state, "good", "the name good is taken by");
    assert_string_equal(registry_find(*state, "good")->name, "good"); // still mapped
}

#define ON_EMPTY(test) cmocka_unit_test_setup_teardown(test, make_registry, destroy_registry)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_EMPTY(an_empty_registry_finds_nothing),
        ON_EMPTY(loads_and_finds),
        ON_EMPTY(loaded_plugins_call_the_program),
        ON_EMPTY(a_later_description_loads),
        ON_EMPTY(refuses_bad_plugins),
        ON_EMPTY(refuses_a_second_of_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
