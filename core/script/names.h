// core/script/names.h: looking for a header by name, many times per message.  Thread: any; pure.
#ifndef SCRIPT_NAMES_H
#define SCRIPT_NAMES_H

#include "ami/message.h"

/** Are both names of this length the same but for the case of ASCII letters? */
static inline bool names_equal(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char difference = (unsigned char)(a[i] ^ b[i]);
        unsigned char lower = (unsigned char)(a[i] | 0x20);
        if (difference != 0 && (difference != 0x20 || lower < 'a' || lower > 'z'))
            return false;
    }
    return true;
}

/** message_find() for a name whose length (> 0) is known. `value` is untouched if it is absent. */
static inline bool names_find(const struct message *message, const char *name, size_t length, struct span *value)
{
    const char *bytes = (const char *)(message->headers + message->header_count);
    const struct header *end = message->headers + message->header_count;
    for (const struct header *header = message->headers; header < end; header++) {
        if (header->name_length != length || !names_equal(bytes + header->start, name, length))
            continue;
        *value = (struct span){bytes + header->value, header->value_length};
        return true;
    }
    return false;
}

#endif
