// plugins/http/origin.h: the first check of a request: refuses those that pages of other sites make a browser send, and
// those whose Host is not a name of this listener (DNS rebinding).
#ifndef HTTP_ORIGIN_H
#define HTTP_ORIGIN_H

#include "request.h"
#include "settings.h"

/** Splits `name`, `name:port`, `[address]:port`. @return false: it is none of these */
bool origin_split_host(struct amp_bytes text, struct amp_bytes *name, struct amp_bytes *port);
/** Is `origin` the page of `host` itself? */
bool origin_is_same(struct amp_bytes origin, struct amp_bytes host, bool encrypted);
/** Finds `origin` in `origins`. @return the entry; NULL: it is not there */
const char *origin_find(const char *const *origins, struct amp_bytes origin);
/** Is `name` among `hosts`, or the host of one of `origins`? */
bool origin_is_named(const struct settings *settings, struct amp_bytes name);

/** Checks a request. @param listed  set to the entry of `origins` of its page; NULL: the proxy's own page, or none
 *  @return 0, or the status of the refusal with `reason` (static text) */
int origin_check(const struct request *request, const struct amp_session *session, const char **listed,
                 const char **reason);
/** Does the request come from a browser? It then has `User-Agent: Mozilla/…`, Origin, or Sec-Fetch-…. */
bool origin_is_browser(const struct request *request);

#endif
