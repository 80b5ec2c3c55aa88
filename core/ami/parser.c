// core/ami/parser.c: see parser.h; parser_inside.h describes how it works.
#include "ami/parser_inside.h"

#include "ami/assemble.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

#define IDLE_HEADERS 65536                  // an empty index that is larger is freed
#define MESSAGE_BYTES_MAX ((size_t)1 << 30) // offsets have 32 bits

struct span parser_held(const struct parser *parser)
{
    return intake_held(&parser->intake);
}

size_t parser_pending(const struct parser *parser)
{
    return parser->intake.end - parser->intake.start;
}

/** Starts to parse the message at the front. */
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
    parser->plain.is_begun = parser->plain.is_declined = false;
    parser->plain.line = 0;
}

struct parser *parser_create(const char *server_name)
{
    struct parser *parser = memory_zero(1, sizeof *parser);
    parser->server_name = memory_text(server_name);
    parser->server = span_of(parser->server_name);
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

void parser_fail(struct parser *parser, const char *what, size_t limit, const char *unit)
{
    if (parser->fault[0] == '\0')
        snprintf(parser->fault, sizeof parser->fault, "%s of more than %zu %s", what, limit, unit);
}

/** Frees buffers that a large message has made large. */
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
    struct span held = parser_held(parser);
    const char *end = memchr(held.bytes, '\n', held.length);
    if ((end == NULL ? held.length : (size_t)(end - held.bytes)) > PARSER_BANNER_BYTES)
        parser_fail(parser, "a first line", PARSER_BANNER_BYTES, "bytes");
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
        struct span held = parser_held(parser);
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

// --- messages ---------------------------------------------------------------------------------------------------

static bool read_message(struct parser *parser, size_t *length, bool *is_cut)
{
    if (parser->part == PART_HEADERS && parser_read_headers(parser, length))
        return true;
    if (parser->part == PART_FOLLOWS_HEAD)
        parser_read_follows_head(parser);
    if (parser->part == PART_HEADERS && parser->scan < parser_pending(parser) && parser_read_headers(parser, length))
        return true; // a Follows that continues with headers, not with a text
    return parser->part == PART_FOLLOWS_BODY && parser_read_follows_body(parser, length, is_cut);
}

/** Makes the message of the `length` bytes at the front. */
static struct message *parser_make(const struct parser *parser, size_t length, bool is_cut)
{
    struct span wire = {parser_held(parser).bytes, length};
    enum assemble_shape shape = parser->part != PART_FOLLOWS_BODY ? parser->is_untidy ? ASSEMBLE_UNTIDY : ASSEMBLE_LINES
                                : is_cut                          ? ASSEMBLE_UNMARKED
                                                                  : ASSEMBLE_FOLLOWS;
    if (parser->server_name == NULL && !is_cut)
        return assemble_received(parser->headers, parser->count, wire);
    return assemble_named(parser->headers, parser->count, wire, parser->server, shape);
}

struct message *parser_next(struct parser *parser)
{
    size_t length = 0;
    bool is_cut = false;
    if (parser_pending(parser) == 0 || parser->fault[0] != '\0')
        return NULL;
    if (parser->part == PART_HEADERS && parser->count == 0 && !parser->plain.is_begun)
        skip_blank_lines(parser);
    if (parser_pending(parser) == 0)
        return NULL;
    struct message *message = parser->plain.is_declined ? NULL : parser_read_plain(parser, &length);
    bool is_whole = message != NULL || (parser->plain.is_declined && read_message(parser, &length, &is_cut));
    if ((is_whole ? length : parser_pending(parser)) > parser->message_limit)
        parser_fail(parser, "a message", parser->message_limit, "bytes");
    if (!is_whole || parser->fault[0] != '\0')
        return NULL;
    if (message == NULL)
        message = parser_make(parser, length, is_cut);
    parser->intake.start += length;
    begin_message(parser);
    if (parser_pending(parser) == 0)
        give_back(parser); // before copies of the message are made, so that memory peaks lower
    return message;
}
