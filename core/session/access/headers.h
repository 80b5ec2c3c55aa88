// core/session/access/headers.h: helpers for the headers of an action.  Pure.  Thread: any.
#ifndef SESSION_ACCESS_HEADERS_H
#define SESSION_ACCESS_HEADERS_H

#include "ami/message.h"

#include <string.h>
#include <strings.h>

/** Does the text begin with `beginning` (in any case)? */
static inline bool text_begins(struct span text, const char *beginning)
{
    size_t length = strlen(beginning);

    return text.length >= length && strncasecmp(text.bytes, beginning, length) == 0;
}

/** Does the text end with `end` (in any case)? */
static inline bool text_ends(struct span text, const char *end)
{
    size_t length = strlen(end);

    return text.length >= length && strncasecmp(text.bytes + text.length - length, end, length) == 0;
}

/** Does the text contain the word? */
static inline bool text_contains(struct span text, const char *word, bool nocase)
{
    size_t length = strlen(word);

    for (size_t i = 0; i + length <= text.length; i++) {
        if (nocase ? strncasecmp(text.bytes + i, word, length) == 0 : memcmp(text.bytes + i, word, length) == 0)
            return true;
    }
    return false;
}

/** Does the text contain one of `bytes`? */
static inline bool text_has_any(struct span text, const char *bytes)
{
    const size_t count = strlen(bytes);

    for (size_t i = 0; i < text.length; i++) {
        if (memchr(bytes, text.bytes[i], count) != NULL)
            return true;
    }
    return false;
}

/** Finds the next header `name` from `*index` on that is not empty, and sets `*index` to the header after it.
 *  @return false: there is none */
__attribute__((always_inline)) static inline bool headers_next(const struct message *message, const char *name,
                                                               uint32_t *index, struct span *value)
{
    struct span found;

    if (!message_may_have(message, name))
        return false;
    while (*index < message->header_count) {
        message_header(message, (*index)++, &found, value);
        if (value->length > 0 && span_is(found, name))
            return true;
    }
    return false;
}

/** Is there a header `name` that is not empty? */
static inline bool headers_have(const struct message *message, const char *name)
{
    uint32_t index = 0;
    struct span value;

    return headers_next(message, name, &index, &value);
}

#endif
