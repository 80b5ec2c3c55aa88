// core/ami/message.h: one AMI message: ordered headers, immutable after it was built, shared by reference.
// Each is one block of memory: the header index, then the wire bytes (each line with its end, then the blank line). The
// bytes of a large message from a server stay in the block that they were read into.
// A message from a server mostly has no index until its headers are needed: see message_headers().
// Thread: any, after it was built; references are atomic.
#ifndef AMI_MESSAGE_H
#define AMI_MESSAGE_H

#include "base/memory.h"
#include "base/span.h"
#include "base/spares.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** The kind of a message. One header defines it: the first header, or in a message from a peer the first Event or
 *  Response. (Asterisk main/manager.c: an OriginateResponse event has a `Response:` header, and a UserEvent may have a
 *  second `Event:`.) */
enum message_kind { MESSAGE_OTHER, MESSAGE_ACTION, MESSAGE_RESPONSE, MESSAGE_EVENT };

struct action_info;

/** The place of a header in the wire bytes. A line without a colon has `name_length` 0, and is all value. */
struct header {
    uint32_t start;        // first byte of the line (and of the name)
    uint32_t name_length;  // 0: the line is not a header
    uint32_t value;        // first byte of the value: after the colon and one blank; in an action after all blanks
    uint32_t value_length; // without the line's end
};

struct message {
    atomic_uint references;
    uint32_t header_count;
    uint32_t byte_count;  // length of the wire bytes, with the final blank line
    uint32_t classes;     // of an event: bits of its Privilege (ami/event_class.h), 0: it has none
    uint8_t kind;         // enum message_kind
    spares_shelf shelf;   // of the block that it lies in
    bool follows;         // legacy `Response: Follows`: the last header is the raw text with its marker
    bool incomplete_list; // a response with `EventList: start`
    bool from_server;     // comes from an Asterisk, not from the proxy itself
    bool from_afar;       // came by another node of the cluster, which owns its server
    bool received;        // was made by a parser, or is a copy of such a message
    bool clean;           // its builder saw that no header has bytes that writer_check() forbids
    bool is_sent_whole;   // an action that writer_check() permits, and whose lines go to a server as they are, but for
                          // the ActionID if there is one; the first line is the Action
    uint32_t decides;     // index of the header that defines the kind; 0: none does
    int32_t action_id;    // index of the first `ActionID` header, -1: none
    int32_t action;       // … of the first `Action` header that is not empty, -1: none, -2: not searched yet
    const struct action_info *info;   // of an action: its row of the catalogue (ami/catalogue.h), NULL: not known
    bool has_privilege;               // an event with a Privilege header
    uint32_t name_start, name_length; // value of the header that defines the kind
    uint32_t id_start, id_length;     // value of the first ActionID header
    char *bytes;                      // byte_count of them
    char *block;                      // in which they lie; NULL: in that of the message itself
    uint64_t names;                   // message_name_bit() of each header; all bits: not known
    struct header *_Atomic index;     // NULL: not made yet; read it with message_headers()
    struct header own_headers[];      // header_count headers, or none; then the bytes
};

/** Adds a reference, which is not part of the value that const protects. @return `message` */
struct message *message_ref(const struct message *message);
/** message_unref() of a message that is not NULL. */
void message_release(struct message *message);
/** Releases a reference; the last one frees the message. It may be NULL, and often is. */
static inline void message_unref(struct message *message)
{
    if (message != NULL)
        message_release(message);
}

/** Returns the wire bytes, which the standard format sends. Valid as long as the message. */
struct span message_wire(const struct message *message);
/** Makes the index if there is none yet: see message_headers(). */
const struct header *message_make_headers(const struct message *message);
/** message_action() where the header's place is not known. */
struct span message_search_action(const struct message *message, uint32_t *index);
/** message_find() in a message that may have the header. */
bool message_search(const struct message *message, const char *name, struct span *value);

/** Returns the headers, header_count of them. The index of a message from a server is made at the first call, on any
 *  thread. Valid as long as the message. */
static inline const struct header *message_headers(const struct message *message)
{
    const struct header *headers = atomic_load_explicit(&message->index, memory_order_acquire);

    return headers != NULL ? headers : message_make_headers(message);
}

/** Gets name and value of header `index` (< header_count). A line that is not a header has an empty name. */
static inline void message_header(const struct message *message, uint32_t index, struct span *name, struct span *value)
{
    const struct header *header = &message_headers(message)[index];
    const char *bytes = message->bytes;

    *name = (struct span){bytes + header->start, header->name_length};
    *value = (struct span){bytes + header->value, header->value_length};
}

/** Returns one of 64 bits: the same for names that are equal without case, mostly another one for other names. */
static inline uint64_t message_name_bit(const char *name, size_t length)
{
    if (length == 0)
        return 0;
    unsigned first = (unsigned char)name[0] | 0x20U, last = (unsigned char)name[length - 1] | 0x20U;

    return UINT64_C(1) << ((first * 7 + last * 3 + length) & 63);
}

/** May the message have a header `name` (in any case)? Mostly false if it has none. */
__attribute__((always_inline)) static inline bool message_may_have(const struct message *message, const char *name)
{
    return (message->names & message_name_bit(name, strlen(name))) != 0;
}

/** Finds the first header `name` (in any case). @return false: there is none, and `value` is empty. Always inline: for
 *  a literal, the compiler then knows its bit. */
__attribute__((always_inline)) static inline bool message_find(const struct message *message, const char *name,
                                                               struct span *value)
{
    *value = (struct span){NULL, 0};
    return message_may_have(message, name) && message_search(message, name, value);
}

/** As message_find(), but makes no index: for callers that are probably the only ones to search the message. */
bool message_peek(const struct message *message, const char *name, struct span *value);

/** Returns the value of the header that defines the kind: the name of an event or action, or the kind of a response. */
struct span message_name(const struct message *message);
/** Returns the value of the first `Action` header that is not empty, which is the one that Asterisk uses, wherever it
 *  is; empty: there is none. @param index  set to the header's index if there is one; may be NULL */
static inline struct span message_action(const struct message *message, uint32_t *index)
{
    struct span name, value;

    if (message->action < 0)
        return message_search_action(message, index);
    message_header(message, (uint32_t)message->action, &name, &value);
    if (index != NULL)
        *index = (uint32_t)message->action;
    return value;
}

/** Returns the value of the first ActionID header; empty: there is none. */
struct span message_action_id(const struct message *message);
/** Makes a copy in which the first ActionID header has the value `id`: it is replaced in its place, or added as the
 *  second line; with `id` NULL it is left out. The other bytes are the same. The caller owns the copy. */
struct message *message_with_action_id(const struct message *message, const struct span *id);

#define MESSAGE_SPLICE_PIECES 5

/** Finds the pieces of bytes that make up the copy of message_with_action_id(), without making it. `pieces` refer to
 * the message and to `id`. @return their number, MESSAGE_SPLICE_PIECES at most */
int message_splice_action_id(const struct message *message, const struct span *id,
                             struct span pieces[MESSAGE_SPLICE_PIECES]);

/** Makes a copy in which header `index` (not a line without a colon) has that value. The other bytes are the same. The
 *  caller owns the copy. */
struct message *message_with_value(const struct message *message, uint32_t index, struct span value);

/** Makes a copy with one more header, as the second line. The other bytes are the same. The caller owns the copy. */
struct message *message_with_header(const struct message *message, struct span name, struct span value);

/** Makes a copy in which each line is text without a name, whatever its colons seem to say (an answer such as that to
 *  Queues), except `Server: server` at its end, which the proxy has added. The bytes are the same. The caller owns it.
 */
struct message *message_as_text(const struct message *message, struct span server);

/** Collects the headers of a new message. Usually on the stack; thread: its owner's. */
struct message_builder {
    char *bytes;
    size_t length, capacity;
    struct header *headers;
    uint32_t count, header_capacity;
    uint32_t clean; // headers that message_add_clean() has found fit for a server
};

/** Begins an empty message. message_build() or message_builder_fini() must follow. */
void message_builder_init(struct message_builder *builder);
/** Frees what was collected. The builder may be used again after message_builder_init(). */
void message_builder_fini(struct message_builder *builder);
/** Appends `name: value⏎`. Nothing is checked here; ami/writer.h checks what is sent to a server. */
void message_add(struct message_builder *builder, struct span name, struct span value);
/** Appends a header that comes from outside, unless name or value has a CR, LF or NUL. If all headers of the message
 *  came this way and their names are fit for a server, too, the message is `clean`. @return was it appended? */
bool message_add_clean(struct message_builder *builder, struct span name, struct span value);
/** message_add() with texts; the value is formatted. */
void message_addf(struct message_builder *builder, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Appends a line that is not a header, as it is. */
void message_add_line(struct message_builder *builder, struct span line);
/** Appends header `index` of a message, or its line that is not a header. */
void message_add_copy(struct message_builder *builder, const struct message *message, uint32_t index);
/** Makes the message, with its kind, classes, ActionID and flags. The caller owns it. The builder is empty afterwards,
 *  owns no memory, and may be used for another message. */
struct message *message_build(struct message_builder *builder);
/** Does the same, but the builder keeps its memory for the next message: message_builder_fini() must follow. */
struct message *message_build_next(struct message_builder *builder);

#endif
