// base/url.h: which texts are URLs that the program may send requests to. Thread: any; pure.
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/span.h"

/** Checks an absolute URL: http or https, a host, perhaps a port, and no user information, fragment or bytes that would
 *  have to be escaped.
 *  @return NULL: it is fine; else what is wrong, as a part of a sentence behind "expected" (static) */
const char *url_fault(const char *url);
/** Checks what stands between the scheme and the path of a URL: a host, perhaps a port. @return as url_fault() */
const char *url_authority_fault(struct span authority);

#endif
