// core/http/client_none.c: in place of client.c if the program is built without libcurl. The configuration refuses what
// would need it.
#include "http/client.h"

#ifndef AMP_WITH_CURL

#include <stdlib.h>

bool http_is_built(void)
{
    return false;
}

struct http_client *http_client_create(struct event_base *base, const struct http_settings *settings)
{
    (void)base;
    (void)settings;
    abort();
}

void http_client_destroy(struct http_client *client)
{
    (void)client;
}

struct http_call *http_client_send(struct http_client *client, const struct http_request *request,
                                   void (*done)(void *context, const struct http_answer *answer), void *context)
{
    (void)client;
    (void)request;
    (void)done;
    (void)context;
    abort();
}

void http_call_cancel(struct http_call *call)
{
    (void)call;
}

#endif
