// plugins/json/odd.h: finds the bytes of strings that JSON must escape, 16 bytes at a time. Written with the compiler's
// vector types; only how bytes become bits differs between processors.  For the encoder's files.  Thread: any; pure.
#ifndef PLUGINS_JSON_ODD_H
#define PLUGINS_JSON_ODD_H

#include "json.h"

#include <string.h>

#define WIDTH 16 // bytes that are looked at together

typedef signed char vector __attribute__((vector_size(WIDTH)));

/** Marks the bytes that may not be written as they are: quotes, backslashes, control characters and all that is not
 *  ASCII, which is negative. */
static inline vector odd_of(vector bytes)
{
    return (bytes < ' ') | (bytes == '"') | (bytes == '\\');
}

/** Returns the place of the first mark; WIDTH: there is none. */
static inline size_t first_mark(vector marks)
{
#if defined(__SSE2__) && defined(__GNUC__)
    typedef char signed_bytes __attribute__((vector_size(WIDTH)));
    return (size_t)__builtin_ctz((unsigned)__builtin_ia32_pmovmskb128((signed_bytes)marks) | 1U << WIDTH);
#else
    char bytes[WIDTH];
    memcpy(bytes, &marks, sizeof bytes);
    const char *mark = memchr(bytes, -1, sizeof bytes);
    return mark == NULL ? WIDTH : (size_t)(mark - bytes);
#endif
}

/** Returns a mark for each of the first `length` bytes, at most WIDTH. */
static inline vector first_ones(size_t length)
{
    static const signed char ones[2 * WIDTH] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    vector mask;
    memcpy(&mask, ones + WIDTH - length, sizeof mask);
    return mask;
}

#endif
