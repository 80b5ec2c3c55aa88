// core/ami/assemble.h: makes messages: one block of memory each, filled by the caller, then scanned once.
// For ami/ only; other rooms use the parser or the builder. Thread: any.
#ifndef AMI_ASSEMBLE_H
#define AMI_ASSEMBLE_H

#include "ami/message.h"

#include <string.h>

/** The form of the bytes that a parser has read. */
enum assemble_shape {
    ASSEMBLE_LINES,    // lines, which are copied as they are
    ASSEMBLE_UNTIDY,   // values may end in a LF, and the last lines may have another line end than the first
    ASSEMBLE_FOLLOWS,  // the last header is the text of a Follows with its marker
    ASSEMBLE_UNMARKED, // … without its marker
};

/** The place of a value in a message. */
struct place {
    uint32_t start, length;
};

/** What a parser knows of a message whose first header defines its kind. */
struct assemble_facts {
    enum message_kind kind;
    uint32_t header_count, classes;
    bool incomplete_list, has_privilege;
    int32_t action_id, action; // as in struct message
    struct place name, id;     // value of the first header, of the ActionID if there is one
};

/** Allocates a message with one reference. The caller fills in all headers and bytes, then calls assemble_finish().
 *  @param byte_count  < 2^32, which the caller has checked */
struct message *assemble_begin(uint32_t header_count, size_t byte_count);
/** Returns the place of the wire bytes in a message that is being made. */
char *assemble_bytes(struct message *message);
/** Scans the headers, and sets kind, classes, ActionID and flags. The message is immutable afterwards. */
void assemble_finish(struct message *message);
/** Reduces a message that is being made to `byte_count` bytes and frees the rest. @return its new place */
struct message *assemble_shrink(struct message *message, size_t byte_count);
/** Sets the places of name and ActionID from the index; for callers that set the other fields themselves. */
void assemble_places(struct message *message);
/** Makes a message of these bytes, whose facts are known: the bytes are only copied, and the index is made at the first
 *  message_headers(). Adds `Server: NAME` (empty: none) after the last header. */
struct message *assemble_plain(const struct assemble_facts *facts, struct span wire, struct span name,
                               bool from_server);
/** Returns the length of the line that assemble_plain() adds. */
static inline size_t assemble_added(struct span name)
{
    return name.length == 0 ? 0 : 8 + name.length + 2;
}
/** Writes that line and the blank line. Always inline: once for each event. @return the end */
__attribute__((always_inline)) static inline char *assemble_put_end(char *to, struct span name)
{
    if (name.length > 0) {
        to = mempcpy(to, "Server: ", 8);
        to = mempcpy(to, name.bytes, name.length);
        to = mempcpy(to, "\r\n", 2);
    }
    return mempcpy(to, "\r\n", 2);
}

/** Does the same as assemble_plain() without copying the bytes: they are `length` at `at` in `block`, which the message
 *  takes over, and which has room for assemble_added() more behind them. */
struct message *assemble_large(const struct assemble_facts *facts, char *block, size_t at, size_t length,
                               struct span name, bool from_server);
/** Makes a finished message of these headers and wire bytes. */
struct message *assemble_copy(const struct header *headers, uint32_t count, struct span wire);
/** Does the same for a message from a peer: the first header that is Event or Response defines its kind. */
struct message *assemble_received(const struct header *headers, uint32_t count, struct span wire);
/** Does the same for a message from a server, and adds `Server: NAME` (empty: none) after the last header, or before
 *  the text of a Follows. LFs at the ends of values are removed, the last header and the blank line get the line end of
 *  the first line, and a text without marker gets it. */
struct message *assemble_named(const struct header *headers, uint32_t count, struct span wire, struct span name,
                               enum assemble_shape shape);
/** The wire bytes of a message that is being made, line by line. */
struct assemble_lines {
    char *bytes;     // has room for all
    uint32_t length; // so far
};

/** Appends bytes. */
static inline void assemble_put(struct assemble_lines *lines, const char *bytes, size_t length)
{
    if (length > 0)
        memcpy(lines->bytes + lines->length, bytes, length);
    lines->length += (uint32_t)length;
}

/** Appends the line `name: value` with the line end `end`; without a name it is all value.
 *  @return its header */
static inline struct header assemble_put_line(struct assemble_lines *lines, struct span name, struct span value,
                                              struct span end)
{
    uint32_t start = lines->length;

    if (name.length > 0) {
        assemble_put(lines, name.bytes, name.length);
        assemble_put(lines, ": ", 2);
    }
    uint32_t place = lines->length;
    assemble_put(lines, value.bytes, value.length);
    assemble_put(lines, end.bytes, end.length);
    return (struct header){start, (uint32_t)name.length, place, (uint32_t)value.length};
}

/** assemble_header() of content without LF. */
static inline struct header assemble_line(struct span content, uint32_t start)
{
    struct header header = {start, 0, start, (uint32_t)content.length};
    const char *colon = memchr(content.bytes, ':', content.length);
    if (colon == NULL || colon == content.bytes)
        return header;
    size_t name_length = (size_t)(colon - content.bytes);
    size_t value = name_length + 1;
    value += value < content.length && content.bytes[value] == ' ';
    header.name_length = (uint32_t)name_length;
    header.value = start + (uint32_t)value;
    header.value_length = (uint32_t)(content.length - value);
    return header;
}
/** Returns the header of the line `content` (without its end) at `start`. A line with a LF before its colon is a text
 *  without name. */
struct header assemble_header(struct span content, uint32_t start);
/** Returns the number of bytes that Asterisk skips at the front of an action's value: all up to 0x20 except CR, LF and
 *  NUL. In messages from Asterisk only one blank after the colon is skipped. */
size_t assemble_blanks(struct span value);

#endif
