// plugins/http/text.c: see text.h.
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void make_room(struct buffer *buffer, size_t length)
{
    if (length <= buffer->capacity - buffer->length)
        return;
    size_t wanted = buffer->length + length;
    size_t capacity = buffer->capacity * 2 > wanted ? buffer->capacity * 2 : wanted;
    char *bytes = malloc(capacity); // realloc() would leave a copy behind that nobody overwrites
    if (bytes == NULL)
        abort(); // sizes are limited, so the system is out of memory
    if (buffer->length > 0) {
        memcpy(bytes, buffer->bytes, buffer->length);
        explicit_bzero(buffer->bytes, buffer->length);
    }
    free(buffer->bytes);
    buffer->bytes = bytes;
    buffer->capacity = capacity;
}

void buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
    if (length == 0)
        return;
    make_room(buffer, length);
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_print(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    make_room(buffer, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}

void buffer_wipe(struct buffer *buffer)
{
    if (buffer->bytes != NULL)
        explicit_bzero(buffer->bytes, buffer->length);
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

struct amp_bytes buffer_bytes(const struct buffer *buffer)
{
    return (struct amp_bytes){buffer->length == 0 ? "" : buffer->bytes, buffer->length};
}

struct amp_bytes text_of(const char *text)
{
    return (struct amp_bytes){text, strlen(text)};
}

char *text_copy(struct amp_bytes bytes)
{
    char *copy = malloc(bytes.length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, bytes.bytes, bytes.length);
    copy[bytes.length] = '\0';
    return copy;
}

bool text_is(struct amp_bytes bytes, const char *text)
{
    return bytes.length == strlen(text) && strncasecmp(bytes.bytes, text, bytes.length) == 0;
}

bool text_equals(struct amp_bytes left, struct amp_bytes right)
{
    return left.length == right.length && (left.length == 0 || strncasecmp(left.bytes, right.bytes, left.length) == 0);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

struct amp_bytes text_trim(struct amp_bytes bytes)
{
    while (bytes.length > 0 && is_blank(bytes.bytes[0])) {
        bytes.bytes++;
        bytes.length--;
    }
    while (bytes.length > 0 && is_blank(bytes.bytes[bytes.length - 1]))
        bytes.length--;
    return bytes;
}

bool text_next(struct amp_bytes *rest, char separator, struct amp_bytes *part)
{
    if (rest->length == 0)
        return false;
    const char *end = memchr(rest->bytes, separator, rest->length);
    *part = (struct amp_bytes){rest->bytes, end == NULL ? rest->length : (size_t)(end - rest->bytes)};
    size_t used = part->length + (end == NULL ? 0 : 1);
    rest->bytes += used;
    rest->length -= used;
    return true;
}

bool text_number(struct amp_bytes bytes, unsigned digits, uint64_t *number)
{
    *number = 0;
    if (bytes.length == 0 || bytes.length > digits)
        return false;
    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.bytes[i] < '0' || bytes.bytes[i] > '9')
            return false;
        *number = *number * 10 + (uint64_t)(bytes.bytes[i] - '0');
    }
    return true;
}

bool text_has_line_end(struct amp_bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.bytes[i] == '\r' || bytes.bytes[i] == '\n' || bytes.bytes[i] == '\0')
            return true;
    }
    return false;
}

/** Returns the length of the UTF-8 sequence that begins with `first`; 0: none does.
 *  @param least  set to its smallest code point */
static size_t sequence_length(unsigned char first, uint32_t *least)
{
    *least = first < 0xe0 ? 0x80 : first < 0xf0 ? 0x800 : 0x10000;
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

#define ASCII_STEP (4 * sizeof(uint64_t))

/** Are that many bytes ASCII? */
static inline bool is_ascii(const char *bytes)
{
    uint64_t words[4];
    memcpy(words, bytes, sizeof words);
    return ((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080)) == 0;
}

/** Returns how many bytes at the front are ASCII for sure; what is behind them is looked at one by one. */
static size_t ascii_length(struct amp_bytes bytes)
{
    size_t length = 0;
    while (bytes.length - length >= ASCII_STEP && is_ascii(bytes.bytes + length))
        length += ASCII_STEP;
    if (length > 0 && bytes.length - length < ASCII_STEP && is_ascii(bytes.bytes + bytes.length - ASCII_STEP))
        length = bytes.length; // the last ones overlap those before
    return length;
}

size_t text_character(const char *bytes, size_t length)
{
    unsigned char first = (unsigned char)bytes[0];
    uint32_t least;
    size_t size = sequence_length(first, &least);
    if (size <= 1)
        return size;
    if (size > length)
        return 0;
    uint32_t point = first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        unsigned char next = (unsigned char)bytes[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (next & 0x3fu);
    }
    return point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? 0 : size;
}

bool text_is_utf8(struct amp_bytes bytes)
{
    size_t size = 1;
    for (size_t i = ascii_length(bytes); i < bytes.length && size > 0; i += size)
        size = text_character(bytes.bytes + i, bytes.length - i);
    return size > 0;
}

bool text_is_token_byte(char byte)
{
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9'))
        return true;
    return byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != NULL;
}

int text_hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}
