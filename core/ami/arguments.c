// core/ami/arguments.c: see arguments.h.
#include "ami/arguments.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/** One way in which releases split a list. */
struct reading {
    char delimiter;
    bool brackets; // `[…]` protects a delimiter
    bool plain;    // nothing protects a delimiter
};

/** The quotes and brackets that are open at one place of the text, and whether they have protected a delimiter. */
struct open {
    unsigned parentheses, brackets;
    bool quote, kept;
};

static bool is_open(const struct open *open)
{
    return open->parentheses > 0 || open->brackets > 0 || open->quote;
}

/** Notes what `byte` opens or closes. @return true: it is not part of the item */
static bool arguments_note(const struct reading *reading, struct open *open, char byte)
{
    if (byte == '(')
        open->parentheses++;
    else if (byte == ')')
        open->parentheses -= open->parentheses > 0;
    else if (byte == '[' && reading->brackets)
        open->brackets++;
    else if (byte == ']' && reading->brackets)
        open->brackets -= open->brackets > 0;
    else if (byte == '"')
        open->quote = !open->quote;
    if (!is_open(open))
        open->kept = false;
    return byte == '"';
}

static bool read_as(const struct reading *reading, struct span text, char *item,
                    bool (*each)(void *context, struct span item), void *context)
{
    struct open open = {0};
    size_t length = 0, items = 1;

    for (size_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        bool is_delimiter = byte == reading->delimiter;
        if (is_delimiter && !is_open(&open)) {
            if (!each(context, (struct span){item, length}) || ++items >= ARGUMENTS_MOST)
                return false;
            length = 0;
            continue;
        }
        open.kept = open.kept || is_delimiter;
        if (byte == '\\' && !reading->plain) {
            if (++i == text.length)
                return false;
            byte = text.bytes[i];
        } else if (!reading->plain && arguments_note(reading, &open, byte)) {
            continue;
        }
        item[length++] = byte;
    }
    return each(context, (struct span){item, length}) && !open.kept;
}

bool arguments_each(struct span text, bool bars, bool (*each)(void *context, struct span item), void *context)
{
    static const struct reading readings[] = {
        {',', true, false}, {',', false, false}, {'|', false, false}, {'|', false, true}};
    char *item = memory_new(text.length + 1);
    bool going = true;

    for (size_t i = 0; i < sizeof readings / sizeof readings[0] && going; i++)
        going = (readings[i].delimiter == '|' && !bars) || read_as(&readings[i], text, item, each, context);
    free(item);
    return going;
}

size_t arguments_assign(struct span name, struct span value, char *to)
{
    static const struct span marks = {",\"\\()[]", 7};
    char *end = to;

    if (name.length > 0)
        end = mempcpy(end, name.bytes, name.length);
    *end++ = '=';
    for (size_t i = 0; i < value.length; i++) {
        if (memchr(marks.bytes, value.bytes[i], marks.length) != NULL)
            *end++ = '\\';
        *end++ = value.bytes[i];
    }
    return (size_t)(end - to);
}
