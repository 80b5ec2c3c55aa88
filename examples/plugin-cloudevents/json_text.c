// examples/plugin-cloudevents/json_text.c: see json_text.h.
#include "json_text.h"

#include <stdio.h>

#define REPLACEMENT 0xfffdu

/** Reads the first character of `text`, which is not empty (Unicode, table 3-7).
 *  @param code  its code point; REPLACEMENT if the first byte does not begin valid UTF-8
 *  @return number of bytes */
static size_t take_character(struct amp_bytes text, uint32_t *code)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000}; // shorter ones exist for smaller code points
    unsigned char first = (unsigned char)text.bytes[0];
    size_t more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint32_t value = more == 0 ? first : first & (0x3fu >> more);

    *code = REPLACEMENT;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || more >= text.length)
        return 1;
    for (size_t i = 1; i <= more; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if ((byte & 0xc0) != 0x80)
            return 1;
        value = value << 6 | (byte & 0x3f);
    }
    if (value < least[more] || (value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff)
        return 1;
    *code = value;
    return more + 1;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

static bool is_noncharacter(uint32_t code)
{
    return (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
}

/** What is written in place of a character. @param buffer  may hold the result @return empty: the character itself */
static struct amp_bytes escape_of(uint32_t code, bool replaced, enum json_text kind, char buffer[8])
{
    bool refused = kind == JSON_TEXT_ATTRIBUTE && (is_control(code) || is_noncharacter(code));

    if (replaced || refused || code == 0)
        return (struct amp_bytes){"\xef\xbf\xbd", 3};
    if (code == '"' || code == '\\')
        return (struct amp_bytes){buffer, (size_t)snprintf(buffer, 8, "\\%c", (char)code)};
    if (code < 0x20)
        return (struct amp_bytes){buffer, (size_t)snprintf(buffer, 8, "\\u%04x", (unsigned)code)};
    return (struct amp_bytes){NULL, 0};
}

/** Writes runs of bytes, not one by one: values can be long. */
void json_text_write(struct amp_output *out, struct amp_bytes text, enum json_text kind)
{
    size_t written = 0, at = 0;

    amp_output_write(out, "\"", 1);
    while (at < text.length) {
        char buffer[8];
        uint32_t code;
        size_t length = take_character((struct amp_bytes){text.bytes + at, text.length - at}, &code);
        struct amp_bytes escape = escape_of(code, code == REPLACEMENT && length == 1, kind, buffer);
        if (escape.length > 0) {
            amp_output_write(out, text.bytes + written, at - written);
            amp_output_write(out, escape.bytes, escape.length);
            written = at + length;
        }
        at += length;
    }
    amp_output_write(out, text.bytes + written, at - written);
    amp_output_write(out, "\"", 1);
}
