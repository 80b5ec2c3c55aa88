// plugins/http/dispatch.h: decides what a complete request asks for, and starts it.
#ifndef HTTP_DISPATCH_H
#define HTTP_DISPATCH_H

#include "connection.h"

/** Checks the head of a request: the page that sent it and its Host. @return false: the request was refused */
bool dispatch_admit(struct connection *connection);
/** Do the fields ask for what only reads? Not with functions of the dialplan, which may run programs: `Variables` of
 *  Status. */
bool dispatch_only_reads(const struct form *form);
/** Handles a complete request. */
void dispatch_request(struct connection *connection);

#endif
