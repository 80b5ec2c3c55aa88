// core/ami/parser_lines.c: parses a message of lines: headers, values that contain line ends, and the final blank line.
#include "ami/parser_inside.h"

#include "ami/assemble.h"
#include "base/memory.h"

#define BYTES_OF_LINE sizeof(struct header) // least average, so that a message's index is no larger than its bytes

void parser_add_header(struct parser *parser, struct header header)
{
    size_t most = parser->message_limit / BYTES_OF_LINE;
    if (parser->count >= most) {
        parser_fail(parser, "a message", most, "lines");
        return;
    }
    if (parser->count == parser->header_capacity) {
        uint32_t wanted = 2 * parser->header_capacity + 64;
        parser->header_capacity = wanted < most ? wanted : (uint32_t)most;
        parser->headers = memory_grow(parser->headers, parser->header_capacity * sizeof *parser->headers);
    }
    parser->headers[parser->count++] = header;
}

bool parser_find_feed(struct parser *parser, size_t *feed)
{
    struct span held = parser_held(parser);
    const char *found = NULL;
    if (parser->scan < held.length)
        found = memchr(held.bytes + parser->scan, '\n', held.length - parser->scan);
    parser->scan = held.length;
    *feed = found == NULL ? held.length : (size_t)(found - held.bytes);
    if (*feed - parser->line > parser->line_limit)
        parser_fail(parser, "a line", parser->line_limit, "bytes");
    if (found == NULL || parser->fault[0] != '\0')
        return false;
    parser->scan = *feed + 1;
    return true;
}

bool parser_cut_line(struct parser *parser, size_t feed, struct span *content)
{
    const char *bytes = parser_held(parser).bytes;
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

/** Does the line begin as Asterisk writes a header: a word, a colon, and a blank or the line's end? The second line of
 *  a value rarely does. */
static bool begins_header(struct span line)
{
    size_t at = 0;

    while (at < line.length && (unsigned char)line.bytes[at] > ' ' && line.bytes[at] != 0x7f && line.bytes[at] != ':')
        at++;
    return at > 0 && at < line.length && line.bytes[at] == ':' && (at + 1 == line.length || line.bytes[at + 1] == ' ');
}

/** Does the line begin like the first line of a message of Asterisk? */
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

/** Adds the doubtful blank line to the value before it. */
static void absorb_blank(struct parser *parser)
{
    const char *bytes = parser_held(parser).bytes;
    size_t end = parser->doubt - 1;
    bool has_return = bytes[end - 1] == '\r';
    last_header(parser)->value_length = (uint32_t)(end - has_return) - last_header(parser)->value;
    parser->is_loose = !has_return;
    parser->is_untidy = true; // the value ends in a LF
    parser->doubt = 0;
}

/** Notes the headers that matter for parsing. @return true: the header is the `Response: Follows` of a legacy answer */
static bool note_header(struct parser *parser, const struct header *header)
{
    const char *bytes = parser_held(parser).bytes;
    struct span name = {bytes + header->start, header->name_length};
    if (parser->is_decided)
        return false;
    parser->has_privilege = parser->has_privilege || span_is(name, "Privilege");
    parser->has_action_id = parser->has_action_id || span_is(name, "ActionID");
    bool is_response = span_is(name, "Response");
    parser->is_decided = is_response || span_is(name, "Event");
    return is_response && span_is((struct span){bytes + header->value, header->value_length}, "Follows");
}

/** Handles a line that is not blank: a header, or a part of the previous value. */
static void take_content(struct parser *parser, struct span content, bool has_return)
{
    if (parser->is_loose && !begins_header(content)) {
        size_t end = parser->line + content.length;
        last_header(parser)->value_length = (uint32_t)end - last_header(parser)->value;
    } else {
        struct header header = assemble_header(content, (uint32_t)parser->line);
        parser_add_header(parser, header);
        if (note_header(parser, &header))
            parser->part = PART_FOLLOWS_HEAD;
    }
    parser->is_loose = !has_return && parser->line_end == LINE_END_CRLF;
}

/** Handles the line that ends at `feed`. @return true: the message ends there, and `length` is set */
static bool take_line(struct parser *parser, size_t feed, size_t *length)
{
    struct span content;
    bool has_return = parser_cut_line(parser, feed, &content);
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

bool parser_read_headers(struct parser *parser, size_t *length)
{
    size_t feed;
    while (parser->part == PART_HEADERS && parser_find_feed(parser, &feed)) {
        if (take_line(parser, feed, length))
            return true;
    }
    if (!parser->is_settled || parser->doubt == 0)
        return false;
    *length = parser->doubt;
    return parser->is_untidy = true;
}
