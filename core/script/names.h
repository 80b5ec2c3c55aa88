// core/script/names.h: fast search for a header by name.  Thread: any; pure.
#ifndef SCRIPT_NAMES_H
#define SCRIPT_NAMES_H

#include "ami/message.h"

#include <string.h>

/** Are both texts of this length equal? Faster than memcmp() for short texts such as names and values. */
static inline bool names_same(const char *a, const char *b, size_t length)
{
    uint64_t x, y;
    uint32_t low_x, low_y, high_x, high_y;

    if (length >= 8) {
        for (size_t i = 0; i + 8 < length; i += 8) {
            memcpy(&x, a + i, 8);
            memcpy(&y, b + i, 8);
            if (x != y)
                return false;
        }
        memcpy(&x, a + length - 8, 8); // may overlap bytes that were compared
        memcpy(&y, b + length - 8, 8);
        return x == y;
    }
    if (length >= 4) {
        memcpy(&low_x, a, 4);
        memcpy(&low_y, b, 4);
        memcpy(&high_x, a + length - 4, 4);
        memcpy(&high_y, b + length - 4, 4);
        return low_x == low_y && high_x == high_y;
    }
    for (size_t i = 0; i < length; i++) {
        if (a[i] != b[i])
            return false;
    }
    return true;
}

/** Are both names of this length equal without case of ASCII letters? */
static inline bool names_equal(const char *a, const char *b, size_t length)
{
    uint32_t x, y;

    if (length >= 4) { // most names differ here, whatever the case of their letters
        memcpy(&x, a, 4);
        memcpy(&y, b, 4);
        if ((x | 0x20202020u) != (y | 0x20202020u))
            return false;
    }
    if (names_same(a, b, length))
        return true;
    for (size_t i = 0; i < length; i++) {
        unsigned char difference = (unsigned char)(a[i] ^ b[i]);
        unsigned char lower = (unsigned char)(a[i] | 0x20);
        if (difference != 0 && (difference != 0x20 || lower < 'a' || lower > 'z'))
            return false;
    }
    return true;
}

/** message_find() for a name whose length (> 0) is known. `value` is unchanged if the header is absent. */
static inline bool names_find(const struct message *message, const char *name, size_t length, struct span *value)
{
    const char *bytes = message->bytes;
    const struct header *headers = message_headers(message), *end = headers + message->header_count;
    for (const struct header *header = headers; header < end; header++) {
        if (header->name_length != length || !names_equal(bytes + header->start, name, length))
            continue;
        *value = (struct span){bytes + header->value, header->value_length};
        return true;
    }
    return false;
}

#endif
