// core/ami/message.c: messages as shared, immutable blocks, and the builder that makes new ones.
#include "ami/message.h"

#include "ami/assemble.h"
#include "ami/scan.h"
#include "ami/splice.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MARGIN 16 // bytes of a builder behind those that are used: texts are looked at so many bytes at a time

typedef uint8_t vector __attribute__((vector_size(MARGIN)));
typedef uint64_t words __attribute__((vector_size(MARGIN)));

struct message *message_ref(const struct message *message)
{
    struct message *counted = memory_writable(message);

    atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
    return counted;
}

void message_release(struct message *message)
{
    // Release what this thread did with it; the last one acquires what all others did.
    if (atomic_fetch_sub_explicit(&message->references, 1, memory_order_acq_rel) != 1)
        return;
    struct header *headers = atomic_load_explicit(&message->index, memory_order_relaxed);
    if (headers != NULL && headers != message->own_headers)
        free(headers);
    if (message->block != NULL)
        free(message->block);
    spares_give(message, message->shelf);
}

/** Makes the index of a message of which each line ends in CR LF and is a header. */
static const struct header *make_headers(struct message *message)
{
    struct header *made = memory_new(message->header_count * sizeof *made), *other = NULL;
    const char *line = message->bytes;

    for (uint32_t i = 0; i < message->header_count; i++) {
        size_t left = message->byte_count - (size_t)(line - message->bytes);
        const char *feed = memchr(line, '\n', left); // there is one
        made[i] = assemble_line((struct span){line, (size_t)(feed - line) - 1}, (uint32_t)(line - message->bytes));
        line = feed + 1;
    }
    if (atomic_compare_exchange_strong_explicit(&message->index, &other, made, memory_order_acq_rel,
                                                memory_order_acquire))
        return made;
    free(made); // another thread was first
    return other;
}

const struct header *message_make_headers(const struct message *message)
{
    struct message *shared = memory_writable(message); // the index is not part of the value
    struct header *headers = atomic_load_explicit(&shared->index, memory_order_acquire);

    return headers != NULL || message->header_count == 0 ? headers : make_headers(shared);
}

struct span message_wire(const struct message *message)
{
    return (struct span){message->bytes, message->byte_count};
}

bool message_search(const struct message *message, const char *name, struct span *value)
{
    struct span wanted = span_of(name);
    const struct header *headers = message_headers(message);
    for (uint32_t i = 0; i < message->header_count; i++) {
        if (headers[i].name_length != wanted.length || wanted.length == 0 ||
            !span_equals_nocase((struct span){message->bytes + headers[i].start, wanted.length}, wanted))
            continue;
        *value = (struct span){message->bytes + headers[i].value, headers[i].value_length};
        return true;
    }
    *value = (struct span){NULL, 0};
    return false;
}

/** Is the line at `at` of a message without an index this header? @param value  set if it is */
static bool is_line_of(struct span wire, size_t at, struct span name, struct span *value)
{
    struct span here = {wire.bytes + at, name.length};

    if (wire.length - at <= name.length || here.bytes[name.length] != ':' || !span_equals_nocase(here, name))
        return false;
    const char *line = here.bytes + name.length + 1;
    const char *feed = memchr(line, '\n', wire.length - at - name.length - 1); // each line has its end
    line += *line == ' ';
    *value = (struct span){line, (size_t)(feed - line) - 1};
    return true;
}

bool message_peek(const struct message *message, const char *name, struct span *value)
{
    struct span wire = message_wire(message), wanted = span_of(name);

    if (wanted.length < 3 || atomic_load_explicit(&message->index, memory_order_acquire) != NULL)
        return message_find(message, name, value);
    if (is_line_of(wire, 0, wanted, value))
        return true;
    char first = (char)(name[0] | 0x20), third = (char)(name[2] | 0x20);
    for (size_t at = 1; (at = scan_find(wire, at, first, third)) < wire.length; at++) {
        if (is_line_of(wire, at, wanted, value))
            return true;
    }
    *value = (struct span){NULL, 0};
    return false;
}

struct span message_name(const struct message *message)
{
    return (struct span){message->bytes + message->name_start, message->name_length};
}

struct span message_action_id(const struct message *message)
{
    if (message->action_id < 0)
        return (struct span){NULL, 0};
    return (struct span){message->bytes + message->id_start, message->id_length};
}

struct span message_search_action(const struct message *message, uint32_t *index)
{
    struct span name, value;
    for (uint32_t i = 0; message->action != -1 && i < message->header_count; i++) {
        message_header(message, i, &name, &value);
        if (value.length > 0 && span_is(name, "Action")) {
            if (index != NULL)
                *index = i;
            return value;
        }
    }
    return (struct span){NULL, 0};
}

static char *message_put(char *to, struct span span)
{
    if (span.length > 0)
        memcpy(to, span.bytes, span.length);
    return to + span.length;
}

/** Returns the end of line `index`. */
static struct span line_end(const struct message *message, uint32_t index)
{
    return splice_line_end(message->bytes, &message_headers(message)[index]);
}

struct message *message_with_action_id(const struct message *message, const struct span *id)
{
    bool present = message->action_id >= 0;
    uint32_t index = present ? (uint32_t)message->action_id : message->header_count > 0 ? 1 : 0;

    if (id == NULL)
        return splice_line(message, index, present ? 1 : 0, NULL);
    struct splice_line line = {span_of("ActionID"), *id,
                               present ? line_end(message, index) : splice_first_end(message)};
    return splice_line(message, index, present ? 1 : 0, &line);
}

/** Is the line of the ActionID written as it is made here? */
static bool is_usual_id_line(const struct message *message)
{
    static const char usual[] = "\nActionID: ";
    const size_t length = sizeof usual - 1;

    return message->id_start >= length && memcmp(message->bytes + message->id_start - length, usual, length) == 0;
}

int message_splice_action_id(const struct message *message, const struct span *id,
                             struct span pieces[MESSAGE_SPLICE_PIECES])
{
    const char *bytes = message->bytes;
    bool present = message->action_id >= 0;
    uint32_t from = 0, to = message->id_start + message->id_length;
    struct span first_end = {NULL, 0};
    int count = 0;

    if (present && id != NULL && is_usual_id_line(message)) { // all before the id stays
        pieces[0] = (struct span){bytes, message->id_start};
        pieces[1] = *id;
        pieces[2] = (struct span){bytes + to, message->byte_count - to};
        return 3;
    }
    if (present) { // found without the index, which most answers need not have
        const char *feed = memrchr(bytes, '\n', message->id_start);
        from = feed == NULL ? 0 : (uint32_t)(feed - bytes) + 1;
        if (id == NULL) // else the end of the line stays
            to += bytes[to] == '\r' ? 2 : 1;
    } else {
        first_end = splice_first_end(message);
        from = to = message->header_count > 0 ? (uint32_t)(first_end.bytes + first_end.length - bytes) : 0;
    }
    pieces[count++] = (struct span){bytes, from};
    if (id != NULL) {
        pieces[count++] = span_of("ActionID: ");
        pieces[count++] = *id;
    }
    if (id != NULL && !present)
        pieces[count++] = first_end;
    pieces[count++] = (struct span){bytes + to, message->byte_count - to};
    return count;
}

struct message *message_with_value(const struct message *message, uint32_t index, struct span value)
{
    struct splice_line line = {.value = value, .end = line_end(message, index)};
    struct span old;

    message_header(message, index, &line.name, &old);
    return splice_line(message, index, 1, &line);
}

struct message *message_with_header(const struct message *message, struct span name, struct span value)
{
    struct splice_line line = {name, value, splice_first_end(message)};

    return splice_line(message, message->header_count > 0 ? 1 : 0, 0, &line);
}

void message_builder_init(struct message_builder *builder)
{
    *builder = (struct message_builder){0};
}

void message_builder_fini(struct message_builder *builder)
{
    free(builder->bytes);
    free(builder->headers);
    *builder = (struct message_builder){0};
}

/** Makes room for `wanted` more bytes, and MARGIN. @return their place */
static char *reserve_bytes(struct message_builder *builder, size_t wanted)
{
    if (builder->capacity - builder->length < wanted + MARGIN) {
        builder->capacity = 2 * builder->capacity + wanted + 256;
        builder->bytes = memory_grow(builder->bytes, builder->capacity);
    }
    return builder->bytes + builder->length;
}

static struct header *reserve_header(struct message_builder *builder)
{
    if (builder->count == builder->header_capacity) {
        builder->header_capacity = 2 * builder->header_capacity + 16;
        builder->headers = memory_grow(builder->headers, builder->header_capacity * sizeof *builder->headers);
    }
    return &builder->headers[builder->count++];
}

/** Notes the header that begins at the builder's end and whose bytes are there. */
static void note_line(struct message_builder *builder, size_t name_length, size_t value_length)
{
    uint32_t start = (uint32_t)builder->length;
    uint32_t skipped = name_length == 0 ? 0 : (uint32_t)(name_length + 2);
    uint32_t line = (uint32_t)(name_length + 2 + value_length);

    *reserve_header(builder) = (struct header){start, (uint32_t)name_length, start + skipped, line - skipped};
    builder->length += line + 2;
}

void message_add(struct message_builder *builder, struct span name, struct span value)
{
    char *to = reserve_bytes(builder, name.length + value.length + 4);

    to = message_put(to, name);
    to = message_put(to, (struct span){": ", 2});
    to = message_put(to, value);
    message_put(to, (struct span){"\r\n", 2});
    note_line(builder, name.length, value.length);
}

/** Is one of the bytes CR, LF or NUL or, in a name, any blank, control byte, DEL or colon? They are in a builder:
 * MARGIN bytes behind them are overwritten. Always inline: `in_name` is then known. */
__attribute__((always_inline)) static inline bool builder_has_bad(char *bytes, size_t length, bool in_name)
{
    vector bad = {0};

    memset(bytes + length, 'a', MARGIN);
    for (size_t i = 0; i < length; i += sizeof bad) {
        vector here;
        memcpy(&here, bytes + i, sizeof here);
        bad |= in_name ? (vector)(here <= ' ') | (vector)(here == 0x7f) | (vector)(here == ':')
                       : (vector)(here == '\r') | (vector)(here == '\n') | (vector)(here == 0);
    }
    return (((words)bad)[0] | ((words)bad)[1]) != 0;
}

bool message_add_clean(struct message_builder *builder, struct span name, struct span value)
{
    char *at = reserve_bytes(builder, name.length + value.length + 4), *to = message_put(at, name);
    bool is_name = name.length > 0 && !builder_has_bad(at, name.length, true);

    if (!is_name && builder_has_bad(at, name.length, false))
        return false;
    to = mempcpy(to, ": ", 2);
    message_put(to, value);
    if (builder_has_bad(to, value.length, false))
        return false;
    memcpy(to + value.length, "\r\n", 2);
    note_line(builder, name.length, value.length);
    builder->clean += is_name;
    return true;
}

void message_addf(struct message_builder *builder, const char *name, const char *format, ...)
{
    char text[512];
    va_list arguments;

    if (strchr(format, '%') == NULL) { // most texts of answers
        message_add(builder, span_of(name), span_of(format));
        return;
    }
    va_start(arguments, format);
    if (strcmp(format, "%s") == 0) {
        message_add(builder, span_of(name), span_of(va_arg(arguments, const char *)));
        va_end(arguments);
        return;
    }
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0)
        length = 0;
    if ((size_t)length < sizeof text) {
        message_add(builder, span_of(name), (struct span){text, (size_t)length});
        return;
    }
    char *longer = memory_new((size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(longer, (size_t)length + 1, format, arguments);
    va_end(arguments);
    message_add(builder, span_of(name), (struct span){longer, (size_t)length});
    free(longer);
}

void message_add_line(struct message_builder *builder, struct span line)
{
    char *to = reserve_bytes(builder, line.length + 2);
    message_put(message_put(to, line), (struct span){"\r\n", 2});
    uint32_t start = (uint32_t)builder->length;
    *reserve_header(builder) = (struct header){start, 0, start, (uint32_t)line.length};
    builder->length += line.length + 2;
}

void message_add_copy(struct message_builder *builder, const struct message *message, uint32_t index)
{
    struct span name, value;

    message_header(message, index, &name, &value);
    if (name.length == 0)
        message_add_line(builder, value);
    else
        message_add(builder, name, value);
}

struct message *message_build_next(struct message_builder *builder)
{
    message_put(reserve_bytes(builder, 2), (struct span){"\r\n", 2});
    struct message *message =
        assemble_copy(builder->headers, builder->count, (struct span){builder->bytes, builder->length + 2});
    message->clean = builder->clean == builder->count;
    builder->length = 0;
    builder->count = builder->clean = 0;
    return message;
}

struct message *message_build(struct message_builder *builder)
{
    struct message *message = message_build_next(builder);
    message_builder_fini(builder);
    return message;
}
