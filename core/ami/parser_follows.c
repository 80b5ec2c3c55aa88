// core/ami/parser_follows.c: parses a legacy `Response: Follows`: a few headers, then a text up to a marker.
#include "ami/parser_inside.h"

#include "ami/assemble.h"

/** Is this one of the headers before the text of a Follows? Privilege and ActionID come at most once each. Each proxy
 *  between this one and the Asterisk adds a Server. */
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

/** Does a Follows continue with headers up to a blank line, as in some versions around Asterisk 14? */
static bool is_modern(struct span name, bool has_return)
{
    return has_return && (span_is(name, "Output") || span_is(name, "Message"));
}

void parser_read_follows_head(struct parser *parser)
{
    size_t feed;
    while (parser_find_feed(parser, &feed)) {
        struct span content, name = {0};
        bool has_return = parser_cut_line(parser, feed, &content);
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
        parser_add_header(parser, header);
        parser->line = feed + 1;
    }
}

bool parser_read_follows_body(struct parser *parser, size_t *length, bool *is_cut)
{
    struct span held = parser_held(parser);
    size_t text = 0, used = 0;
    enum follows_end end =
        follows_look(&parser->follows, (struct span){held.bytes + parser->line, held.length - parser->line},
                     parser->line_end == LINE_END_LF, parser->known, parser->known_context, &text, &used);
    if (end == FOLLOWS_OPEN)
        return false;
    uint32_t start = (uint32_t)parser->line;
    parser_add_header(parser, (struct header){start, 0, start, (uint32_t)text});
    *is_cut = end == FOLLOWS_CUT;
    *length = parser->line + used;
    return true;
}
