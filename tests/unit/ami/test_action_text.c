// tests/unit/ami/test_action_text.c: an action that is read at once is the one that its headers make, and goes to a
// server as that one does; what is written in another way is declined.
#include "ami/action_text.h"

#include "ami/writer.h"
#include "base/memory.h"
#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>

// clang-format off
#define TEXT(text) {text, sizeof(text) - 1}
// clang-format on

/** Reads the action from a block without a byte behind it, so that a read past its end is seen. */
static struct message *read_exactly(struct span text, uint64_t most_headers, size_t *used)
{
    char *exact = memory_new(text.length);
    memcpy(exact, text.bytes, text.length);
    struct message *message = action_text_read((struct span){exact, text.length}, most_headers, used);
    free(exact);
    return message;
}

static struct span wire_of(const struct message *action, struct writer_buffer *out)
{
    writer_wire(out, action, span_of("amp1-2"));
    return (struct span){out->bytes, out->length};
}

/** Makes the same action header by header, and compares all that is known of both. */
static void check_as_built(const struct message *action)
{
    struct message_builder builder;
    struct writer_buffer one = {0}, other = {0};
    message_builder_init(&builder);
    for (uint32_t i = 0; i < action->header_count; i++) {
        struct span name, value;
        message_header(action, i, &name, &value);
        assert_true(message_add_clean(&builder, name, value));
    }
    struct message *built = message_build(&builder);
    assert_true(span_equals(message_wire(action), message_wire(built)));
    assert_memory_equal(message_headers(action), message_headers(built), action->header_count * sizeof(struct header));
    assert_int_equal(action->kind, built->kind);
    assert_int_equal(action->action, built->action);
    assert_int_equal(action->action_id, built->action_id);
    assert_int_equal(action->decides, built->decides);
    assert_int_equal(action->names, built->names);
    assert_ptr_equal(action->info, built->info);
    assert_true(action->clean && built->clean);
    assert_false(built->is_sent_whole || action->received || action->from_server);
    assert_true(span_equals(message_name(action), message_name(built)));
    assert_true(span_equals(message_action_id(action), message_action_id(built)));
    assert_int_equal(writer_check(action), writer_check(built));
    if (writer_check(built) == WRITER_OK)
        assert_true(span_equals(wire_of(action, &one), wire_of(built, &other)));
    writer_buffer_fini(&one);
    writer_buffer_fini(&other);
    message_unref(built);
}

static const struct {
    struct span text;
    size_t used; // 0: declined
    bool whole;  // goes to a server with all its lines
} rows[] = {
    {TEXT("Action: Ping\r\n\r\n"), 16, true},
    {TEXT("aCTION: Ping\r\nActionID: 7\r\n\r\nAction: Next\r\n\r\n"), 29, true},
    {TEXT("Action: Getvar\r\nVariable: a:b=c \r\nActionID: 7\r\nX: \xc3\xa4\r\n\r\n"), 56, true},
    {TEXT("Action: Getvar\r\nVariable: V\r\nActionID: \r\n\r\n"), 43, true},
    {TEXT("ActionID: 1\r\nAction: Ping\r\n\r\n"), 29, false},
    {TEXT("Action: \r\nAction: Ping\r\n\r\n"), 26, false},
    {TEXT("Action: \r\n\r\n"), 12, false},
    {TEXT("Action: Ping\r\nServer: a\r\n\r\n"), 27, false},
    {TEXT("Action: Ping\r\nPROXYKEY: a\r\n\r\n"), 29, false},
    {TEXT("Action: Ping\r\nActionID: 1\r\nActionID: 2\r\n\r\n"), 42, false},
    {TEXT("Action: Ping\r\nEvent: x\r\nResponse: y\r\nPrivilege: z\r\n\r\n"), 53, true},
    {TEXT("ProxyAction: ListServers\r\n\r\n"), 28, false},
    {TEXT("Action: NoSuch\r\nA: 1\r\nVeryLongNameOfAHeader: 2\r\nActionIDs: 3\r\nActio: 4\r\n\r\n"), 74, true},
    {TEXT("N\xc3\xa4me: x\r\nAction: Ping\r\n\r\n"), 26, false},
    // for the other way
    {TEXT(""), 0, false},
    {TEXT("\r\n"), 0, false},
    {TEXT("\r\nAction: Ping\r\n\r\n"), 0, false},
    {TEXT("Event: x\r\n\r\n"), 0, false},
    {TEXT("response: x\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\n\n"), 0, false},
    {TEXT("Action: Ping\r\n\n"), 0, false},
    {TEXT("Action: Ping\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\n\rX: 1\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nX: a\rb\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nX: a\0b\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nX: a\tb\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nX:a\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nX:  a\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nX:\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nX : a\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\n: a\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nno colon\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nNoColon\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nLonger-Name\x7f: a\r\n\r\n"), 0, false},
    {TEXT("Action: Ping\r\nLonger-Name\0: a\r\n\r\n"), 0, false},
};

static void actions_are_those_that_their_headers_make(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t used = 0;
        struct message *message = read_exactly(rows[i].text, UINT64_MAX, &used);
        assert_int_equal(message == NULL ? 0 : used, rows[i].used);
        if (message == NULL)
            continue;
        assert_int_equal(message->is_sent_whole, rows[i].whole);
        check_as_built(message);
        message_unref(message);
    }
}

static void actions_that_are_not_complete_wait(void **state)
{
    (void)state;
    struct span text = TEXT("Action: Getvar\r\nActionID: b1-2-3\r\nVariableOfALine: value\r\n\r\n");
    for (size_t length = 0; length < text.length; length++) {
        size_t used = 0;
        assert_null(read_exactly((struct span){text.bytes, length}, UINT64_MAX, &used));
    }
}

static void limits_of_servers_are_kept(void **state)
{
    (void)state;
    char line[2000];
    size_t used;
    memset(line, 'x', sizeof line);
    for (size_t length = WRITER_LINE_BYTES - 1; length <= WRITER_LINE_BYTES + 1; length++) {
        struct writer_buffer out = {memory_new(3000), 0, 3000};
        out.length =
            (size_t)snprintf(out.bytes, out.capacity, "Action: Ping\r\nX: %.*s\r\n\r\n", (int)length - 3, line);
        struct message *message = read_exactly((struct span){out.bytes, out.length}, UINT64_MAX, &used);
        assert_int_equal(message != NULL, length <= WRITER_LINE_BYTES);
        message_unref(message);
        writer_buffer_fini(&out);
    }
    for (uint32_t count = WRITER_HEADERS - 2; count <= WRITER_HEADERS; count++) {
        struct writer_buffer text = {memory_new(3000), 0, 3000};
        text.length = (size_t)snprintf(text.bytes, text.capacity, "Action: Ping\r\n");
        for (uint32_t i = 1; i < count; i++)
            text.length += (size_t)snprintf(text.bytes + text.length, text.capacity - text.length, "X: %u\r\n", i);
        text.length += (size_t)snprintf(text.bytes + text.length, text.capacity - text.length, "\r\n");
        struct span bytes = {text.bytes, text.length};
        struct message *message = read_exactly(bytes, UINT64_MAX, &used);
        assert_int_equal(message != NULL, count < WRITER_HEADERS);
        if (message != NULL)
            check_as_built(message);
        message_unref(message);
        assert_null(read_exactly(bytes, count - 1, &used));
        writer_buffer_fini(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_are_those_that_their_headers_make),
        cmocka_unit_test(actions_that_are_not_complete_wait),
        cmocka_unit_test(limits_of_servers_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
