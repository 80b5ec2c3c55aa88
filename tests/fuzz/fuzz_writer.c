// tests/fuzz/fuzz_writer.c: whatever headers a client sends, what the writer lets through keeps the framing that all
// clients share: Asterisk reads it as exactly one message, with the headers that the proxy judged.
//
// Input: ⟨length of name⟩⟨name⟩⟨length of value, 2 bytes⟩⟨value⟩… A length that is too long means all that is left.
// Runs: 100000
#include "ami/parser.h"
#include "ami/writer.h"

#include <stdint.h>
#include <stdlib.h>

static const char id[] = "amp1-0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab";

static struct span take(struct span *rest, size_t length)
{
    struct span taken = {rest->bytes, length < rest->length ? length : rest->length};
    *rest = (struct span){rest->bytes + taken.length, rest->length - taken.length};
    return taken;
}

static size_t take_length(struct span *rest, size_t bytes)
{
    struct span taken = take(rest, bytes);
    size_t length = 0;
    for (size_t i = 0; i < taken.length; i++)
        length = length << 8 | (unsigned char)taken.bytes[i];
    return length;
}

/** Lengths from 170 on stand for names that the writer knows. */
static struct message *read_headers(struct span rest)
{
    static const char *const known[] = {"Action", "ActionID", "Server", "ProxyKey", "Variable"};
    struct message_builder builder;
    message_builder_init(&builder);
    while (rest.length > 0) {
        size_t length = take_length(&rest, 1);
        struct span name = length >= 170 ? span_of(known[length % 5]) : take(&rest, length);
        struct span value = take(&rest, take_length(&rest, 2) & 2047);
        message_add(&builder, name, value);
    }
    return message_build(&builder);
}

/** Splits as Asterisk does: LF or CR LF, an empty line or one that begins with NUL ends the message. */
static void check_lines(struct span wire)
{
    size_t lines = 0, at = 0;
    for (;;) {
        const char *end = memchr(wire.bytes + at, '\n', wire.length - at);
        if (end == NULL || end == wire.bytes + at || end[-1] != '\r')
            abort();
        size_t length = (size_t)(end - wire.bytes) - at - 1;
        if (length > WRITER_LINE_BYTES)
            abort();
        if (length == 0 || wire.bytes[at] == '\0') {
            if (length != 0 || at + 2 != wire.length)
                abort();
            break;
        }
        if (memchr(wire.bytes + at, '\r', length) != NULL || memchr(wire.bytes + at, '\0', length) != NULL)
            abort();
        at += length + 2;
        lines++;
    }
    if (lines < 2 || lines > WRITER_HEADERS)
        abort();
}

static bool is_forwarded(struct span name)
{
    return !span_is(name, "ActionID") && !span_is(name, "Server") && !span_is(name, "ProxyKey");
}

/** Read again: Action, ActionID, then what the client sent, in order. */
static void check_headers(const struct message *action, const struct message *written)
{
    struct span name, value, given_name, given_value;
    uint32_t first = UINT32_MAX;
    struct span wanted = message_action(action, &first);
    message_header(written, 0, &name, &value);
    if (!span_is(name, "Action") || !span_equals(value, wanted) || written->kind != MESSAGE_ACTION)
        abort();
    message_header(written, 1, &name, &value);
    if (!span_is(name, "ActionID") || !span_equals(value, span_of(id)) || written->action_id != 1)
        abort();
    uint32_t next = 2;
    for (uint32_t i = 0; i < action->header_count; i++) {
        message_header(action, i, &name, &value);
        if (i == first || !is_forwarded(name))
            continue;
        if (next >= written->header_count)
            abort();
        message_header(written, next++, &given_name, &given_value);
        if (!span_equals(name, given_name) || !span_equals(value, given_value))
            abort();
    }
    if (next != written->header_count)
        abort();
}

static void check_written(const struct message *action)
{
    struct writer_buffer out = {0};
    writer_wire(&out, action, span_of(id));
    check_lines((struct span){out.bytes, out.length});

    struct parser *parser = parser_create(NULL);
    size_t available;
    memcpy(parser_reserve(parser, out.length, &available), out.bytes, out.length);
    parser_commit(parser, out.length);
    struct message *written = parser_next(parser);
    if (written == NULL || parser_pending(parser) != 0)
        abort();
    check_headers(action, written);
    message_unref(written);
    parser_destroy(parser);
    writer_buffer_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message *action = read_headers((struct span){(const char *)data, size});
    enum writer_result result = writer_check(action);
    if (result == WRITER_OK)
        check_written(action);
    else if (*writer_text(result) == '\0')
        abort();
    message_unref(action);
    return 0;
}
