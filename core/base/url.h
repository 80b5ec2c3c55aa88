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

#define URL_ORIGIN_SIZE 300

/** Writes where a URL leads to, in one spelling: `https://host:443`, in lower case and always with the port.
 *  @param url  url_fault() finds none @return `origin` */
const char *url_origin(const char *url, char origin[URL_ORIGIN_SIZE]);
/** Is there nothing behind the host and port of the URL but, perhaps, a slash? @param url  as of url_origin() */
bool url_is_origin(const char *url);

#endif
