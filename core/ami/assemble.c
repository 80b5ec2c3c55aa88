// core/ami/assemble.c: see assemble.h; shared by parser, builder and splice.
#include "ami/assemble.h"

#include "ami/catalogue.h"
#include "ami/event_class.h"
#include "ami/follows.h"
#include "base/memory.h"

struct message *assemble_begin(uint32_t header_count, size_t byte_count)
{
    spares_shelf shelf;
    struct message *message = spares_take(sizeof *message + header_count * sizeof(struct header) + byte_count, &shelf);
    message->shelf = shelf;
    atomic_init(&message->references, 1);
    atomic_init(&message->index, message->own_headers);
    message->bytes = (char *)(message->own_headers + header_count);
    message->block = NULL;
    message->header_count = header_count;
    message->byte_count = (uint32_t)byte_count;
    message->name_start = message->name_length = message->id_start = message->id_length = 0;
    message->has_privilege = false;
    message->classes = 0;
    message->kind = MESSAGE_OTHER;
    message->follows = false;
    message->incomplete_list = false;
    message->from_server = message->from_afar = message->received = message->clean = message->is_sent_whole = false;
    message->decides = 0;
    message->action_id = -1;
    message->action = -2;
    message->info = NULL;
    message->names = ~UINT64_C(0);
    return message;
}

char *assemble_bytes(struct message *message)
{
    return message->bytes;
}

struct message *assemble_shrink(struct message *message, size_t byte_count)
{
    size_t before = (size_t)(message->bytes - (char *)message);

    message->byte_count = (uint32_t)byte_count;
    if (message->shelf != 0)
        return message; // a block of a few sizes
    message = memory_grow(message, before + byte_count);
    message->bytes = (char *)message + before;
    atomic_init(&message->index, message->own_headers);
    return message;
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
    const char *colon = memchr(content.bytes, ':', content.length);
    if (colon != NULL && memchr(content.bytes, '\n', (size_t)(colon - content.bytes)) != NULL)
        return (struct header){start, 0, start, (uint32_t)content.length};
    return assemble_line(content, start);
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

/** Notes header `index` if it defines a field of the message (ActionID, Action, Privilege, EventList). */
static void note_header(struct message *message, const struct header *header, uint32_t index)
{
    struct span name = {message->bytes + header->start, header->name_length};
    struct span value = {message->bytes + header->value, header->value_length};

    message->names |= message_name_bit(name.bytes, name.length);
    if (name.length == 8 && message->action_id == -1 && span_is(name, "ActionID")) {
        message->action_id = (int32_t)index;
    } else if (name.length == 6 && message->action == -1 && value.length > 0 && span_is(name, "Action")) {
        message->action = (int32_t)index;
    } else if (name.length == 9 && message->kind == MESSAGE_EVENT && !message->has_privilege &&
               span_is(name, "Privilege")) {
        message->has_privilege = true;
        message->classes = event_class_of_privilege(value);
    } else if (name.length == 9 && message->kind == MESSAGE_RESPONSE && span_is(name, "EventList")) {
        message->incomplete_list = message->incomplete_list || span_is(value, "start");
    }
}

/** Finds the header that defines the kind of the message. */
static void assemble_decide(struct message *message, struct span *value)
{
    uint32_t last = message->received ? message->header_count : 1;
    struct span name;
    for (uint32_t i = 0; i < last; i++) {
        message_header(message, i, &name, value);
        enum message_kind kind = kind_of(name);
        if (kind == MESSAGE_OTHER || (kind == MESSAGE_ACTION && i > 0))
            continue;
        message->kind = (uint8_t)kind;
        message->decides = i;
        return;
    }
}

/** Skips the blanks at the front of an action's values, as Asterisk does. */
static void skip_blanks(struct message *message)
{
    struct header *headers = atomic_load_explicit(&message->index, memory_order_relaxed);
    struct span name, value;
    for (uint32_t i = 0; i < message->header_count; i++) {
        message_header(message, i, &name, &value);
        if (name.length == 0 || value.length == 0 || (unsigned char)value.bytes[0] > ' ')
            continue;
        uint32_t blanks = (uint32_t)assemble_blanks(value);
        headers[i].value += blanks;
        headers[i].value_length -= blanks;
    }
}

void assemble_places(struct message *message)
{
    const struct header *headers = message_headers(message);

    if (message->header_count > 0) {
        message->name_start = headers[message->decides].value;
        message->name_length = headers[message->decides].value_length;
    }
    if (message->action_id >= 0) {
        message->id_start = headers[message->action_id].value;
        message->id_length = headers[message->action_id].value_length;
    }
}

void assemble_finish(struct message *message)
{
    struct span value = {NULL, 0};

    message->action = -1;
    message->names = 0;
    if (message->header_count == 0)
        return;
    assemble_decide(message, &value);
    message->follows = message->kind == MESSAGE_RESPONSE && span_is(value, "Follows") && has_follows_body(message);
    const struct header *headers = message_headers(message);
    for (uint32_t i = 0; i < message->header_count; i++)
        note_header(message, &headers[i], i);
    bool is_word_of_server = message->received && (message->kind == MESSAGE_EVENT || message->kind == MESSAGE_RESPONSE);
    if (message->action >= 0 && !is_word_of_server) {
        skip_blanks(message);
        message->info = catalogue_find(message_action(message, NULL));
    }
    assemble_places(message);
}

static struct message *copy_of(const struct header *headers, uint32_t count, struct span wire, bool received)
{
    struct message *message = assemble_begin(count, wire.length);
    if (count > 0)
        memcpy(message->own_headers, headers, count * sizeof *headers);
    memcpy(assemble_bytes(message), wire.bytes, wire.length);
    message->received = received;
    assemble_finish(message);
    return message;
}

/** Makes a message of these facts without its bytes, for `room` of which its block has place. Always inline: once
 *  for each event. */
__attribute__((always_inline)) static inline struct message *
begin_plain(const struct assemble_facts *facts, size_t byte_count, bool is_named, bool from_server, size_t room)
{
    spares_shelf shelf;
    struct message *message = spares_take(sizeof *message + room, &shelf);

    *message = (struct message){.header_count = facts->header_count + is_named,
                                .byte_count = (uint32_t)byte_count,
                                .classes = facts->classes,
                                .kind = (uint8_t)facts->kind,
                                .shelf = shelf,
                                .incomplete_list = facts->incomplete_list,
                                .from_server = from_server,
                                .received = true,
                                .has_privilege = facts->has_privilege,
                                .names = ~UINT64_C(0),
                                .action_id = facts->action_id,
                                .action = facts->action,
                                .name_start = facts->name.start,
                                .name_length = facts->name.length,
                                .id_start = facts->id.start,
                                .id_length = facts->id.length,
                                .bytes = (char *)message->own_headers};
    atomic_init(&message->references, 1);
    return message;
}

struct message *assemble_plain(const struct assemble_facts *facts, struct span wire, struct span name, bool from_server)
{
    size_t byte_count = wire.length + assemble_added(name);
    struct message *message = begin_plain(facts, byte_count, name.length > 0, from_server, byte_count);

    memcpy(message->bytes, wire.bytes, wire.length - 2);
    assemble_put_end(message->bytes + wire.length - 2, name);
    return message;
}

struct message *assemble_large(const struct assemble_facts *facts, char *block, size_t at, size_t length,
                               struct span name, bool from_server)
{
    struct message *message = begin_plain(facts, length + assemble_added(name), name.length > 0, from_server, 0);

    message->block = block;
    message->bytes = block + at;
    assemble_put_end(message->bytes + length - 2, name);
    return message;
}

struct message *assemble_copy(const struct header *headers, uint32_t count, struct span wire)
{
    return copy_of(headers, count, wire, false);
}

struct message *assemble_received(const struct header *headers, uint32_t count, struct span wire)
{
    return copy_of(headers, count, wire, true);
}

/** A message that is being put together line by line. */
struct draft {
    struct message *message;
    struct assemble_lines lines;
    uint32_t count; // of headers
};

/** Writes a line of the original with its value cut to `value_length`, and the line end `end`. */
static void put_line(struct draft *draft, const char *wire, const struct header *header, uint32_t value_length,
                     struct span end)
{
    uint32_t shift = draft->lines.length - header->start; // wraps around, and back when added
    draft->message->own_headers[draft->count++] =
        (struct header){draft->lines.length, header->name_length, header->value + shift, value_length};
    assemble_put(&draft->lines, wire + header->start, header->value - header->start + value_length);
    assemble_put(&draft->lines, end.bytes, end.length);
}

static void put_server(struct draft *draft, struct span name, struct span end)
{
    if (name.length > 0)
        draft->message->own_headers[draft->count++] =
            assemble_put_line(&draft->lines, (struct span){"Server", 6}, name, end);
}

/** Writes the lines one by one: each with its own line end, the last one with `end`. */
static void put_lines(struct draft *draft, const struct header *headers, uint32_t count, const char *wire,
                      struct span end)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct header *header = &headers[i];
        uint32_t length = header->value_length;
        const char *own = wire + header->value + length;
        while (length > 0 && wire[header->value + length - 1] == '\n')
            length--;
        put_line(draft, wire, header, length, i + 1 == count ? end : (struct span){own, *own == '\r' ? 2 : 1});
    }
}

/** Writes the text of a Follows whose marker did not come, and adds the marker. */
static void put_unmarked(struct draft *draft, const struct header *text, const char *wire, struct span end)
{
    uint32_t length = text->value_length;
    while (length > 0 && (wire[text->value + length - 1] == '\n' || wire[text->value + length - 1] == '\r'))
        length--;
    put_line(draft, wire, text, length, span_of(length > 0 ? "\n" FOLLOWS_MARKER : FOLLOWS_MARKER));
    struct header *made = &draft->message->own_headers[draft->count - 1];
    made->value_length = draft->lines.length - made->value;
    assemble_put(&draft->lines, end.bytes, end.length);
}

static void put_all(struct draft *draft, const struct header *headers, uint32_t count, struct span wire,
                    struct span name, enum assemble_shape shape)
{
    // New lines have the line end of the first one.
    struct span end = span_of(wire.bytes[headers[0].value + headers[0].value_length] == '\r' ? "\r\n" : "\n");
    const struct header *last = &headers[count - 1];
    uint32_t last_end = last->value + last->value_length;
    uint32_t place = shape == ASSEMBLE_LINES ? last_end + (wire.bytes[last_end] == '\r' ? 2 : 1) : last->start;

    if (shape == ASSEMBLE_UNTIDY) {
        put_lines(draft, headers, count, wire.bytes, end);
        put_server(draft, name, end);
        assemble_put(&draft->lines, end.bytes, end.length);
        return;
    }
    draft->count = count - (shape == ASSEMBLE_LINES ? 0 : 1);
    memcpy(draft->message->own_headers, headers, draft->count * sizeof *headers);
    assemble_put(&draft->lines, wire.bytes, place);
    put_server(draft, name, end);
    if (shape == ASSEMBLE_UNMARKED) {
        put_unmarked(draft, last, wire.bytes, end);
        assemble_put(&draft->lines, end.bytes, end.length);
        return;
    }
    uint32_t shift = draft->lines.length - place;
    if (shape == ASSEMBLE_FOLLOWS)
        draft->message->own_headers[draft->count++] =
            (struct header){last->start + shift, 0, last->value + shift, last->value_length};
    assemble_put(&draft->lines, wire.bytes + place, wire.length - place);
}

struct message *assemble_named(const struct header *headers, uint32_t count, struct span wire, struct span name,
                               enum assemble_shape shape)
{
    // 8 for "Server: "; 2 for each line end: of that line, of the last one and of the message; a marker with its LF
    size_t added = name.length == 0 ? 0 : 8 + name.length + 2;
    if (shape == ASSEMBLE_UNTIDY || shape == ASSEMBLE_UNMARKED)
        added += 4 + FOLLOWS_MARKER_BYTES + 1;
    struct message *message = assemble_begin(count + (name.length == 0 ? 0 : 1), wire.length + added);
    struct draft draft = {.message = message, .lines.bytes = assemble_bytes(message)};

    put_all(&draft, headers, count, wire, name, shape);
    message->byte_count = draft.lines.length;
    message->from_server = message->received = true;
    assemble_finish(message);
    return message;
}
