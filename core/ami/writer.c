// core/ami/writer.c: see writer.h.
#include "ami/writer.h"

#include "base/memory.h"
#include "base/scan.h"

#include <stdlib.h>

/** Is this a header that is not sent? The proxy sets an ActionID of its own; Server and ProxyKey are for the proxy. */
static bool is_left_out(struct span name)
{
    switch (name.length) {
    case 6:
        return span_is(name, "Server");
    case 8:
        return span_is(name, "ActionID") || span_is(name, "ProxyKey");
    default:
        return false;
    }
}

enum writer_result writer_check(const struct message *action)
{
    bool forbidden = false, too_long = false;
    uint32_t lines = 1; // the proxy's ActionID
    struct span name, value;
    if (action->is_sent_whole)
        return WRITER_OK;
    for (uint32_t i = 0; i < action->header_count; i++) {
        message_header(action, i, &name, &value);
        forbidden = forbidden || (!action->clean && (name.length == 0 || scan_finds(name, scan_has_no_name) ||
                                                     scan_finds(value, scan_has_line_end)));
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

static char *writer_put(char *to, struct span span)
{
    if (span.length > 0)
        memcpy(to, span.bytes, span.length);
    return to + span.length;
}

static char *put_header(char *to, struct span name, struct span value)
{
    to = writer_put(to, name);
    to = mempcpy(to, ": ", 2);
    to = writer_put(to, value);
    return mempcpy(to, "\r\n", 2);
}

/** Returns the length of the action on the wire at most. */
static size_t most_bytes(const struct message *action, struct span id)
{
    return action->byte_count + (size_t)action->header_count * 2 + strlen("Action: \r\nActionID: \r\n\r\n") + id.length;
}

/** Are the bytes of the header's line those that are sent: `Name: value` and CR LF? @param end  of the message */
static bool is_as_sent(struct span name, struct span value, const char *end)
{
    const char *behind = value.bytes + value.length;

    return value.bytes == name.bytes + name.length + 2 && end - behind >= 2 && memcmp(behind, "\r\n", 2) == 0 &&
           memcmp(name.bytes + name.length, ": ", 2) == 0;
}

/** Writes the headers but `first` and those that are left out. Lines that are one behind the other as they are sent
 *  are one run of bytes. */
static char *put_others(char *to, const struct message *action, uint32_t first)
{
    const char *end = action->bytes + action->byte_count;
    struct span name, value, run = {action->bytes, 0};

    for (uint32_t i = 0; i < action->header_count; i++) {
        message_header(action, i, &name, &value);
        if (i == first || is_left_out(name))
            continue;
        bool as_sent = is_as_sent(name, value, end);
        if (!as_sent || run.bytes + run.length != name.bytes) {
            to = writer_put(to, run);
            run = (struct span){name.bytes, 0};
        }
        if (as_sent)
            run.length = (size_t)(value.bytes + value.length + 2 - run.bytes);
        else
            to = put_header(to, name, value);
    }
    return writer_put(to, run);
}

/** Writes the lines from `from` to `until`, of which there may be none. */
static inline char *put_lines(char *to, const char *from, const char *until)
{
    return from < until ? mempcpy(to, from, (size_t)(until - from)) : to;
}

/** Writes an action that is sent whole: its lines as they are, but for the ActionID. */
static char *put_whole(char *to, const struct message *action, struct span id)
{
    const struct header *headers = message_headers(action);
    const char *second = action->bytes + headers[0].value + headers[0].value_length + 2, *rest = second;

    to = mempcpy(to, "Action: ", 8); // as Asterisk spells it
    to = put_lines(to, action->bytes + headers[0].value, second);
    to = mempcpy(to, "ActionID: ", 10);
    to = mempcpy(to, id.bytes, id.length);
    to = mempcpy(to, "\r\n", 2);
    if (action->action_id >= 0) {
        to = put_lines(to, second, action->bytes + headers[action->action_id].start);
        rest = action->bytes + action->id_start + action->id_length + 2;
    }
    return put_lines(to, rest, action->bytes + action->byte_count);
}

void writer_wire(struct writer_buffer *out, const struct message *action, struct span id)
{
    size_t wanted = most_bytes(action, id);
    uint32_t first = UINT32_MAX;
    char *to;

    if (out->capacity - out->length < wanted) {
        out->capacity = 2 * out->capacity + wanted + 512;
        out->bytes = memory_grow(out->bytes, out->capacity);
    }
    to = out->bytes + out->length;
    if (action->is_sent_whole) {
        to = put_whole(to, action, id);
    } else {
        to = put_header(to, (struct span){"Action", 6}, message_action(action, &first));
        to = put_header(to, (struct span){"ActionID", 8}, id);
        to = put_others(to, action, first);
        to = mempcpy(to, "\r\n", 2);
    }
    out->length = (size_t)(to - out->bytes);
}

void writer_buffer_fini(struct writer_buffer *out)
{
    free(out->bytes);
    *out = (struct writer_buffer){0};
}
