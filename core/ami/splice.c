// core/ami/splice.c: see splice.h.
#include "ami/splice.h"

#include "ami/assemble.h"
#include "base/memory.h"

#define SPARE_BYTES 1024 // if more bytes than this were allocated in vain, the block is made smaller

/** The copy that is being made. */
struct copy {
    const struct splice *splice;
    const char *original;        // wire bytes of the original
    uint32_t original_bytes;     // their number: offsets from here on are in `texts`
    struct assemble_lines lines; // of the copy
};

struct span splice_line_end(const char *bytes, const struct header *header)
{
    const char *end = bytes + header->value + header->value_length;

    return (struct span){end, *end == '\r' ? 2 : 1};
}

struct span splice_first_end(const struct message *message)
{
    static const struct header blank_line = {0};

    return splice_line_end(message->bytes, message->header_count > 0 ? message_headers(message) : &blank_line);
}

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
    return header->value + header->value_length + (uint32_t)splice_line_end(bytes, header).length;
}

static const char *bytes_at(const struct copy *copy, uint32_t offset)
{
    return offset < copy->original_bytes ? copy->original + offset
                                         : copy->splice->texts + (offset - copy->original_bytes);
}

/** A header as a vector: start, name_length, value and value_length are added to in one instruction. */
typedef uint32_t four_numbers __attribute__((vector_size(sizeof(struct header))));

/** Makes the header of a line that moves by `shift` bytes: it wraps around when lines got shorter, and back here. */
static inline void shift_header(struct header *made, const struct header *header, uint32_t shift)
{
    four_numbers line;

    memcpy(&line, header, sizeof line);
    line += (four_numbers){shift, 0, shift, 0};
    memcpy(made, &line, sizeof line);
}

/** Copies the lines of the original from that of `header` to the one before `behind`, with all bytes in between. */
static void put_lines(struct copy *copy, const struct header *header, const struct header *behind, struct header *made)
{
    if (header == behind)
        return;
    uint32_t from = header->start, shift = copy->lines.length - from;
    assemble_put(&copy->lines, copy->original + from, line_after(copy->original, behind - 1) - from);
    for (; header < behind; header++, made++)
        shift_header(made, header, shift);
}

/** Copies a run of lines that follow each other in the original, from that of `header` on. @return the next header */
static const struct header *put_run(struct copy *copy, const struct header *header, const struct header *behind,
                                    struct header *made)
{
    const char *bytes = copy->original;
    uint32_t from = header->start, until = from, own = copy->original_bytes;
    uint32_t shift = copy->lines.length - from;

    for (; header < behind && header->start == until && header->value < own; header++, made++) {
        until = line_after(bytes, header);
        shift_header(made, header, shift);
    }
    assemble_put(&copy->lines, bytes + from, until - from);
    return header;
}

static void put_headers(struct copy *copy, struct header *made, struct span end)
{
    const struct header *header = copy->splice->headers, *behind = header + copy->splice->count;

    while (header < behind) {
        if (header->value >= copy->original_bytes) {
            struct span name = {bytes_at(copy, header->start), header->name_length};
            struct span value = {bytes_at(copy, header->value), header->value_length};
            *made++ = assemble_put_line(&copy->lines, name, value, end);
            header++;
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

/** Copies the blank line. */
static void put_last_line(struct copy *copy, const struct message *original)
{
    uint32_t last_line = last_line_of(original);

    assemble_put(&copy->lines, copy->original + last_line, original->byte_count - last_line);
}

/** Sets the fields of the message: copies those of the original if they cannot have changed, else scans the headers. */
static void splice_finish(const struct message *original, bool noted, struct message *message)
{
    message->from_server = original != NULL && original->from_server;
    message->from_afar = original != NULL && original->from_afar;
    message->received = original != NULL && original->received;
    if (original == NULL || noted || original->kind != MESSAGE_EVENT || original->decides != 0 ||
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
    copy.lines.bytes = assemble_bytes(message);
    if (splice->original != NULL) {
        put_headers(&copy, message->own_headers, splice_first_end(splice->original));
        put_last_line(&copy, splice->original);
    } else {
        put_headers(&copy, message->own_headers, span_of("\r\n"));
        assemble_put(&copy.lines, "\r\n", 2);
    }
    message->byte_count = copy.lines.length;
    splice_finish(splice->original, splice->noted, message);
    if (most - copy.lines.length > SPARE_BYTES)
        message = assemble_shrink(message, copy.lines.length);
    return message;
}

struct message *splice_line(const struct message *original, uint32_t index, uint32_t removed,
                            const struct splice_line *line)
{
    const struct header *headers = message_headers(original), *behind = headers + original->header_count;
    struct copy copy = {.original = message_wire(original).bytes, .original_bytes = original->byte_count};
    uint32_t added = line == NULL ? 0 : 1;
    size_t most = original->byte_count;

    if (line != NULL)
        most += line->name.length + 2 + line->value.length + line->end.length;
    struct message *message = assemble_begin(original->header_count - removed + added, most);
    copy.lines.bytes = assemble_bytes(message);
    put_lines(&copy, headers, headers + index, message->own_headers);
    if (line != NULL)
        message->own_headers[index] = assemble_put_line(&copy.lines, line->name, line->value, line->end);
    put_lines(&copy, headers + index + removed, behind, message->own_headers + index + added);
    put_last_line(&copy, original);
    message->byte_count = copy.lines.length;
    bool changes_id = original->action_id >= 0 && (removed != 1 || added != 1); // it may stand elsewhere
    splice_finish(original, line == NULL || changes_id || splice_is_noted(line->name), message);
    return message;
}

struct message *message_as_text(const struct message *message, struct span server)
{
    const struct header *headers = message_headers(message);
    uint32_t count = message->header_count;
    struct message *text = assemble_begin(count, message->byte_count);
    struct span name, value;

    memcpy(assemble_bytes(text), message->bytes, message->byte_count);
    for (uint32_t i = 0; i < count; i++) {
        const struct header *line = &headers[i];
        message_header(message, i, &name, &value);
        bool is_added = i + 1 == count && span_is(name, "Server") && span_equals(value, server);
        uint32_t length = line->value + line->value_length - line->start;
        text->own_headers[i] = is_added ? *line : (struct header){line->start, 0, line->start, length};
    }
    text->byte_count = message->byte_count;
    splice_finish(message, true, text);
    return text;
}
