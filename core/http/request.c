// core/http/request.c: one request: what libcurl is told, and what it receives. See client.h.
#include "http/inside.h"

#ifdef AMP_WITH_CURL

#include "base/address_special.h"
#include "base/memory.h"

#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define MOST_IGNORED \
    ((size_t)64 * 1024) // of an answer that is not kept is read, so that its connection can be used again
#define MOST_HEAD ((size_t)64 * 1024)

/** CURLOPT_OPENSOCKETFUNCTION: judges each address before it is connected to. */
static curl_socket_t http_open_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct http_call *call = argument;
    struct address address = address_of_socket(&to->addr);

    if (purpose != CURLSOCKTYPE_IPCXN ||
        (!address_is_public(&address) && !network_list_has(&call->client->allow, &address))) {
        address_text(&address, call->refused);
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/** CURLOPT_WRITEFUNCTION: throws the body away if the answer is not kept, and ends the connection rather than read more
 *  than is wanted. */
static size_t http_take_body(char *bytes, size_t size, size_t count, void *argument)
{
    struct http_call *call = argument;
    size_t length = size * count;

    if (length > (call->most_bytes > 0 ? call->most_bytes : MOST_IGNORED) - call->body_length) {
        call->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    if (call->most_bytes > 0 && length > 0) {
        call->body = memory_grow(call->body, call->body_length + length);
        memcpy(call->body + call->body_length, bytes, length);
    }
    call->body_length += length;
    return length;
}

/** CURLOPT_HEADERFUNCTION: keeps the lines of the last head: others precede it if the answer is announced (100). */
static size_t http_take_header(char *bytes, size_t size, size_t count, void *argument)
{
    struct http_call *call = argument;
    size_t length = size * count;

    if (call->body_length > 0)
        return length; // a trailer
    if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        call->head_length = 0;
    if (length > MOST_HEAD - call->head_length) {
        call->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    call->head = memory_grow(call->head, call->head_length + length + 1);
    memcpy(call->head + call->head_length, bytes, length);
    call->head_length += length;
    return length;
}

/** Sets what is the same for every request. */
static void http_prepare(struct http_call *call)
{
    const struct http_client *client = call->client;
    CURL *easy = call->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); // nobody waits for the thread of a lookup
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); // not even that of the environment
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (client->ca_file != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, client->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, client->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    if (call->most_bytes > 0) {
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_take_header);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    }
}

/** Sets the method and the body. */
static void http_set_method(struct http_call *call, const struct http_request *request)
{
    const char *method = request->method == NULL ? "POST" : request->method;
    bool has_body = strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;

    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(call->easy, CURLOPT_NOBODY, 1L);
    else if (!has_body)
        curl_easy_setopt(call->easy, CURLOPT_HTTPGET, 1L);
    else
        curl_easy_setopt(call->easy, CURLOPT_POST, 1L);
    if (has_body) {
        curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, method);
        curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, request->body.length > 0 ? request->body.bytes : "");
        curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
    }
}

/** Is the line `NAME: value`, or `NAME;` without one? */
static bool http_is_header(const char *line, const char *name)
{
    size_t length = strlen(name);

    return strncasecmp(line, name, length) == 0 && (line[length] == ':' || line[length] == ';');
}

static void http_add_header(struct http_call *call, const char *header)
{
    struct curl_slist *more = curl_slist_append(call->headers, header);

    if (more == NULL)
        memory_exhausted(strlen(header));
    call->headers = more;
}

struct http_call *http_client_send(struct http_client *client, const struct http_request *request,
                                   void (*done)(void *context, const struct http_answer *answer), void *context)
{
    struct http_call *call = memory_zero(1, sizeof *call);

    call->client = client;
    call->done = done;
    call->context = context;
    call->most_bytes = request->most_bytes;
    call->easy = curl_easy_init();
    if (call->easy == NULL)
        memory_exhausted(sizeof *call);
    list_add_last(&client->calls, &call->node);
    http_prepare(call);
    bool has_type = false;
    for (size_t i = 0; i < request->header_count; i++) {
        http_add_header(call, request->headers[i]);
        has_type = has_type || http_is_header(request->headers[i], "Content-Type");
    }
    if (!has_type)
        http_add_header(call, "Content-Type:"); // none: libcurl would call the body a form
    http_add_header(call, "User-Agent: astmanproxy/" AMP_VERSION);
    http_add_header(call, "Expect:"); // the body follows at once
    curl_easy_setopt(call->easy, CURLOPT_URL, request->url);
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
    if (request->timeout_ms > 0)
        curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    http_set_method(call, request);
    curl_multi_add_handle(client->multi, call->easy); // sets the timer, so that the rest happens in the loop
    return call;
}

#endif
