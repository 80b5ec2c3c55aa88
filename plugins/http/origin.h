// plugins/http/origin.h: refuses requests that pages of other sites make a browser send, and those whose Host is not a
// name of this listener (DNS rebinding), before anything else is done.
#ifndef HTTP_ORIGIN_H
#define HTTP_ORIGIN_H

#include "request.h"
#include "settings.h"

/** Splits `name`, `name:port`, `[address]:port`. @return false: it is none of these */
bool origin_split_host(struct amp_bytes text, struct amp_bytes *name, struct amp_bytes *port);
/** Is `origin` the page of `host` itself? */
bool origin_is_same(struct amp_bytes origin, struct amp_bytes host, bool encrypted);
/** The entry of `origins` that is `origin`, NULL if none is. */
const char *origin_find(const char *const *origins, struct amp_bytes origin);
/** Is `name` among `hosts`, or the host of one of `origins`? */
bool origin_is_named(const struct settings *settings, struct amp_bytes name);

/** Judges a request. @param listed  the entry of `origins` that its page is, NULL: it is our own page, or none
 *  @return 0, or the status of the refusal with `reason` (static text) */
int origin_check(const struct request *request, const struct amp_session *session, const char **listed,
                 const char **reason);
/** Is the request a browser's? Each of its requests shows it: `User-Agent: Mozilla/…`, Origin, or Sec-Fetch-…. */
bool origin_is_browser(const struct request *request);

#endif
