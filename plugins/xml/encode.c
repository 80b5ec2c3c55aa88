// plugins/xml/encode.c: a message becomes one element, well-formed whatever its bytes are.
#include "xml.h"

#include <string.h>

#define PUT(writer, text) xml_put(writer, text, sizeof(text) - 1)
#define BIT(byte) (UINT64_C(1) << ((byte) % 64))
#define LETTERS UINT64_C(0x07fffffe07fffffe) // bit set of the bytes 64 to 127
#define DIGITS UINT64_C(0x03ff000000000000)  // bit set of the bytes 0 to 63
/** Collects the many short pieces of a message. */
struct writer {
    struct amp_output *out;
    size_t used;
    char bytes[2048];
};

static void xml_flush(struct writer *writer)
{
    amp_output_write(writer->out, writer->bytes, writer->used);
    writer->used = 0;
}

static inline void xml_put(struct writer *writer, const char *bytes, size_t length)
{
    if (length > sizeof writer->bytes - writer->used) {
        xml_flush(writer);
        if (length > sizeof writer->bytes) {
            amp_output_write(writer->out, bytes, length);
            return;
        }
    }
    memcpy(writer->bytes + writer->used, bytes, length);
    writer->used += length;
}

/** Is the byte in a set? @param low, high  bit sets of the bytes 0 to 63 and 64 to 127 */
static inline bool is_among(uint64_t low, uint64_t high, unsigned char byte)
{
    return byte < 128 && ((byte < 64 ? low : high) & BIT(byte)) != 0;
}

/** May the value of an attribute contain the byte as it is, whatever its neighbours? */
static inline bool is_plain(unsigned char byte)
{
    static const uint64_t low = UINT64_C(0xffffffff00000000) & ~(BIT('"') | BIT('&') | BIT('<') | BIT('>'));
    return is_among(low, UINT64_MAX, byte);
}

/** Can an element have this name? XML allows more letters, but not all parsers do. */
static bool is_element_name(struct amp_bytes name)
{
    if (name.length == 0 || !is_among(0, LETTERS | BIT('_'), (unsigned char)name.bytes[0]))
        return false;
    for (size_t i = 1; i < name.length; i++) {
        if (!is_among(DIGITS | BIT('-') | BIT('.'), LETTERS | BIT('_'), (unsigned char)name.bytes[i]))
            return false;
    }
    return true;
}

static bool is_name(struct amp_bytes name, const char *text)
{
    return name.length == strlen(text) && memcmp(name.bytes, text, name.length) == 0;
}

/** Returns the length of the UTF-8 character at `bytes` (the first byte is not ASCII), or of invalid bytes that begin
 *  like one. @param valid  set to whether XML allows the character */
static size_t measure_character(const unsigned char *bytes, size_t length, bool *valid)
{
    unsigned char lead = bytes[0];
    // what the second byte may be: shorter forms, surrogates and what is beyond Unicode are told by it
    unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    size_t wanted = lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    size_t found = 1;

    if (wanted > 1 && length > 1 && bytes[1] >= least && bytes[1] <= most) {
        found = 2;
        while (found < wanted && found < length && (bytes[found] & 0xc0) == 0x80)
            found++;
    }
    *valid = wanted > 1 && found == wanted &&
             !(lead == 0xef && bytes[1] == 0xbf && bytes[2] >= 0xbe); // U+FFFE, U+FFFF are no characters
    return found;
}

/** Writes the reference or the replacement of an ASCII byte that is not plain. */
static void put_special(struct writer *writer, char byte)
{
    switch (byte) {
    case '"':
        PUT(writer, "&quot;");
        break;
    case '&':
        PUT(writer, "&amp;");
        break;
    case '<':
        PUT(writer, "&lt;");
        break;
    case '>':
        PUT(writer, "&gt;");
        break;
    case '\t':
        PUT(writer, "&#9;");
        break;
    case '\n':
        PUT(writer, "&#10;");
        break;
    case '\r':
        PUT(writer, "&#13;");
        break;
    default:
        PUT(writer, "\xEF\xBF\xBD"); // U+FFFD
        break;
    }
}

/** Writes the value of an attribute, without its quotes. */
static void put_escaped(struct writer *writer, struct amp_bytes text)
{
    const unsigned char *bytes = (const unsigned char *)text.bytes;
    size_t begin = 0; // first byte that is not copied yet
    size_t at = 0;

    while (at < text.length) {
        bool valid = false;
        size_t length = 1;
        if (is_plain(bytes[at])) {
            at++;
            continue;
        }
        if (bytes[at] >= 0x80)
            length = measure_character(bytes + at, text.length - at, &valid);
        if (!valid) {
            xml_put(writer, text.bytes + begin, at - begin);
            put_special(writer, bytes[at] < 0x80 ? text.bytes[at] : '\0');
            begin = at + length;
        }
        at += length;
    }
    xml_put(writer, text.bytes + begin, at - begin);
}

static void put_value(struct writer *writer, struct amp_bytes value)
{
    PUT(writer, " Value=\"");
    put_escaped(writer, value);
    PUT(writer, "\"/>\r\n");
}

/** Writes a line that is not a header as an element for each line: the text of an old Asterisk's
 *  `Command` has several. */
static void put_unparsed(struct writer *writer, struct amp_bytes text)
{
    size_t at = 0;
    do {
        const char *line = text.bytes + at;
        const char *end = memchr(line, '\n', text.length - at);
        size_t length = end == NULL ? text.length - at : (size_t)(end - line);
        at += length + 1;
        if (length > 0 && line[length - 1] == '\r')
            length--;
        PUT(writer, " <UnparsedText");
        put_value(writer, (struct amp_bytes){line, length});
    } while (at < text.length);
}

static void put_header(struct writer *writer, struct amp_bytes name, struct amp_bytes value)
{
    if (name.length == 0) {
        put_unparsed(writer, value);
        return;
    }
    // two names have a meaning of their own as elements
    if (is_element_name(name) && !is_name(name, "Header") && !is_name(name, "UnparsedText")) {
        PUT(writer, " <");
        xml_put(writer, name.bytes, name.length);
    } else {
        PUT(writer, " <Header Name=\"");
        put_escaped(writer, name);
        PUT(writer, "\"");
    }
    put_value(writer, value);
}

void xml_encode(const struct amp_message *message, struct amp_output *out)
{
    const char *tag = amp_message_is_own(message) ? "AsteriskManagerProxyOutput>\r\n" : "AsteriskManagerOutput>\r\n";
    size_t tag_length = strlen(tag);
    uint32_t count = amp_message_count(message);
    struct writer writer;

    writer.out = out;
    writer.used = 0;
    PUT(&writer, "<");
    xml_put(&writer, tag, tag_length);
    for (uint32_t i = 0; i < count; i++) {
        struct amp_bytes name, value;
        amp_message_header(message, i, &name, &value);
        put_header(&writer, name, value);
    }
    PUT(&writer, "</");
    xml_put(&writer, tag, tag_length);
    PUT(&writer, "\r\n");
    xml_flush(&writer);
}
