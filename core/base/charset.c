// core/base/charset.c: see charset.h. Encodings with one byte for each character, which are nearly all that servers
// use, become a table; the others need iconv for each text.
#include "base/charset.h"

#include "base/memory.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#define REPLACEMENT "\xEF\xBF\xBD" // U+FFFD
#define REPLACEMENT_BYTES 3
#define UPPER 128 // bytes that are not ASCII

struct charset {
    iconv_t converter;
    bool is_single; // one byte for each character
    struct letter {
        char bytes[CHARSET_GROWTH];
        unsigned char length;
    } letters[UPPER]; // … then what each byte from 128 on is
};

/** Is every ASCII character itself in the encoding, and none the beginning of another one? (Shift_JIS has a yen sign
 * and an overline in place of two. ISO-2022-JP, UTF-7 and HZ write all in ASCII.) */
static bool charset_extends_ascii(iconv_t converter)
{
    for (int byte = 1; byte < UPPER - 1; byte++) {
        char one = (char)byte, *from = &one, to[16], *at = to;
        size_t left = 1, room = sizeof to;
        iconv(converter, NULL, NULL, NULL, NULL);
        iconv(converter, &from, &left, &at, &room);
        iconv(converter, NULL, NULL, &at, &room); // what it holds back, in case another byte combines with it
        bool is_same = at - to == 1 && to[0] == one;
        if (left > 0 || at == to || (!is_same && byte != '\\' && byte != '~'))
            return false;
    }
    return true;
}

/** Fills the table. @return false: a byte begins a character of several bytes */
static bool charset_make_table(struct charset *charset)
{
    for (int i = 0; i < UPPER; i++) {
        struct letter *letter = &charset->letters[i];
        char one = (char)(UPPER + i), *from = &one, to[16];
        size_t left = 1, room = sizeof to;
        char *at = to;
        iconv(charset->converter, NULL, NULL, NULL, NULL);
        bool failed = iconv(charset->converter, &from, &left, &at, &room) == (size_t)-1;
        iconv(charset->converter, NULL, NULL, &at, &room); // what it holds back, in case another byte combines with it
        if (failed && errno == EINVAL)
            return false;
        size_t length = (size_t)(at - to);
        bool is_known = !failed && length > 0 && length <= sizeof letter->bytes;
        letter->length = (unsigned char)(is_known ? length : REPLACEMENT_BYTES);
        memcpy(letter->bytes, is_known ? to : REPLACEMENT, letter->length);
    }
    return true;
}

struct charset *charset_open(const char *name)
{
    struct charset *charset;
    iconv_t converter = strchr(name, '/') != NULL || name[0] == '\0' ? (iconv_t)-1 : iconv_open("UTF-8", name);

    if (converter == (iconv_t)-1)
        return NULL;
    if (!charset_extends_ascii(converter)) {
        iconv_close(converter);
        return NULL;
    }
    charset = memory_zero(1, sizeof *charset);
    charset->converter = converter;
    charset->is_single = charset_make_table(charset);
    return charset;
}

void charset_close(struct charset *charset)
{
    if (charset == NULL)
        return;
    iconv_close(charset->converter);
    free(charset);
}

bool charset_is_plain(struct span text)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    size_t i = 0;

    for (; i + 8 <= text.length; i += 8) {
        uint64_t word;
        memcpy(&word, text.bytes + i, sizeof word);
        if ((word & high) != 0)
            return false;
    }
    for (; i < text.length; i++) {
        if (((unsigned char)text.bytes[i] & 0x80) != 0)
            return false;
    }
    return true;
}

/** Returns the length of the UTF-8 sequence that the text begins with (RFC 3629: none that is longer than necessary, no
 *  surrogate, nothing above U+10FFFF); 0: it is invalid. */
static size_t charset_sequence(struct span text)
{
    const unsigned char *at = (const unsigned char *)text.bytes;
    size_t length = at[0] < 0x80 ? 1 : at[0] < 0xC2 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : at[0] < 0xF5 ? 4 : 0;

    if (length > text.length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    }
    if (length < 3)
        return length;
    unsigned second = at[1];
    bool is_bad = (at[0] == 0xE0 && second < 0xA0) || (at[0] == 0xED && second > 0x9F) ||
                  (at[0] == 0xF0 && second < 0x90) || (at[0] == 0xF4 && second > 0x8F);
    return is_bad ? 0 : length;
}

static bool charset_is_utf8(struct span text)
{
    while (text.length > 0) {
        size_t length = charset_sequence(text);
        if (length == 0)
            return false;
        text = (struct span){text.bytes + length, text.length - length};
    }
    return true;
}

static size_t charset_by_table(const struct charset *charset, struct span text, char *to)
{
    char *at = to;

    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte < UPPER) {
            *at++ = (char)byte;
            continue;
        }
        const struct letter *letter = &charset->letters[byte - UPPER];
        at = mempcpy(at, letter->bytes, letter->length);
    }
    return (size_t)(at - to);
}

/** Converts without an end: iconv stops at what is invalid or incomplete. @return number of bytes written */
static size_t charset_run(iconv_t converter, char **from, size_t *left, char *to, size_t room)
{
    char *at = to;

    iconv(converter, from, left, &at, &room);
    return (size_t)(at - to);
}

/** Converts piece by piece: what is invalid is replaced byte by byte. */
static size_t charset_by_iconv(const struct charset *charset, struct span text, char *to)
{
    char *copy = memory_text_of(text.bytes, text.length), *from = copy, *at = to;
    size_t left = text.length, room = text.length * CHARSET_GROWTH;

    iconv(charset->converter, NULL, NULL, NULL, NULL);
    while (left > 0) {
        size_t written = charset_run(charset->converter, &from, &left, at, room);
        at += written;
        room -= written;
        if (left == 0 || room < REPLACEMENT_BYTES)
            break;
        at = mempcpy(at, REPLACEMENT, REPLACEMENT_BYTES);
        room -= REPLACEMENT_BYTES;
        from++;
        left--;
    }
    iconv(charset->converter, NULL, NULL, &at, &room);
    free(copy);
    return (size_t)(at - to);
}

size_t charset_to_utf8(struct charset *charset, struct span text, char *to)
{
    bool stays = (charset->is_single && charset_is_utf8(text)) ||
                 (text.length >= REPLACEMENT_BYTES && memmem(text.bytes, text.length, REPLACEMENT, REPLACEMENT_BYTES));

    if (stays) {
        memcpy(to, text.bytes, text.length);
        return text.length;
    }
    return charset->is_single ? charset_by_table(charset, text, to) : charset_by_iconv(charset, text, to);
}
