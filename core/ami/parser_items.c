// core/ami/parser_items.c: items of a list, many at once. They begin alike, so that only their ends, the places of
// their ActionIDs and what may end the list are looked for; no message is made of them.
#include "ami/parser_inside.h"

#include "ami/assemble.h"
#include "base/marks.h"

#define LONGEST_ITEM 4096
#define LONGEST_ID 64                 // ActionID on the wire
#define LEAST_LIMIT ((size_t)1 << 16) // such an item breaks no limit of messages, in bytes or lines, that is so large
#define EVENT "Event: "
#define ID "ActionID: "
#define EVENT_BYTES (sizeof EVENT - 1)
#define ID_BYTES (sizeof ID - 1)

/** The lines that the items have in common, with their ends. */
struct lines {
    struct span first, id;
    char first_bytes[EVENT_BYTES + PARSER_ITEM_NAME + 2], id_bytes[ID_BYTES + LONGEST_ID + 2];
};

/** An item among the held bytes: its length with the blank line, and the place of its ActionID line. */
struct item {
    uint32_t length, id;
};

static void make_lines(struct lines *lines, const struct parser_form *form)
{
    char *to = mempcpy(mempcpy(lines->first_bytes, EVENT, EVENT_BYTES), form->name.bytes, form->name.length);

    memcpy(to, "\r\n", 2);
    lines->first = (struct span){lines->first_bytes, EVENT_BYTES + form->name.length + 2};
    to = mempcpy(mempcpy(lines->id_bytes, ID, ID_BYTES), form->id.bytes, form->id.length);
    memcpy(to, "\r\n", 2);
    lines->id = (struct span){lines->id_bytes, ID_BYTES + form->id.length + 2};
}

/** Is parser_next() about to begin with a message? Then it has looked at none of the held bytes. */
static bool is_between(const struct parser *parser)
{
    return parser->part == PART_HEADERS && parser->count == 0 && parser->scan == 0 && parser->doubt == 0 &&
           !parser->plain.is_begun && !parser->plain.is_declined && parser->fault[0] == '\0';
}

/** Looks at a line of the item, which has one byte at least and CR LF. Always inline: for each line.
 *  @return false: a message must be made of the item */
__attribute__((always_inline)) static inline bool take_item_line(struct item *item, struct span line, uint32_t at,
                                                                 struct span id)
{
    const struct span own = {ID, ID_BYTES - 1}; // with the colon
    char first = (char)(line.bytes[0] | 0x20), third = (char)(line.bytes[2] | 0x20);

    if (first == 'e')
        return third != 'e'; // EventList
    if (first != 'a' || third != 't' || line.length < own.length ||
        !span_equals_nocase((struct span){line.bytes, own.length}, own))
        return true;
    if (item->id > 0 || !span_equals(line, id))
        return false;
    item->id = at;
    return true;
}

/** Finds the end of the item at the front of `held`. @return false: it is not complete, or parser_next() must read it
 */
static bool find_item(struct item *item, struct span held, const struct lines *lines)
{
    if (held.length <= lines->first.length || memcmp(held.bytes, lines->first.bytes, lines->first.length) != 0)
        return false;
    const char *line = held.bytes + lines->first.length, *feed;
    struct marks_walk walk = marks_walk(line, held.bytes + (held.length < LONGEST_ITEM ? held.length : LONGEST_ITEM));
    *item = (struct item){0, 0};
    while ((feed = marks_next_feed(&walk)) != NULL) {
        if (feed == line || feed[-1] != '\r')
            return false;
        if (feed == line + 1) {
            item->length = (uint32_t)(feed + 1 - held.bytes);
            return item->id > 0;
        }
        struct span whole = {line, (size_t)(feed + 1 - line)};
        if (!take_item_line(item, whole, (uint32_t)(line - held.bytes), lines->id))
            return false;
        line = feed + 1;
    }
    return false;
}

/** Writes the item as a client sees it. @return the end */
static char *put_item(char *to, const char *bytes, const struct item *item, struct span shown, size_t id_length,
                      struct span server)
{
    const char *rest = bytes + item->id + id_length;

    to = mempcpy(to, bytes, item->id);
    if (shown.length > 0) {
        to = mempcpy(to, ID, ID_BYTES);
        to = mempcpy(to, shown.bytes, shown.length);
        to = mempcpy(to, "\r\n", 2);
    }
    to = mempcpy(to, rest, (size_t)(bytes + item->length - 2 - rest));
    return assemble_put_end(to, server);
}

bool parser_items(struct parser *parser, const struct parser_form *form, struct parser_items *items)
{
    struct item found[PARSER_ITEMS];
    struct lines lines;
    struct span held = parser_held(parser);
    uint32_t count = 0, longest = 0;
    size_t taken = 0;

    if (form->name.length > PARSER_ITEM_NAME || form->id.length > LONGEST_ID || !is_between(parser) ||
        parser->message_limit < LEAST_LIMIT || parser->line_limit < LEAST_LIMIT)
        return false;
    make_lines(&lines, form);
    while (count < PARSER_ITEMS &&
           find_item(&found[count], (struct span){held.bytes + taken, held.length - taken}, &lines)) {
        longest = found[count].length > longest ? found[count].length : longest;
        taken += found[count++].length;
    }
    if (count == 0)
        return false;

    size_t added = assemble_added(parser->server) + (form->shown.length > 0 ? ID_BYTES + form->shown.length + 2 : 0);
    struct message *message = assemble_begin(0, taken + count * added - count * lines.id.length);
    char *to = assemble_bytes(message);
    for (uint32_t i = 0; i < count; i++) {
        to = put_item(to, held.bytes, &found[i], form->shown, lines.id.length, parser->server);
        held.bytes += found[i].length;
    }
    parser->intake.start += taken;
    *items = (struct parser_items){message, count, (uint32_t)(longest + added - lines.id.length)};
    return true;
}
