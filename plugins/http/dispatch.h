// plugins/http/dispatch.h: what a complete request asks for.
#ifndef HTTP_DISPATCH_H
#define HTTP_DISPATCH_H

#include "connection.h"

/** May the request go on? Looks at its head alone: where it comes from, under which name. @return false: refused */
bool dispatch_admit(struct connection *connection);
/** Acts upon a complete request. */
void dispatch_request(struct connection *connection);

#endif
