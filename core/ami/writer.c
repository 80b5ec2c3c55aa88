// core/ami/writer.c: see writer.h.
#include "ami/writer.h"

#include "base/memory.h"

#include <stdlib.h>

/** Is this a header that is not sent? The proxy sets an ActionID of its own; Server and ProxyKey are for the proxy. */
static bool is_left_out(struct span name)
{
    return span_is(name, "ActionID") || span_is(name, "Server") || span_is(name, "ProxyKey");
}

static bool is_name_clean(struct span name)
{
    for (size_t i = 0; i < name.length; i++) {
        unsigned char byte = (unsigned char)name.bytes[i];
        if (byte <= ' ' || byte == 0x7f || byte == ':')
            return false;
    }
    return name.length > 0;
}

static bool is_value_clean(struct span value)
{
    return value.length == 0 ||
           (memchr(value.bytes, '\n', value.length) == NULL && memchr(value.bytes, '\r', value.length) == NULL &&
            memchr(value.bytes, '\0', value.length) == NULL);
}

enum writer_result writer_check(const struct message *action)
{
    bool forbidden = false, too_long = false;
    uint32_t lines = 1; // the proxy's ActionID
    struct span name, value;
    for (uint32_t i = 0; i < action->header_count; i++) {
        message_header(action, i, &name, &value);
        forbidden = forbidden || !is_name_clean(name) || !is_value_clean(value);
        if (is_left_out(name))
            continue;
        too_long = too_long || name.length + 2 + value.length > WRITER_LINE_BYTES;
        lines++;
    }
    if (too_long)
        return WRITER_LINE_TOO_LONG;
    if (lines > WRITER_HEADERS)
        return WRITER_TOO_MANY_LINES;
    if (forbidden)
        return WRITER_FORBIDDEN_BYTES;
    return message_action(action, NULL).length == 0 ? WRITER_NO_ACTION : WRITER_OK;
}

const char *writer_text(enum writer_result result)
{
    switch (result) {
    case WRITER_OK:
        return "";
    case WRITER_NO_ACTION:
        return "Missing action in request";
    case WRITER_LINE_TOO_LONG:
        return "Failed to parse message: line too long";
    case WRITER_TOO_MANY_LINES:
        return "Too many lines in message or allocation failure";
    case WRITER_FORBIDDEN_BYTES:
        return "Failed to parse message: forbidden bytes in a header";
    }
    return "";
}

static char *put(char *to, struct span span)
{
    if (span.length > 0)
        memcpy(to, span.bytes, span.length);
    return to + span.length;
}

static void append_header(struct writer_buffer *out, struct span name, struct span value)
{
    size_t wanted = name.length + value.length + 4;
    if (out->capacity - out->length < wanted) {
        out->capacity = 2 * out->capacity + wanted + 512;
        out->bytes = memory_grow(out->bytes, out->capacity);
    }
    char *to = put(out->bytes + out->length, name);
    to = put(to, (struct span){": ", 2});
    to = put(to, value);
    put(to, (struct span){"\r\n", 2});
    out->length += wanted;
}

void writer_wire(struct writer_buffer *out, const struct message *action, struct span id)
{
    uint32_t first = UINT32_MAX;
    struct span name, value;
    append_header(out, span_of("Action"), message_action(action, &first));
    append_header(out, span_of("ActionID"), id);
    for (uint32_t i = 0; i < action->header_count; i++) {
        message_header(action, i, &name, &value);
        if (i != first && !is_left_out(name))
            append_header(out, name, value);
    }
    if (out->capacity - out->length < 2) {
        out->capacity += 512;
        out->bytes = memory_grow(out->bytes, out->capacity);
    }
    memcpy(out->bytes + out->length, "\r\n", 2);
    out->length += 2;
}

void writer_buffer_fini(struct writer_buffer *out)
{
    free(out->bytes);
    *out = (struct writer_buffer){0};
}
