// plugins/http/forwarded.h: the client of a request that a balancer passes on: X-Forwarded-For has its address.
// Requests of several clients may share a connection.  Thread: the session's worker.
#ifndef HTTP_FORWARDED_H
#define HTTP_FORWARDED_H

#include "connection.h"

/** Sets the session's client to that of the request, and ends the login of another client. Call it before anything else
 *  is done for the request. @return false: the client may not use the listener, and an Error was sent */
bool forwarded_admit(struct connection *connection);

#endif
