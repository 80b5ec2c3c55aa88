// core/session/scripting/http_host.h: requests of scripts to other hosts (amp.http): which are permitted
// (`scripts.http`), and how many of one user wait at once. Thread: the worker's.
#ifndef SESSION_SCRIPTING_HTTP_HOST_H
#define SESSION_SCRIPTING_HTTP_HOST_H

#include "session/client/set.h"

/** Implements `http` of struct script_host. @param context  the sessions */
void http_host_send(void *context, struct script_call *call, const struct script_request *request);
/** Ends the request of a call for which nobody waits. @return false: it has none */
bool http_host_leave(struct sessions *sessions, const struct script_call *call);
/** Frees the connections. No request may wait. */
void http_host_fini(struct sessions *sessions);

#endif
