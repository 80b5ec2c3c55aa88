// plugins/http/media.h: MIME types and their formats.
#ifndef HTTP_MEDIA_H
#define HTTP_MEDIA_H

#include "text.h"

#define MEDIA_PROBLEM "application/problem+json" // RFC 9457; without a parameter

/** Returns the name of the format for a MIME type (`text/xml; charset=…`); NULL: unknown. */
const char *media_format(struct amp_bytes type);
/** Is it the type of HTML forms? */
bool media_is_form(struct amp_bytes type);
/** Returns the format that `accept` (an Accept header) prefers. @param has  is this format loaded? @return NULL: any */
const char *media_choose(struct amp_bytes accept, bool (*has)(void *context, const char *format), void *context);
/** Does `accept` name the type, with a weight above 0? Ranges such as `text/…` with a star do not count. */
bool media_accepts(struct amp_bytes accept, const char *type);
/** Returns the MIME type of a file by its name. */
const char *media_of_file(struct amp_bytes name);

#endif
