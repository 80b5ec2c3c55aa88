// tests/fuzz/any_message.h: a message of any bytes, for the fuzz targets of formats that write.
#ifndef FUZZ_ANY_MESSAGE_H
#define FUZZ_ANY_MESSAGE_H

#include "ami/message.h"

#include <string.h>

/** Builds a message in which each line is a header, or a line without a name if it has no colon or begins with one.
 *  @return the caller's */
static inline struct message *any_message(const char *bytes, size_t length)
{
    struct message_builder builder;
    message_builder_init(&builder);
    for (size_t start = 0; start < length;) {
        const char *end = memchr(bytes + start, '\n', length - start);
        struct span line = {bytes + start, end == NULL ? length - start : (size_t)(end - bytes) - start};
        const char *colon = memchr(line.bytes, ':', line.length);
        size_t name_length = colon == NULL ? 0 : (size_t)(colon - line.bytes);
        if (name_length > 0)
            message_add(&builder, (struct span){line.bytes, name_length},
                        (struct span){colon + 1, line.length - name_length - 1});
        else
            message_add_line(&builder, line);
        start += line.length + 1;
    }
    return message_build(&builder);
}

#endif
