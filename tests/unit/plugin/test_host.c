// tests/unit/plugin/test_host.c: the functions that plugins call: messages, outputs, and inputs with their limits.
#include "plugin/host.h"
#include "unit/test.h"

#include <string.h>

/** The last arguments of on_message(). */
struct seen {
    struct message *message;
    const char *rejected;
    unsigned count;
    bool answer;
};

static bool on_message(void *context, struct message *message, const char *rejected)
{
    struct seen *seen = context;
    message_unref(seen->message);
    seen->message = message;
    seen->rejected = rejected;
    seen->count++;
    return seen->answer;
}

static struct amp_bytes bytes_of(const char *text)
{
    return (struct amp_bytes){text, strlen(text)};
}

static void add(struct amp_input *input, const char *name, const char *value)
{
    amp_input_header(input, bytes_of(name), bytes_of(value));
}

static void messages_can_be_read(void **state)
{
    (void)state;
    struct message_builder builder;
    message_builder_init(&builder);
    message_addf(&builder, "Event", "Hangup");
    message_add_line(&builder, span_of("no header"));
    struct message *message = message_build(&builder);
    message_builder_fini(&builder);
    const struct amp_message *seen = amp_message_of(message);
    struct amp_bytes name, value;
    assert_int_equal(amp_message_count(seen), 2);
    amp_message_header(seen, 0, &name, &value);
    assert_int_equal(name.length, 5);
    assert_memory_equal(value.bytes, "Hangup", value.length);
    amp_message_header(seen, 1, &name, &value);
    assert_int_equal(name.length, 0);
    assert_int_equal(value.length, 9);
    struct amp_bytes text = amp_message_text(seen);
    assert_int_equal(text.length, strlen("Event: Hangup\r\nno header\r\n\r\n"));
    message_unref(message);
}

static void test_r01_line_ends_reject_the_action(void **state)
{
    (void)state;
    static const struct amp_bytes bad[] = {{"a\rb", 3}, {"a\nb", 3}, {"a\0b", 3}, {"a\r\nAction: Command", 18}};
    struct amp_bytes good = {"x", 1};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct seen seen = {.answer = true};
        struct amp_input input;
        amp_input_init(&input, 1000, on_message, &seen);
        add(&input, "ActionID", "7");
        amp_input_header(&input, i % 2 == 0 ? good : bad[i], bad[i]);
        assert_true(amp_input_end(&input));
        assert_int_equal(seen.count, 1);
        assert_non_null(strstr(seen.rejected, "line end or NUL"));
        assert_int_equal(seen.message->header_count, 1); // the ActionID: its asker is told
        message_unref(seen.message);
        amp_input_fini(&input);
    }
}

static void outputs_grow(void **state)
{
    (void)state;
    struct amp_output out = {0};
    amp_output_write(&out, NULL, 0);
    assert_int_equal(out.length, 0);
    for (int i = 0; i < 1000; i++)
        amp_output_write(&out, "0123456789", 10);
    assert_int_equal(out.length, 10000);
    assert_memory_equal(out.bytes + 9990, "0123456789", 10);
    amp_output_fini(&out);
    assert_null(out.bytes);
    amp_output_write(&out, "x", 1);
    amp_output_fini(&out);
}

static void inputs_make_messages(void **state)
{
    (void)state;
    struct seen seen = {.answer = true};
    struct amp_input input;
    amp_input_init(&input, 1000, on_message, &seen);
    assert_true(amp_input_end(&input));
    assert_int_equal(seen.count, 0);
    add(&input, "Action", "Ping");
    add(&input, "ActionID", "7");
    assert_true(amp_input_end(&input));
    assert_int_equal(seen.count, 1);
    assert_null(seen.rejected);
    assert_int_equal(seen.message->kind, MESSAGE_ACTION);
    assert_true(span_is(message_action_id(seen.message), "7"));
    seen.answer = false;
    add(&input, "Action", "Logoff");
    assert_false(amp_input_end(&input));
    assert_int_equal(seen.count, 2);
    assert_true(span_is(message_name(seen.message), "Logoff"));
    message_unref(seen.message);
    amp_input_fini(&input);
}

static void rejects_are_of_one_message(void **state)
{
    (void)state;
    struct seen seen = {.answer = true};
    struct amp_input input;
    amp_input_init(&input, 1000, on_message, &seen);
    amp_input_reject(&input, "first");
    amp_input_reject(&input, "second");
    add(&input, "ActionID", "7");
    assert_true(amp_input_end(&input));
    assert_string_equal(seen.rejected, "first");
    assert_true(span_is(message_action_id(seen.message), "7"));
    amp_input_reject(&input, "alone");
    assert_true(amp_input_end(&input));
    assert_string_equal(seen.rejected, "alone");
    assert_int_equal(seen.message->header_count, 0);
    assert_int_equal(message_action_id(seen.message).length, 0);
    add(&input, "Action", "Ping");
    assert_true(amp_input_end(&input));
    assert_null(seen.rejected);
    assert_int_equal(seen.count, 3);
    message_unref(seen.message);
    amp_input_fini(&input);
}

static void a_failed_input_stays_so(void **state)
{
    (void)state;
    struct seen seen = {.answer = true};
    struct amp_input input;
    amp_input_init(&input, 1000, on_message, &seen);
    add(&input, "Action", "Ping");
    amp_input_fail(&input, "why");
    amp_input_fail(&input, "later");
    amp_input_reject(&input, "later");
    add(&input, "Action", "Ping");
    assert_false(amp_input_end(&input));
    assert_false(amp_input_end(&input));
    assert_string_equal(input.failed, "why");
    assert_int_equal(seen.count, 0);
    amp_input_fini(&input);
}

static void messages_have_a_limit(void **state)
{
    (void)state;
    struct seen seen = {.answer = true};
    struct amp_input input;
    amp_input_init(&input, 40, on_message, &seen); // "Action: Ping⏎" takes 14 of them
    for (int i = 0; i < 3; i++) {
        add(&input, "Action", "Ping");
        add(&input, "Action", "Ping");
        assert_true(amp_input_end(&input)); // each message has the limit of its own
    }
    assert_int_equal(seen.count, 3);
    for (int i = 0; i < 3; i++)
        add(&input, "Action", "Ping");
    assert_string_equal(input.failed, "Message too long");
    assert_false(amp_input_end(&input));
    assert_int_equal(seen.count, 3);
    message_unref(seen.message);
    amp_input_fini(&input);
}

static void absurd_lengths_do_not_wrap(void **state)
{
    (void)state;
    struct seen seen = {.answer = true};
    struct amp_input input;
    amp_input_init(&input, 1000, on_message, &seen);
    amp_input_header(&input, (struct amp_bytes){"x", SIZE_MAX - 2}, (struct amp_bytes){"y", SIZE_MAX - 2});
    assert_string_equal(input.failed, "Message too long");
    amp_input_fini(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_can_be_read),
        cmocka_unit_test(outputs_grow),
        cmocka_unit_test(test_r01_line_ends_reject_the_action),
        cmocka_unit_test(inputs_make_messages),
        cmocka_unit_test(rejects_are_of_one_message),
        cmocka_unit_test(a_failed_input_stays_so),
        cmocka_unit_test(messages_have_a_limit),
        cmocka_unit_test(absurd_lengths_do_not_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
