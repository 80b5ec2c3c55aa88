// plugins/http/forwarded.h: requests that a balancer passes on: X-Forwarded-For has the client's address. Requests of
// several clients may share a connection.  Thread: the session's worker.
#ifndef HTTP_FORWARDED_H
#define HTTP_FORWARDED_H

#include "connection.h"

/** Finds out which client the request is from; a login of another client's request is forgotten. Must come before
 *  anything else is done for the request. @return false: the client may not use the listener, and was answered */
bool forwarded_admit(struct connection *connection);

#endif
