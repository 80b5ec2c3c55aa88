// core/base/span.h: a run of bytes that somebody else owns. Never NUL-terminated by promise.
// Thread: any; the functions are pure.
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/** Bytes that are borrowed from their owner. `bytes` may be NULL only if `length` is 0. */
struct span {
    const char *bytes;
    size_t length;
};

/** A span over a NUL-terminated text; NULL gives the empty span. */
static inline struct span span_of(const char *text)
{
    return (struct span){text, text == NULL ? 0 : strlen(text)};
}

/** Are both the same bytes? */
static inline bool span_equals(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/** Are both the same but for the case of ASCII letters? AMI compares names of headers and actions so. */
static inline bool span_equals_nocase(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || strncasecmp(a.bytes, b.bytes, a.length) == 0);
}

/** span_equals_nocase() against a text. */
static inline bool span_is(struct span a, const char *text)
{
    return span_equals_nocase(a, span_of(text));
}

#endif
