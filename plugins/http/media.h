// plugins/http/media.h: MIME types and the formats that they stand for.
#ifndef HTTP_MEDIA_H
#define HTTP_MEDIA_H

#include "text.h"

/** The name of the format for a MIME type (`text/xml; charset=…`); NULL: none is known. */
const char *media_format(struct amp_bytes type);
/** Is it the type of HTML forms? */
bool media_is_form(struct amp_bytes type);
/** The format that `accept` (an Accept header) likes best among those that `has` says are there; NULL: no matter. */
const char *media_choose(struct amp_bytes accept, bool (*has)(void *context, const char *format), void *context);
/** The MIME type of a file by its name. */
const char *media_of_file(struct amp_bytes name);

#endif
