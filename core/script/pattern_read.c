// core/script/pattern_read.c: compiles the text of a pattern to a list of items, once per call.
#include "script/pattern.h"

#include <ctype.h>

struct reader {
    struct pattern *pattern;
    size_t at;
    uint8_t open[PATTERN_CAPTURES]; // numbers of the captures that are not closed
    unsigned open_count;
    uint32_t closed; // bit set of the captures that are closed
};

static struct pattern_item *add_item(struct reader *reader, enum pattern_kind kind)
{
    struct pattern_item *item = &reader->pattern->items[reader->pattern->count++];
    *item = (struct pattern_item){.kind = (uint8_t)kind};
    return item;
}

/** Reads the inside of `[…]`, after the `[`. */
static const char *read_set(struct reader *reader, struct pattern_item *item)
{
    struct span text = reader->pattern->text;
    size_t at = reader->at;

    if (at < text.length && text.bytes[at] == '^') {
        if (item->kind == ITEM_SET)
            item->kind = ITEM_NOT_SET;
        else
            item->first = 1; // a frontier of the complement of the set
        at++;
    }
    item->set_start = (uint16_t)at;
    for (size_t i = at;; i++) {
        if (i >= text.length)
            return "malformed pattern (missing ']')";
        if (text.bytes[i] == '%')
            i++;
        else if (text.bytes[i] == ']' && i > at) { // a ']' that comes first is a member of the set
            item->set_length = (uint16_t)(i - at);
            reader->at = i + 1;
            return NULL;
        }
    }
}

static const char *read_escape(struct reader *reader)
{
    struct span text = reader->pattern->text;
    struct pattern_item *item;

    if (reader->at >= text.length)
        return "malformed pattern (ends with '%')";
    unsigned char byte = (unsigned char)text.bytes[reader->at++];
    if (byte == 'b') {
        if (reader->at + 2 > text.length)
            return "malformed pattern (missing arguments to '%b')";
        item = add_item(reader, ITEM_BALANCE);
        item->first = (uint8_t)text.bytes[reader->at++];
        item->second = (uint8_t)text.bytes[reader->at++];
    } else if (byte == 'f') {
        if (reader->at >= text.length || text.bytes[reader->at++] != '[')
            return "malformed pattern (missing '[' after '%f')";
        return read_set(reader, add_item(reader, ITEM_FRONTIER));
    } else if (isdigit(byte)) {
        unsigned number = byte - '1'; // %0 becomes a number that is too large
        if (number >= reader->pattern->captures || (reader->closed & (1u << number)) == 0)
            return "malformed pattern (invalid capture index)";
        add_item(reader, ITEM_BACK)->first = (uint8_t)number;
    } else {
        add_item(reader, ITEM_CLASS)->first = byte;
    }
    return NULL;
}

static const char *read_open(struct reader *reader)
{
    struct pattern *pattern = reader->pattern;

    if (pattern->captures == PATTERN_CAPTURES)
        return "malformed pattern (too many captures)";
    unsigned number = pattern->captures++;
    if (reader->at < pattern->text.length && pattern->text.bytes[reader->at] == ')') {
        reader->at++;
        reader->closed |= 1u << number;
        add_item(reader, ITEM_POSITION)->first = (uint8_t)number;
        return NULL;
    }
    reader->open[reader->open_count++] = (uint8_t)number;
    add_item(reader, ITEM_OPEN)->first = (uint8_t)number;
    return NULL;
}

static const char *read_close(struct reader *reader)
{
    if (reader->open_count == 0)
        return "malformed pattern (invalid pattern capture)";
    unsigned number = reader->open[--reader->open_count];
    reader->closed |= 1u << number;
    add_item(reader, ITEM_CLOSE)->first = (uint8_t)number;
    return NULL;
}

static void read_quantifier(struct reader *reader)
{
    struct pattern *pattern = reader->pattern;
    struct pattern_item *item = &pattern->items[pattern->count - 1];

    if (item->kind > ITEM_NOT_SET || reader->at >= pattern->text.length)
        return;
    char next = pattern->text.bytes[reader->at];
    if (next == '*' || next == '+' || next == '-' || next == '?') {
        item->quantifier = (uint8_t)next;
        reader->at++;
    }
}

static const char *read_item(struct reader *reader)
{
    struct span text = reader->pattern->text;
    unsigned char byte = (unsigned char)text.bytes[reader->at++];

    switch (byte) {
    case '(':
        return read_open(reader);
    case ')':
        return read_close(reader);
    case '%':
        return read_escape(reader);
    case '[':
        return read_set(reader, add_item(reader, ITEM_SET));
    case '.':
        add_item(reader, ITEM_ANY);
        return NULL;
    default:
        if (byte == '$' && reader->at == text.length)
            add_item(reader, ITEM_END);
        else
            add_item(reader, ITEM_CHAR)->first = byte;
        return NULL;
    }
}

const char *pattern_compile(struct pattern *pattern, struct span text)
{
    struct reader reader = {.pattern = pattern};

    pattern->text = text;
    pattern->count = 0;
    pattern->captures = 0;
    pattern->anchored = text.length > 0 && text.bytes[0] == '^';
    pattern->plain = true;
    if (text.length > UINT16_MAX)
        return "pattern too long";
    for (size_t i = 0; i < text.length && pattern->plain; i++)
        pattern->plain = text.bytes[i] == '\0' || strchr("^$*+?.([%-", text.bytes[i]) == NULL;
    pattern->plain = pattern->plain && memchr(text.bytes, ')', text.length) == NULL;
    if (pattern->plain)
        return NULL;
    reader.at = pattern->anchored ? 1 : 0;
    while (reader.at < text.length) {
        if (pattern->count >= PATTERN_ITEMS)
            return "pattern too complex";
        const char *wrong = read_item(&reader);
        if (wrong != NULL)
            return wrong;
        read_quantifier(&reader);
    }
    return reader.open_count > 0 ? "malformed pattern (unfinished capture)" : NULL;
}
