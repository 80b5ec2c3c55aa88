// plugins/http/forwarded.c: see forwarded.h.
#include "forwarded.h"

#include "response.h"

/** Joins the values of X-Forwarded-For. The caller frees the buffer. */
static void forwarded_join(const struct request *request, struct buffer *list)
{
    for (unsigned i = 0; i < request->header_count; i++) {
        if (!text_is(request->headers[i].name, "X-Forwarded-For"))
            continue;
        buffer_add(list, ",", list->length > 0 ? 1 : 0);
        buffer_add(list, request->headers[i].value.bytes, request->headers[i].value.length);
    }
}

bool forwarded_admit(struct connection *connection)
{
    struct buffer list = {0};
    forwarded_join(connection->request, &list);
    enum amp_client client = amp_session_client(connection->session, buffer_bytes(&list));
    buffer_wipe(&list);
    switch (client) {
    case AMP_CLIENT_SAME:
        return true;
    case AMP_CLIENT_OTHER: // the login was that of the client before
        connection->identified = false;
        connection->dirty = false;
        return true;
    case AMP_CLIENT_DENIED:
        response_error(connection, 403, "Your address may not use this listener", NULL);
        return false;
    case AMP_CLIENT_LIMITED:
        response_error(connection, 429, "Too many sessions of your address", NULL);
        return false;
    case AMP_CLIENT_INVALID:
        break;
    }
    response_error(connection, 400, "X-Forwarded-For is not a list of addresses", NULL);
    return false;
}
