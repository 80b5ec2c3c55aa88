// core/letters/request.c: see request.h.
#include "letters/request.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct session_request *session_request_create(const char *bytes, size_t length)
{
    struct session_request *request = memory_zero(1, sizeof *request);

    atomic_init(&request->references, 1);
    session_request_set(request, bytes, length);
    return request;
}

struct session_request *session_request_ref(struct session_request *request)
{
    atomic_fetch_add_explicit(&request->references, 1, memory_order_relaxed);
    return request;
}

static void request_forget(struct session_request *request)
{
    if (request->bytes != NULL)
        explicit_bzero(request->bytes, request->length);
    free(request->bytes);
}

void session_request_unref(struct session_request *request)
{
    if (request == NULL || atomic_fetch_sub_explicit(&request->references, 1, memory_order_acq_rel) > 1)
        return;
    request_forget(request);
    free(request);
}

void session_request_set(struct session_request *request, const char *bytes, size_t length)
{
    char *copy = bytes == NULL ? NULL : memory_new(length + 1);

    if (copy != NULL && length > 0)
        memcpy(copy, bytes, length);
    request_forget(request);
    request->bytes = copy;
    request->length = copy == NULL ? 0 : length;
}
