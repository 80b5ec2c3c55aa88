// core/base/utf8.h: which bytes are UTF-8 (RFC 3629). Thread: any; pure.
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/span.h"

#define UTF8_REPLACEMENT "\xef\xbf\xbd" // U+FFFD, in place of a byte that is none

/** Returns the length of the character at the beginning of `text`; 0: there is none. */
size_t utf8_length(struct span text);

#endif
