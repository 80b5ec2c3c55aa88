// core/ami/expression_set.c: sets of bytes in expressions: `[a-z[:digit:]]`, `\w`.
#include "ami/expression_inside.h"

static bool is_upper(unsigned byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_lower(unsigned byte)
{
    return byte >= 'a' && byte <= 'z';
}

/** Is the byte in the class of that name, in the C locale (whatever the locale of the process)? @param known  set to
 *  whether there is such a class */
static bool is_in_class(unsigned byte, struct span name, bool *known)
{
    bool alpha = is_upper(byte) || is_lower(byte), graph = byte > ' ' && byte < 127;
    const struct {
        const char *name;
        bool is;
    } classes[] = {
        {"alpha", alpha},
        {"digit", is_digit_byte((uint8_t)byte)},
        {"alnum", alpha || is_digit_byte((uint8_t)byte)},
        {"upper", is_upper(byte)},
        {"lower", is_lower(byte)},
        {"space", byte == ' ' || (byte >= '\t' && byte <= '\r')},
        {"blank", byte == ' ' || byte == '\t'},
        {"punct", graph && !alpha && !is_digit_byte((uint8_t)byte)},
        {"print", graph || byte == ' '},
        {"graph", graph},
        {"cntrl", byte < ' ' || byte == 127},
        {"xdigit", is_digit_byte((uint8_t)byte) || (byte >= 'A' && byte <= 'F') || (byte >= 'a' && byte <= 'f')},
    };

    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (span_equals(name, span_of(classes[i].name))) {
            *known = true;
            return classes[i].is;
        }
    }
    *known = false;
    return false;
}

/** Takes the name in `[:alpha:]`, `[=a=]` or `[.a.]`. @param kind  `:`, `=` or `.` */
static struct span take_named(struct source *source, char kind)
{
    const char *start = source->at;

    for (; source->end - source->at >= 2; source->at++) {
        if (source->at[0] == kind && source->at[1] == ']') {
            struct span name = {start, (size_t)(source->at - start)};
            source->at += 2;
            return name;
        }
    }
    source_fail(source);
    return (struct span){0};
}

/** Takes one element of a set. @return false: it is a class, which was added and cannot begin or end a range, or the
 *  source has failed */
static bool take_element(struct source *source, struct byte_set *set, uint8_t *byte)
{
    bool known = false;

    if (source->at == source->end)
        return source_fail(source);
    *byte = (uint8_t)*source->at++;
    if (*byte != '[' || source->at == source->end || (*source->at != ':' && *source->at != '=' && *source->at != '.'))
        return true;
    char kind = *source->at++;
    struct span name = take_named(source, kind);
    if (source->failed)
        return false;
    if (kind != ':') {
        if (name.length != 1)
            return source_fail(source); // the C locale has no collating elements of more than one byte
        *byte = (uint8_t)name.bytes[0];
        if (kind == '=')
            byte_set_add(set, *byte);
        return kind == '.';
    }
    for (unsigned i = 0; i < 256; i++) {
        if (is_in_class(i, name, &known))
            byte_set_add(set, (uint8_t)i);
    }
    return known ? false : source_fail(source);
}

/** Takes a `-` that makes a range, which is not the last byte of its set. @return false: there is none */
static bool take_range_mark(struct source *source)
{
    if (source->end - source->at < 2 || source->at[0] != '-' || source->at[1] == ']')
        return false;
    source->at++;
    return true;
}

static void take_item(struct source *source, struct byte_set *set, bool is_first)
{
    bool is_hyphen = source->end - source->at >= 2 && source->at[0] == '-' && source->at[1] != ']';
    uint8_t low, high;
    bool is_byte;

    if (is_hyphen && !is_first) {
        source_fail(source); // a hyphen is an element only at the beginning, the end, or as the end of a range
        return;
    }
    is_byte = take_element(source, set, &low);
    if (source->failed)
        return;
    high = low;
    if (take_range_mark(source) && (!is_byte || !take_element(source, set, &high) || high < low))
        source_fail(source);
    for (unsigned i = low; is_byte && !source->failed && i <= high; i++)
        byte_set_add(set, (uint8_t)i);
}

bool expression_read_set(struct source *source, struct byte_set *set)
{
    bool is_negated = source_take(source, '^'), is_first = true;

    *set = (struct byte_set){0};
    while (!source->failed && (is_first || !source_take(source, ']'))) {
        take_item(source, set, is_first);
        is_first = false;
    }
    for (size_t i = 0; is_negated && i < 4; i++)
        set->bits[i] = ~set->bits[i];
    return !source->failed;
}

bool expression_set_of(char letter, struct byte_set *set)
{
    bool is_word = letter == 'w' || letter == 'W', is_negated = letter == 'W' || letter == 'S';

    *set = (struct byte_set){0};
    for (unsigned i = 0; i < 256; i++) {
        bool is = is_word ? is_word_byte((uint8_t)i) : i == ' ' || (i >= '\t' && i <= '\r');
        if (is != is_negated)
            byte_set_add(set, (uint8_t)i);
    }
    return is_word || letter == 's' || letter == 'S';
}
