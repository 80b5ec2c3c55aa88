// core/ami/assemble.c: what parser and builder share: the block of a message and what is read off its headers.
#include "ami/assemble.h"

#include "ami/event_class.h"
#include "base/memory.h"

struct message *assemble_begin(uint32_t header_count, size_t byte_count)
{
    struct message *message = memory_new(sizeof *message + header_count * sizeof(struct header) + byte_count);
    atomic_init(&message->references, 1);
    message->header_count = header_count;
    message->byte_count = (uint32_t)byte_count;
    message->classes = 0;
    message->kind = MESSAGE_OTHER;
    message->follows = false;
    message->incomplete_list = false;
    message->from_server = false;
    message->action_id = -1;
    message->action = -2;
    return message;
}

char *assemble_bytes(struct message *message)
{
    return (char *)(message->headers + message->header_count);
}

size_t assemble_blanks(struct span value)
{
    size_t count = 0;
    for (; count < value.length; count++) {
        unsigned char byte = (unsigned char)value.bytes[count];
        if (byte > ' ' || byte == '\r' || byte == '\n' || byte == '\0')
            break;
    }
    return count;
}

struct header assemble_header(struct span content, uint32_t start)
{
    struct header header = {start, 0, start, (uint32_t)content.length};
    const char *colon = memchr(content.bytes, ':', content.length);
    if (colon == NULL || colon == content.bytes)
        return header;
    size_t name_length = (size_t)(colon - content.bytes);
    if (memchr(content.bytes, '\n', name_length) != NULL)
        return header;
    size_t value = name_length + 1;
    value += assemble_blanks((struct span){content.bytes + value, content.length - value});
    header.name_length = (uint32_t)name_length;
    header.value = start + (uint32_t)value;
    header.value_length = (uint32_t)(content.length - value);
    return header;
}

static enum message_kind kind_of(struct span name)
{
    if (span_is(name, "Event"))
        return MESSAGE_EVENT;
    if (span_is(name, "Response"))
        return MESSAGE_RESPONSE;
    return span_is(name, "Action") ? MESSAGE_ACTION : MESSAGE_OTHER;
}

static bool has_follows_body(const struct message *message)
{
    struct span name, value;
    message_header(message, message->header_count - 1, &name, &value);
    return message->header_count > 1 && name.length == 0 && value.length >= FOLLOWS_MARKER_BYTES &&
           memcmp(value.bytes + value.length - FOLLOWS_MARKER_BYTES, FOLLOWS_MARKER, FOLLOWS_MARKER_BYTES) == 0;
}

/** Takes note of header `index` if it is one that says something about the message. */
static void note_header(struct message *message, uint32_t index, bool *has_privilege)
{
    struct span name, value;
    message_header(message, index, &name, &value);
    if (name.length == 8 && message->action_id == -1 && span_is(name, "ActionID")) {
        message->action_id = (int32_t)index;
    } else if (name.length == 6 && message->action == -1 && value.length > 0 && span_is(name, "Action")) {
        message->action = (int32_t)index;
    } else if (name.length == 9 && message->kind == MESSAGE_EVENT && !*has_privilege && span_is(name, "Privilege")) {
        *has_privilege = true;
        message->classes = event_class_of_privilege(value);
    } else if (name.length == 9 && message->kind == MESSAGE_RESPONSE && span_is(name, "EventList")) {
        message->incomplete_list = message->incomplete_list || span_is(value, "start");
    }
}

void assemble_finish(struct message *message)
{
    if (message->header_count == 0)
        return;
    struct span name, value;
    message_header(message, 0, &name, &value);
    message->kind = (uint8_t)kind_of(name);
    message->follows = message->kind == MESSAGE_RESPONSE && span_is(value, "Follows") && has_follows_body(message);
    bool has_privilege = false;
    message->action = -1;
    for (uint32_t i = 0; i < message->header_count; i++)
        note_header(message, i, &has_privilege);
}

struct message *assemble_copy(const struct header *headers, uint32_t count, struct span wire)
{
    struct message *message = assemble_begin(count, wire.length);
    if (count > 0)
        memcpy(message->headers, headers, count * sizeof *headers);
    memcpy(assemble_bytes(message), wire.bytes, wire.length);
    assemble_finish(message);
    return message;
}

struct message *assemble_named(const struct header *headers, uint32_t count, struct span wire, struct span name,
                               bool is_follows)
{
    // Lines end as the first one does.
    const char *first_end = wire.bytes + headers[0].value + headers[0].value_length;
    struct span end = span_of(*first_end == '\r' ? "\r\n" : "\n");
    const struct header *last = &headers[count - 1];
    size_t last_end = last->value + last->value_length;
    size_t place = is_follows ? last->start : last_end + (wire.bytes[last_end] == '\r' ? 2 : 1);
    uint32_t added = (uint32_t)(8 + name.length + end.length); // 8: "Server: "

    struct message *message = assemble_begin(count + 1, wire.length + added);
    memcpy(message->headers, headers, count * sizeof *headers);
    struct header *server = &message->headers[count - (is_follows ? 1 : 0)];
    if (is_follows)
        server[1] = (struct header){last->start + added, 0, last->value + added, last->value_length};
    *server = (struct header){(uint32_t)place, 6, (uint32_t)place + 8, (uint32_t)name.length};
    char *to = mempcpy(assemble_bytes(message), wire.bytes, place);
    to = mempcpy(to, "Server: ", 8);
    to = mempcpy(to, name.bytes, name.length);
    to = mempcpy(to, end.bytes, end.length);
    memcpy(to, wire.bytes + place, wire.length - place);
    message->from_server = true;
    assemble_finish(message);
    return message;
}

size_t assemble_tidy(struct header *headers, uint32_t *count, char *bytes)
{
    size_t length = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *count; i++) {
        struct header header = headers[i];
        size_t end = header.value + header.value_length;
        while (end > header.start && bytes[end - 1] == '\n')
            end--;
        size_t line = end - header.start;
        if (line == 0)
            continue;
        memmove(bytes + length, bytes + header.start, line);
        uint32_t moved = header.start - (uint32_t)length;
        headers[kept++] = (struct header){header.start - moved, header.name_length, header.value - moved,
                                          (uint32_t)end - header.value};
        memcpy(bytes + length + line, "\r\n", 2); // never longer than what stood there
        length += line + 2;
    }
    *count = kept;
    memcpy(bytes + length, "\r\n", 2);
    return length + 2;
}
