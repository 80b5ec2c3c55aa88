// core/ami/message.h: one AMI message: ordered headers, immutable once built, shared by reference.
// One block of memory each: the header index, then the wire bytes (each line with its end, then the blank line).
// Thread: any, after it was built; references are atomic.
#ifndef AMI_MESSAGE_H
#define AMI_MESSAGE_H

#include "base/span.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** What a message is, told by one header only (Asterisk main/manager.c: an OriginateResponse event carries a
 * `Response:` header, a UserEvent may carry a second `Event:`): the first one, and of what a peer sent the first Event
 * or Response. */
enum message_kind { MESSAGE_OTHER, MESSAGE_ACTION, MESSAGE_RESPONSE, MESSAGE_EVENT };

/** Where a header stands in the wire bytes. A line without a colon has `name_length` 0 and is all value. */
struct header {
    uint32_t start;        // first byte of the line (and of the name)
    uint32_t name_length;  // 0: a line that is no header
    uint32_t value;        // first byte of the value: behind the colon and one blank; of an action behind all blanks
    uint32_t value_length; // without the line's end
};

struct message {
    atomic_uint references;
    uint32_t header_count;
    uint32_t byte_count;     // of the wire bytes, the final blank line included
    uint32_t classes;        // of an event: bits of its Privilege (ami/event_class.h), 0 if none is given
    uint8_t kind;            // enum message_kind
    bool follows;            // legacy `Response: Follows`: the last header is the raw body, its marker included
    bool incomplete_list;    // a response with `EventList: start`
    bool from_server;        // an Asterisk said so, not the proxy itself
    bool received;           // came through a parser, or is a copy of such a one
    uint32_t decides;        // index of the header that tells what it is; 0 if none does
    int32_t action_id;       // index of the first `ActionID` header, -1: none
    int32_t action;          // … of the first `Action` header that is not empty, -1: none, -2: nobody has looked
    struct header headers[]; // header_count of them, then byte_count bytes
};

/** Takes one more reference. @return `message` */
struct message *message_ref(struct message *message);
/** Gives a reference back; the last one frees. NULL is fine. */
void message_unref(struct message *message);

/** The wire bytes: what the standard format sends. Valid as long as the message. */
struct span message_wire(const struct message *message);
/** Name and value of header `index` (< header_count). A line that is no header has an empty name. */
void message_header(const struct message *message, uint32_t index, struct span *name, struct span *value);
/** The first header `name` (no case). @return false if absent, then `value` is empty. */
bool message_find(const struct message *message, const char *name, struct span *value);
/** Value of the header that decides what it is: the name of an event or action, the kind of a response. */
struct span message_name(const struct message *message);
/** Value of the first `Action` header that is not empty, which is the one that Asterisk takes, wherever it stands;
 * empty if there is none. `index` (may be NULL) becomes the header's index if there is one. */
struct span message_action(const struct message *message, uint32_t *index);
/** Value of the first ActionID header; empty if there is none. */
struct span message_action_id(const struct message *message);
/** A copy in which the first ActionID header has the value `id`: replaced where it stands, or put on the second line
 *  if there was none; with `id` NULL that header is left out. The rest is the same bytes. The caller owns it. */
struct message *message_with_action_id(const struct message *message, const struct span *id);

/** A copy in which header `index` (a header, not a line without a colon) has that value. The rest is the same bytes.
 * The caller owns it. */
struct message *message_with_value(const struct message *message, uint32_t index, struct span value);

/** Collects headers for a new message. Lives on the stack; thread: its owner's. */
struct message_builder {
    char *bytes;
    size_t length, capacity;
    struct header *headers;
    uint32_t count, header_capacity;
};

/** An empty message. message_build() or message_builder_fini() must follow. */
void message_builder_init(struct message_builder *builder);
/** Frees what was collected; a builder may be used again after message_builder_init(). */
void message_builder_fini(struct message_builder *builder);
/** Appends `name: value⏎`. Nothing is checked here: ami/writer.h judges what goes to a server. */
void message_add(struct message_builder *builder, struct span name, struct span value);
/** message_add() with texts; the value is formatted. */
void message_addf(struct message_builder *builder, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Appends a line that is no header (kept as it is). */
void message_add_line(struct message_builder *builder, struct span line);
/** Makes the message: kind, classes, ActionID and flags are found here. The builder is empty afterwards and may be
 *  used for the next. The caller owns the message. */
struct message *message_build(struct message_builder *builder);
/** The same, and the builder keeps its memory for the next message: message_builder_fini() is still the caller's. */
struct message *message_build_next(struct message_builder *builder);

#endif
