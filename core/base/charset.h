// core/base/charset.h: texts in the character encoding of a server, as UTF-8. Knows the encodings that iconv(3) knows
// and that extend ASCII.  Thread: the owner's.
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include "base/span.h"

struct charset;

#define CHARSET_GROWTH 4 // a byte becomes this many bytes of UTF-8 at most

/** Opens an encoding by its name for iconv (any case): windows-1251, ISO-8859-15, GBK … @return the caller's; NULL:
 * iconv does not know it, or it does not extend ASCII (UTF-16, EBCDIC …) */
struct charset *charset_open(const char *name);
/** Frees it. It may be NULL. */
void charset_close(struct charset *charset);
/** Has the text bytes that are not ASCII? */
bool charset_is_plain(struct span text);
/** Converts a text. What is invalid becomes U+FFFD. A text that has U+FFFD in UTF-8 already stays as it is, because
 *  Asterisk made it (main/json.c repairs events that come from JSON). So does valid UTF-8 if the encoding has one byte
 *  for each character: a text of several letters in such an encoding is no valid UTF-8.
 *  @param to  with room for CHARSET_GROWTH times the text's length @return number of bytes written */
size_t charset_to_utf8(struct charset *charset, struct span text, char *to);

#endif
