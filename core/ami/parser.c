// core/ami/parser.c: bytes with one unfinished message at their front, and how far they were looked through already.
//
//   held ── line ── scan ── end      line, scan and the headers count from the first byte that is held
//
// Nothing left of `scan` is looked at again when more bytes come, so that a message in many pieces costs no more than
// one in a single piece. No decision depends on where reads were cut: what only later bytes can tell waits for them.
#include "ami/parser.h"

#include "ami/assemble.h"
#include "ami/follows.h"
#include "ami/intake.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

#define IDLE_HEADERS 65536                  // an empty index that is larger goes back to the least
#define BYTES_OF_LINE sizeof(struct header) // least, over all of a message: its index is no larger than its bytes
#define MESSAGE_BYTES_MAX ((size_t)1 << 30) // offsets have 32 bits

enum line_end { LINE_END_UNKNOWN, LINE_END_CRLF, LINE_END_LF };
enum part { PART_HEADERS, PART_FOLLOWS_HEAD, PART_FOLLOWS_BODY };

struct parser {
    char *server_name; // NULL: messages stay as they are
    follows_known *known;
    void *known_context;
    size_t line_limit, message_limit;
    char fault[96]; // why nothing more is read; empty: no reason
    struct intake intake;
    size_t line; // first byte of the line, or text, that is being read
    size_t scan; // no end was found left of it
    struct header *headers;
    uint32_t count, header_capacity;
    enum line_end line_end;
    enum part part;
    struct follows follows;
    size_t doubt;    // behind a blank line that may belong to a value, or be the message's end; 0: there is none
    bool is_loose;   // the line before ended in a bare LF, and the message's first did not
    bool is_untidy;  // not all of its ends are those of the first line
    bool is_decided; // Event or Response was seen
    bool is_settled; // nothing more comes for now
    bool has_privilege, has_action_id; // before the text of a Follows
};

static struct span held_bytes(const struct parser *parser)
{
    return intake_held(&parser->intake);
}

size_t parser_pending(const struct parser *parser)
{
    return parser->intake.end - parser->intake.start;
}

/** Starts anew with the message at the front. */
static void begin_message(struct parser *parser)
{
    parser->line = parser->scan = 0;
    parser->count = 0;
    parser->line_end = LINE_END_UNKNOWN;
    parser->part = PART_HEADERS;
    parser->follows = (struct follows){0};
    parser->doubt = 0;
    parser->is_loose = parser->is_untidy = parser->is_decided = parser->is_settled = false;
    parser->has_privilege = parser->has_action_id = false;
}

struct parser *parser_create(const char *server_name)
{
    struct parser *parser = memory_zero(1, sizeof *parser);
    parser->server_name = memory_text(server_name);
    parser->line_limit = parser->message_limit = MESSAGE_BYTES_MAX;
    return parser;
}

void parser_set_known(struct parser *parser, follows_known *known, void *context)
{
    parser->known = known;
    parser->known_context = context;
}

void parser_set_limits(struct parser *parser, size_t line, size_t message)
{
    parser->message_limit = message < MESSAGE_BYTES_MAX ? message : MESSAGE_BYTES_MAX;
    parser->line_limit = line < parser->message_limit ? line : parser->message_limit;
}

void parser_destroy(struct parser *parser)
{
    if (parser == NULL)
        return;
    free(parser->server_name);
    intake_fini(&parser->intake);
    free(parser->headers);
    free(parser);
}

void parser_reset(struct parser *parser)
{
    parser->intake.start = parser->intake.end = 0;
    parser->fault[0] = '\0';
    begin_message(parser);
}

const char *parser_fault(const struct parser *parser)
{
    return parser->fault[0] != '\0' ? parser->fault : NULL;
}

bool parser_is_in_text(const struct parser *parser)
{
    return parser->part == PART_FOLLOWS_BODY;
}

bool parser_is_doubtful(const struct parser *parser)
{
    return parser->doubt > 0;
}

void parser_settle(struct parser *parser)
{
    parser->is_settled = parser->doubt > 0;
}

/** Nothing is read from here on: what is held breaks a limit. */
static void fail(struct parser *parser, const char *what, size_t limit, const char *unit)
{
    if (parser->fault[0] == '\0')
        snprintf(parser->fault, sizeof parser->fault, "%s of more than %zu %s", what, limit, unit);
}

/** After a giant the least room is enough again. */
static void give_back(struct parser *parser)
{
    intake_give_back(&parser->intake);
    if (parser->header_capacity > IDLE_HEADERS && parser->count == 0) {
        free(parser->headers);
        parser->headers = NULL;
        parser->header_capacity = 0;
    }
}

char *parser_reserve(struct parser *parser, size_t wanted, size_t *available)
{
    if (parser_pending(parser) == 0)
        give_back(parser);
    return intake_reserve(&parser->intake, wanted, available);
}

void parser_commit(struct parser *parser, size_t count)
{
    parser->intake.end += count;
}

bool parser_line(struct parser *parser, struct span *line)
{
    if (parser_pending(parser) == 0)
        return false;
    struct span held = held_bytes(parser);
    const char *end = memchr(held.bytes, '\n', held.length);
    if ((end == NULL ? held.length : (size_t)(end - held.bytes)) > PARSER_BANNER_BYTES)
        fail(parser, "a first line", PARSER_BANNER_BYTES, "bytes");
    if (end == NULL || parser->fault[0] != '\0')
        return false;
    *line = (struct span){held.bytes, (size_t)(end - held.bytes)};
    parser->intake.start += line->length + 1;
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
        parser->intake.start += blank;
        parser->scan = 0;
    }
}

static void add_header(struct parser *parser, struct header header)
{
    size_t most = parser->message_limit / BYTES_OF_LINE;
    if (parser->count >= most) {
        fail(parser, "a message", most, "lines");
        return;
    }
    if (parser->count == parser->header_capacity) {
        uint32_t wanted = 2 * parser->header_capacity + 64;
        parser->header_capacity = wanted < most ? wanted : (uint32_t)most;
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
    *feed = found == NULL ? held.length : (size_t)(found - held.bytes);
    if (*feed - parser->line > parser->line_limit)
        fail(parser, "a line", parser->line_limit, "bytes");
    if (found == NULL || parser->fault[0] != '\0')
        return false;
    parser->scan = *feed + 1;
    return true;
}

// --- lines ------------------------------------------------------------------------------------------------------

/** Cuts the line that ends at `feed`. @return does it end in CR LF? */
static bool cut_line(struct parser *parser, size_t feed, struct span *content)
{
    const char *bytes = held_bytes(parser).bytes;
    bool has_return = feed > parser->line && bytes[feed - 1] == '\r';
    if (parser->line_end == LINE_END_UNKNOWN)
        parser->line_end = has_return ? LINE_END_CRLF : LINE_END_LF;
    *content = (struct span){bytes + parser->line, feed - parser->line - (has_return ? 1 : 0)};
    return has_return;
}

static struct header *last_header(const struct parser *parser)
{
    return &parser->headers[parser->count - 1];
}

/** Does the line begin as Asterisk writes a header, and not as the second line of a value would by chance: a word, a
 *  colon, a blank or nothing? */
static bool begins_header(struct span line)
{
    size_t at = 0;

    while (at < line.length && (unsigned char)line.bytes[at] > ' ' && line.bytes[at] != 0x7f && line.bytes[at] != ':')
        at++;
    return at > 0 && at < line.length && line.bytes[at] == ':' && (at + 1 == line.length || line.bytes[at + 1] == ' ');
}

/** Does a message of Asterisk's begin so? */
static bool begins_message(struct span line)
{
    static const char *const words[] = {"Event: ", "Response: ", "Privilege: "};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i]);
        if (line.length >= length && span_is((struct span){line.bytes, length}, words[i]))
            return true;
    }
    return false;
}

/** The blank line in doubt was part of a value: the value goes on up to its end. */
static void absorb_blank(struct parser *parser)
{
    const char *bytes = held_bytes(parser).bytes;
    size_t end = parser->doubt - 1;
    bool has_return = bytes[end - 1] == '\r';
    last_header(parser)->value_length = (uint32_t)(end - has_return) - last_header(parser)->value;
    parser->is_loose = !has_return;
    parser->is_untidy = true; // the value ends in a LF
    parser->doubt = 0;
}

/** Takes note of what a header says of its message. @return it is the `Response: Follows` of a legacy answer */
static bool note_header(struct parser *parser, const struct header *header)
{
    const char *bytes = held_bytes(parser).bytes;
    struct span name = {bytes + header->start, header->name_length};
    if (parser->is_decided)
        return false;
    parser->has_privilege = parser->has_privilege || span_is(name, "Privilege");
    parser->has_action_id = parser->has_action_id || span_is(name, "ActionID");
    bool is_response = span_is(name, "Response");
    parser->is_decided = is_response || span_is(name, "Event");
    return is_response && span_is((struct span){bytes + header->value, header->value_length}, "Follows");
}

/** Takes a line that is not blank: a header, or more of the value before. */
static void take_content(struct parser *parser, struct span content, bool has_return)
{
    if (parser->is_loose && !begins_header(content)) {
        size_t end = parser->line + content.length;
        last_header(parser)->value_length = (uint32_t)end - last_header(parser)->value;
    } else {
        struct header header = assemble_header(content, (uint32_t)parser->line);
        add_header(parser, header);
        if (note_header(parser, &header))
            parser->part = PART_FOLLOWS_HEAD;
    }
    parser->is_loose = !has_return && parser->line_end == LINE_END_CRLF;
}

/** Takes the line that ends at `feed`. @return true with the message's length: it ends there */
static bool take_line(struct parser *parser, size_t feed, size_t *length)
{
    struct span content;
    bool has_return = cut_line(parser, feed, &content);
    bool is_blank = content.length == 0;

    if (parser->doubt > 0 && (is_blank || begins_message(content))) {
        *length = is_blank ? feed + 1 : parser->doubt;
        parser->is_untidy = true;
        return true;
    }
    if (parser->doubt > 0)
        absorb_blank(parser);
    if (is_blank && !parser->is_loose) {
        *length = feed + 1;
        parser->is_untidy = parser->is_untidy || (!has_return && parser->line_end == LINE_END_CRLF);
        return true;
    }
    if (is_blank)
        parser->doubt = feed + 1;
    else
        take_content(parser, content, has_return);
    parser->line = feed + 1;
    return false;
}

/** Reads on to the end of a message of lines. @return true with its length; false if more bytes are needed or it is a
 *          Follows */
static bool read_headers(struct parser *parser, size_t *length)
{
    size_t feed;
    while (parser->part == PART_HEADERS && find_feed(parser, &feed)) {
        if (take_line(parser, feed, length))
            return true;
    }
    if (!parser->is_settled || parser->doubt == 0)
        return false;
    *length = parser->doubt;
    return parser->is_untidy = true;
}

// --- Response: Follows ------------------------------------------------------------------------------------------

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

/** Some versions around Asterisk 14 say Follows and go on as newer ones do: in headers, to a blank line. */
static bool is_modern(struct span name, bool has_return)
{
    return has_return && (span_is(name, "Output") || span_is(name, "Message"));
}

/** Reads the headers of a Follows until a line is none of them. */
static void read_follows_head(struct parser *parser)
{
    size_t feed;
    while (find_feed(parser, &feed)) {
        struct span content, name = {0};
        bool has_return = cut_line(parser, feed, &content);
        struct header header = {0};
        if ((has_return || parser->line_end == LINE_END_LF) && content.length > 0) {
            header = assemble_header(content, (uint32_t)parser->line);
            name = (struct span){content.bytes, header.name_length};
        }
        bool modern = is_modern(name, has_return);
        if (modern || !belongs_to_head(parser, name)) {
            parser->part = modern ? PART_HEADERS : PART_FOLLOWS_BODY;
            parser->scan = parser->line;
            return;
        }
        add_header(parser, header);
        parser->line = feed + 1;
    }
}

/** Looks for the end of the text. @return true with the message's length, false if more bytes are needed
 *  @param is_cut  becomes whether it ends without its marker */
static bool read_follows_body(struct parser *parser, size_t *length, bool *is_cut)
{
    struct span held = held_bytes(parser);
    size_t text = 0, used = 0;
    enum follows_end end =
        follows_look(&parser->follows, (struct span){held.bytes + parser->line, held.length - parser->line},
                     parser->line_end == LINE_END_LF, parser->known, parser->known_context, &text, &used);
    if (end == FOLLOWS_OPEN)
        return false;
    uint32_t start = (uint32_t)parser->line;
    add_header(parser, (struct header){start, 0, start, (uint32_t)text});
    *is_cut = end == FOLLOWS_CUT;
    *length = parser->line + used;
    return true;
}

// --- messages ---------------------------------------------------------------------------------------------------

static bool read_message(struct parser *parser, size_t *length, bool *is_cut)
{
    if (parser->part == PART_HEADERS && parser->count == 0)
        skip_blank_lines(parser);
    if (parser->part == PART_HEADERS && read_headers(parser, length))
        return true;
    if (parser->part == PART_FOLLOWS_HEAD)
        read_follows_head(parser);
    if (parser->part == PART_HEADERS && parser->scan < parser_pending(parser) && read_headers(parser, length))
        return true; // the head of a Follows that goes on in headers
    return parser->part == PART_FOLLOWS_BODY && read_follows_body(parser, length, is_cut);
}

/** The message of what was read: `length` bytes at the front. */
static struct message *make(const struct parser *parser, size_t length, bool is_cut)
{
    struct span wire = {held_bytes(parser).bytes, length};
    enum assemble_shape shape = parser->part != PART_FOLLOWS_BODY ? parser->is_untidy ? ASSEMBLE_UNTIDY : ASSEMBLE_LINES
                                : is_cut                          ? ASSEMBLE_UNMARKED
                                                                  : ASSEMBLE_FOLLOWS;
    if (parser->server_name == NULL && !is_cut)
        return assemble_received(parser->headers, parser->count, wire);
    return assemble_named(parser->headers, parser->count, wire, span_of(parser->server_name), shape);
}

struct message *parser_next(struct parser *parser)
{
    size_t length = 0;
    bool is_cut = false;
    if (parser_pending(parser) == 0 || parser->fault[0] != '\0')
        return NULL;
    bool is_whole = read_message(parser, &length, &is_cut);
    if ((is_whole ? length : parser_pending(parser)) > parser->message_limit)
        fail(parser, "a message", parser->message_limit, "bytes");
    if (!is_whole || parser->fault[0] != '\0')
        return NULL;
    struct message *message = make(parser, length, is_cut);
    parser->intake.start += length;
    begin_message(parser);
    if (parser_pending(parser) == 0)
        give_back(parser); // before the message is copied for whom it is
    return message;
}
