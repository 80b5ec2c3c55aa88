// core/ami/splice.c: see splice.h.
#include "ami/splice.h"

#include "ami/assemble.h"
#include "base/memory.h"

#define SPARE_BYTES 1024 // if more bytes than this were allocated in vain, the block is made smaller

/** The copy that is being made. */
struct copy {
    const struct splice *splice;
    const char *original;    // wire bytes of the original
    uint32_t original_bytes; // their number: offsets from here on are in `texts`
    char *to;                // wire bytes of the copy
    uint32_t length;         // so far
};

bool splice_is_noted(struct span name)
{
    switch (name.length) {
    case 8:
        return span_is(name, "ActionID");
    case 9:
        return span_is(name, "Privilege") || span_is(name, "EventList");
    default:
        return false;
    }
}

/** Returns the offset of the first byte after the line of a header of the original. */
static uint32_t line_after(const char *bytes, const struct header *header)
{
    uint32_t end = header->value + header->value_length;
    return end + (bytes[end] == '\r' ? 2 : 1);
}

static void put(struct copy *copy, const char *bytes, size_t length)
{
    if (length > 0)
        memcpy(copy->to + copy->length, bytes, length);
    copy->length += (uint32_t)length;
}

static const char *bytes_at(const struct copy *copy, uint32_t offset)
{
    return offset < copy->original_bytes ? copy->original + offset
                                         : copy->splice->texts + (offset - copy->original_bytes);
}

/** Writes the line of a header with a new value. */
static void put_line(struct copy *copy, const struct header *header, struct header *made, struct span end)
{
    struct span value = {bytes_at(copy, header->value), header->value_length};

    made->start = copy->length;
    made->name_length = header->name_length;
    if (header->name_length > 0) {
        put(copy, bytes_at(copy, header->start), header->name_length);
        put(copy, ": ", 2);
    }
    made->value = copy->length;
    made->value_length = header->value_length;
    put(copy, value.bytes, value.length);
    put(copy, end.bytes, end.length);
}

/** A header as a vector: start, name_length, value and value_length are added to in one instruction. */
typedef uint32_t four_numbers __attribute__((vector_size(sizeof(struct header))));

/** Copies a run of lines that follow each other in the original, from that of `header` on. @return the next header */
static const struct header *put_run(struct copy *copy, const struct header *header, const struct header *behind,
                                    struct header *made)
{
    const char *bytes = copy->original;
    uint32_t from = header->start, until = from, own = copy->original_bytes;
    uint32_t shift = copy->length - from; // wraps around when lines got shorter, and back when added
    const four_numbers shifts = {shift, 0, shift, 0};
    four_numbers line;

    for (; header < behind && header->start == until && header->value < own; header++, made++) {
        until = line_after(bytes, header);
        memcpy(&line, header, sizeof line);
        line += shifts;
        memcpy(made, &line, sizeof line);
    }
    put(copy, bytes + from, until - from);
    return header;
}

static void put_headers(struct copy *copy, struct header *made, struct span end)
{
    const struct header *header = copy->splice->headers, *behind = header + copy->splice->count;

    while (header < behind) {
        if (header->value >= copy->original_bytes) {
            put_line(copy, header++, made++, end);
            continue;
        }
        const struct header *next = put_run(copy, header, behind, made);
        made += next - header;
        header = next;
    }
}

/** Returns the offset of the message's blank line. */
static uint32_t last_line_of(const struct message *message)
{
    return message->header_count == 0
               ? 0
               : line_after(message->bytes, &message_headers(message)[message->header_count - 1]);
}

static void put_original(struct copy *copy, struct message *message)
{
    const struct message *original = copy->splice->original;
    uint32_t last_line = last_line_of(original);
    const char *first_end = copy->original;

    if (original->header_count > 0)
        first_end += message_headers(original)[0].value + message_headers(original)[0].value_length;
    put_headers(copy, message->own_headers, (struct span){first_end, *first_end == '\r' ? 2 : 1});
    put(copy, copy->original + last_line, original->byte_count - last_line);
}

/** Sets the fields of the message: copies those of the original if they cannot have changed, else scans the headers. */
static void finish(const struct splice *splice, struct message *message)
{
    const struct message *original = splice->original;

    message->from_server = original != NULL && original->from_server;
    message->received = original != NULL && original->received;
    if (original == NULL || splice->noted || original->kind != MESSAGE_EVENT || original->decides != 0 ||
        original->action != -1) {
        assemble_finish(message);
        return;
    }
    message->kind = original->kind;
    message->classes = original->classes;
    message->action_id = original->action_id;
    message->has_privilege = original->has_privilege;
    assemble_places(message);
}

struct message *splice_build(const struct splice *splice)
{
    struct copy copy = {.splice = splice};

    if (splice->original != NULL) {
        copy.original = message_wire(splice->original).bytes;
        copy.original_bytes = splice->original->byte_count;
    }
    // Always enough: a new line is at most 4 bytes (": " and its end) longer than its texts.
    size_t most = copy.original_bytes + splice->text_bytes + (size_t)splice->count * 4 + 2;
    struct message *message = assemble_begin(splice->count, most);
    copy.to = assemble_bytes(message);
    if (splice->original != NULL) {
        put_original(&copy, message);
    } else {
        put_headers(&copy, message->own_headers, span_of("\r\n"));
        put(&copy, "\r\n", 2);
    }
    message->byte_count = copy.length;
    finish(splice, message);
    if (most - copy.length > SPARE_BYTES)
        message = assemble_shrink(message, copy.length);
    return message;
}
