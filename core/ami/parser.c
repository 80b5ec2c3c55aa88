// core/ami/parser.c: a buffer with one unfinished message at its front, and how far it was looked through already.
//
//   bytes ── taken ── start ── line ── scan ── end ── free ── capacity      line, scan and the headers count from start
//
// Nothing left of `scan` is looked at again when more bytes come, so that a message in many pieces costs no more than
// one in a single piece. No decision depends on bytes that are still to come, and so none on where reads were cut.
#include "ami/parser.h"

#include "ami/assemble.h"
#include "base/memory.h"

#include <stdlib.h>

#define BUFFER_BYTES ((size_t)64 * 1024)    // least room
#define IDLE_BYTES ((size_t)1024 * 1024)    // an empty buffer that is larger goes back to the least
#define MESSAGE_BYTES_MAX ((size_t)1 << 30) // what no Asterisk sends: it is dropped, as offsets have 32 bits

enum line_end { LINE_END_UNKNOWN, LINE_END_CRLF, LINE_END_LF };
enum part { PART_HEADERS, PART_FOLLOWS_HEAD, PART_FOLLOWS_BODY };

struct parser {
    char *server_name; // NULL: messages stay as they are
    char *bytes;
    size_t capacity, start, end;
    size_t line; // first byte of the line, or text, that is being read
    size_t scan; // no end was found left of it
    struct header *headers;
    uint32_t count, header_capacity;
    enum line_end line_end;
    enum part part;
    bool has_loose_ends;               // a line ends in a bare LF
    bool has_privilege, has_action_id; // in the head of a Follows
};

/** Starts anew with the message at `start`. */
static void begin_message(struct parser *parser)
{
    parser->line = parser->scan = 0;
    parser->count = 0;
    parser->line_end = LINE_END_UNKNOWN;
    parser->part = PART_HEADERS;
    parser->has_loose_ends = parser->has_privilege = parser->has_action_id = false;
}

struct parser *parser_create(const char *server_name)
{
    struct parser *parser = memory_zero(1, sizeof *parser);
    parser->server_name = memory_text(server_name);
    return parser;
}

void parser_destroy(struct parser *parser)
{
    if (parser == NULL)
        return;
    free(parser->server_name);
    free(parser->bytes);
    free(parser->headers);
    free(parser);
}

void parser_reset(struct parser *parser)
{
    parser->start = parser->end = 0;
    begin_message(parser);
}

size_t parser_pending(const struct parser *parser)
{
    return parser->end - parser->start;
}

/** Moves what is held into a buffer of `capacity` bytes. */
static void change_capacity(struct parser *parser, size_t capacity)
{
    size_t held = parser_pending(parser);
    if (held > 0 && parser->start > 0)
        memmove(parser->bytes, parser->bytes + parser->start, held);
    if (held == 0) { // nothing to take along
        free(parser->bytes);
        parser->bytes = NULL;
    }
    parser->bytes = memory_grow(parser->bytes, capacity); // a giant's pages are moved, not copied
    parser->capacity = capacity;
    parser->start = 0;
    parser->end = held;
}

/** After a giant the least room is enough again. */
static void give_back(struct parser *parser)
{
    parser->start = parser->end = 0;
    if (parser->capacity > IDLE_BYTES) {
        free(parser->bytes);
        parser->bytes = NULL;
        parser->capacity = 0;
    }
    if (parser->header_capacity > IDLE_BYTES / sizeof *parser->headers && parser->count == 0) {
        free(parser->headers);
        parser->headers = NULL;
        parser->header_capacity = 0;
    }
}

char *parser_reserve(struct parser *parser, size_t wanted, size_t *available)
{
    size_t held = parser_pending(parser);
    if (held == 0)
        give_back(parser);
    if (parser->capacity - parser->end < wanted) {
        if (parser->start >= held && parser->capacity - held >= wanted) { // costs no more than what was taken
            memmove(parser->bytes, parser->bytes + parser->start, held);
            parser->start = 0;
            parser->end = held;
        } else {
            size_t least = held + wanted > BUFFER_BYTES ? held + wanted : BUFFER_BYTES;
            change_capacity(parser, 2 * parser->capacity > least ? 2 * parser->capacity : least);
        }
    }
    *available = parser->capacity - parser->end;
    return parser->bytes + parser->end;
}

void parser_commit(struct parser *parser, size_t count)
{
    parser->end += count;
}

static struct span held_bytes(const struct parser *parser)
{
    return (struct span){parser->bytes + parser->start, parser_pending(parser)};
}

bool parser_line(struct parser *parser, struct span *line)
{
    if (parser_pending(parser) == 0)
        return false;
    struct span held = held_bytes(parser);
    const char *end = memchr(held.bytes, '\n', held.length);
    if (end == NULL)
        return false;
    *line = (struct span){held.bytes, (size_t)(end - held.bytes)};
    parser->start += line->length + 1;
    if (line->length > 0 && end[-1] == '\r')
        line->length--;
    begin_message(parser);
    return true;
}

static void skip_blank_lines(struct parser *parser)
{
    for (;;) {
        struct span held = held_bytes(parser);
        size_t blank = 0;
        if (held.length >= 1 && held.bytes[0] == '\n')
            blank = 1;
        else if (held.length >= 2 && held.bytes[0] == '\r' && held.bytes[1] == '\n')
            blank = 2;
        if (blank == 0)
            return;
        parser->start += blank;
        parser->scan = 0;
    }
}

static void add_header(struct parser *parser, struct header header)
{
    if (parser->count == parser->header_capacity) {
        parser->header_capacity = 2 * parser->header_capacity + 64;
        parser->headers = memory_grow(parser->headers, parser->header_capacity * sizeof *parser->headers);
    }
    parser->headers[parser->count++] = header;
}

/** Finds the LF that comes next. @return false if there is none; then `scan` is at the end */
static bool find_feed(struct parser *parser, size_t *feed)
{
    struct span held = held_bytes(parser);
    const char *found = NULL;
    if (parser->scan < held.length)
        found = memchr(held.bytes + parser->scan, '\n', held.length - parser->scan);
    parser->scan = held.length;
    if (found == NULL)
        return false;
    *feed = (size_t)(found - held.bytes);
    parser->scan = *feed + 1;
    return true;
}

/** Cuts the line that ends at `feed`. @return false if this LF is data, as the message's lines end in CR LF */
static bool cut_line(struct parser *parser, size_t feed, struct span *content)
{
    const char *bytes = parser->bytes + parser->start;
    bool has_return = feed > parser->line && bytes[feed - 1] == '\r';
    if (parser->line_end == LINE_END_UNKNOWN)
        parser->line_end = has_return ? LINE_END_CRLF : LINE_END_LF;
    *content = (struct span){bytes + parser->line, feed - parser->line - (has_return ? 1 : 0)};
    return has_return || parser->line_end == LINE_END_LF;
}

static bool starts_follows(const struct parser *parser)
{
    const char *bytes = parser->bytes + parser->start;
    const struct header *first = &parser->headers[0];
    return span_is((struct span){bytes, first->name_length}, "Response") &&
           span_is((struct span){bytes + first->value, first->value_length}, "Follows");
}

/** Reads on to the end of a message of lines. @return true with its length; false if more bytes are needed or it is a
 *          Follows */
static bool read_headers(struct parser *parser, size_t *length)
{
    size_t feed;
    while (find_feed(parser, &feed)) {
        struct span content;
        if (!cut_line(parser, feed, &content))
            continue;
        if (content.length == 0) {
            *length = feed + 1;
            return true;
        }
        add_header(parser, assemble_header(content, (uint32_t)parser->line));
        if (content.bytes[content.length - 1] == '\n')
            parser->has_loose_ends = true;
        parser->line = feed + 1;
        if (parser->count == 1 && starts_follows(parser)) {
            parser->part = PART_FOLLOWS_HEAD;
            return false;
        }
    }
    return false;
}

/** Is this one of the headers that stand before the text of a Follows? Privilege and ActionID come once at most; a
 *  Server was put there by a proxy in between, or by several. */
static bool belongs_to_head(struct parser *parser, struct span name)
{
    bool *seen = NULL;
    if (span_is(name, "Privilege"))
        seen = &parser->has_privilege;
    else if (span_is(name, "ActionID"))
        seen = &parser->has_action_id;
    else
        return span_is(name, "Server");
    bool first = !*seen;
    *seen = true;
    return first;
}

/** Reads the headers of a Follows until a line is none of them. */
static void read_follows_head(struct parser *parser)
{
    size_t feed;
    while (find_feed(parser, &feed)) {
        struct span content;
        bool is_line = cut_line(parser, feed, &content) && content.length > 0;
        struct header header = {0};
        if (is_line)
            header = assemble_header(content, (uint32_t)parser->line);
        if (!is_line || !belongs_to_head(parser, (struct span){content.bytes, header.name_length})) {
            parser->part = PART_FOLLOWS_BODY;
            parser->scan = parser->line;
            return;
        }
        add_header(parser, header);
        parser->line = feed + 1;
    }
}

/** Length of the two line ends at the front. @return 0 if something else is there, -1 if more bytes are needed */
static int measure_line_ends(struct span span)
{
    size_t at = 0;
    for (int i = 0; i < 2; i++) {
        if (at < span.length && span.bytes[at] == '\r')
            at++;
        if (at == span.length)
            return -1;
        if (span.bytes[at++] != '\n')
            return 0;
    }
    return (int)at;
}

/** Looks for the marker with the line's end and the blank line behind it: a marker within the text does not count.
 *  @return true with the message's length, false if more bytes are needed */
static bool read_follows_body(struct parser *parser, size_t *length)
{
    struct span held = held_bytes(parser);
    for (;;) {
        const char *marker =
            memmem(held.bytes + parser->scan, held.length - parser->scan, FOLLOWS_MARKER, FOLLOWS_MARKER_BYTES);
        if (marker == NULL) {
            size_t looked = held.length < FOLLOWS_MARKER_BYTES ? 0 : held.length - FOLLOWS_MARKER_BYTES + 1;
            parser->scan = looked > parser->scan ? looked : parser->scan;
            return false;
        }
        size_t after = (size_t)(marker - held.bytes) + FOLLOWS_MARKER_BYTES;
        int ends = measure_line_ends((struct span){held.bytes + after, held.length - after});
        parser->scan = (size_t)(marker - held.bytes) + (ends == 0 ? 1 : 0);
        if (ends < 0)
            return false;
        if (ends > 0) {
            uint32_t start = (uint32_t)parser->line;
            add_header(parser, (struct header){start, 0, start, (uint32_t)(after - parser->line)});
            *length = after + (size_t)ends;
            return true;
        }
    }
}

static bool read_message(struct parser *parser, size_t *length)
{
    if (parser->part == PART_HEADERS && parser->count == 0)
        skip_blank_lines(parser);
    if (parser->part == PART_HEADERS && read_headers(parser, length))
        return true;
    if (parser->part == PART_FOLLOWS_HEAD)
        read_follows_head(parser);
    return parser->part == PART_FOLLOWS_BODY && read_follows_body(parser, length);
}

struct message *parser_next(struct parser *parser)
{
    size_t length;
    if (parser_pending(parser) == 0)
        return NULL;
    if (!read_message(parser, &length)) {
        if (parser_pending(parser) > MESSAGE_BYTES_MAX)
            parser_reset(parser);
        return NULL;
    }
    char *bytes = parser->bytes + parser->start;
    size_t taken = length;
    struct message *message;
    if (parser->server_name == NULL) {
        message = assemble_copy(parser->headers, parser->count, (struct span){bytes, length});
    } else {
        if (parser->has_loose_ends)
            length = assemble_tidy(parser->headers, &parser->count, bytes);
        message = assemble_named(parser->headers, parser->count, (struct span){bytes, length},
                                 span_of(parser->server_name), parser->part == PART_FOLLOWS_BODY);
    }
    parser->start += taken;
    begin_message(parser);
    if (parser_pending(parser) == 0)
        give_back(parser); // before the message is copied for whom it is
    return message;
}
