// plugins/http/request.c: see request.h. The head is kept in one buffer, into which names and values point.
#include "request.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH_DIGITS 15 // of Content-Length: more cannot be meant

static enum request_progress refuse_message(struct request *request, int status, const char *reason)
{
    request->status = status;
    request->reason = reason;
    return REQUEST_REFUSED;
}

bool request_find(const struct request *request, const char *name, struct amp_bytes *value)
{
    for (unsigned i = 0; i < request->header_count; i++) {
        if (text_is(request->headers[i].name, name)) {
            *value = text_trim(request->headers[i].value);
            return true;
        }
    }
    *value = (struct amp_bytes){0};
    return false;
}

bool request_has_token(const struct request *request, const char *name, const char *token)
{
    for (unsigned i = 0; i < request->header_count; i++) {
        struct amp_bytes rest = request->headers[i].value;
        struct amp_bytes part;
        if (!text_is(request->headers[i].name, name))
            continue;
        while (text_next(&rest, ',', &part)) {
            if (text_is(text_trim(part), token))
                return true;
        }
    }
    return false;
}

unsigned request_count(const struct request *request, const char *name)
{
    unsigned found = 0;
    for (unsigned i = 0; i < request->header_count; i++)
        found += text_is(request->headers[i].name, name);
    return found;
}

// --- what llhttp tells ------------------------------------------------------------------------------------------
// The head is given to it at once, so each name and value comes in one piece, but for an empty value.

static int on_header_field(llhttp_t *parser, const char *at, size_t length)
{
    struct request *request = parser->data;
    if (request->head_read)
        return 0; // a trailer: checked by the guard, and of no use
    if (request->header_count == GUARD_HEADERS)
        return -1;
    request->headers[request->header_count++] = (struct request_header){.name = {at, length}};
    return 0;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t length)
{
    struct request *request = parser->data;
    if (!request->head_read && request->header_count > 0)
        request->headers[request->header_count - 1].value = (struct amp_bytes){at, length};
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t length)
{
    struct request *request = parser->data;
    if (length > request->body_limit - request->body.length)
        return -1;
    buffer_add(&request->body, at, length);
    return 0;
}

static int on_message_complete(llhttp_t *parser)
{
    (void)parser;
    return HPE_PAUSED;
}

static const llhttp_settings_t callbacks = {
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

struct request *request_create(size_t body_limit)
{
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL)
        return NULL;
    request->body_limit = body_limit;
    llhttp_init(&request->parser, HTTP_REQUEST, &callbacks);
    request->parser.data = request;
    return request;
}

void request_destroy(struct request *request)
{
    if (request == NULL)
        return;
    buffer_wipe(&request->head);
    buffer_wipe(&request->body);
    free(request);
}

// --- what must be true of a head --------------------------------------------------------------------------------

static const struct {
    const char *name;
    int status; // 0: it is spoken here as `method`
    enum request_method method;
} methods[] = {
    {"GET", 0, REQUEST_GET},         {"HEAD", 0, REQUEST_HEAD},   {"POST", 0, REQUEST_POST},
    {"OPTIONS", 0, REQUEST_OPTIONS}, {"PUT", 405, REQUEST_GET},   {"DELETE", 405, REQUEST_GET},
    {"PATCH", 405, REQUEST_GET},     {"TRACE", 405, REQUEST_GET}, {"CONNECT", 405, REQUEST_GET},
};

static bool check_method(struct request *request, struct amp_bytes name)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (name.length != strlen(methods[i].name) || memcmp(name.bytes, methods[i].name, name.length) != 0)
            continue;
        request->method = methods[i].method;
        if (methods[i].status == 0)
            return true;
        refuse_message(request, methods[i].status, "Use GET, HEAD, POST or OPTIONS");
        return false;
    }
    refuse_message(request, 501, "Unknown method");
    return false;
}

/** Takes `http://host` off an absolute target. @return false: the target has another form */
static bool take_authority(struct amp_bytes *target, struct amp_bytes *host)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(schemes[i]);
        if (target->length <= length || strncasecmp(target->bytes, schemes[i], length) != 0)
            continue;
        const char *start = target->bytes + length;
        size_t rest = target->length - length;
        const char *slash = memchr(start, '/', rest);
        if (slash == NULL || slash == start)
            return false;
        *host = (struct amp_bytes){start, (size_t)(slash - start)};
        *target = (struct amp_bytes){slash, rest - host->length};
        return true;
    }
    return false;
}

static bool check_target(struct request *request, struct amp_bytes target)
{
    if (target.length == 1 && target.bytes[0] == '*' && request->method == REQUEST_OPTIONS) {
        request->is_asterisk = true;
        return true;
    }
    struct amp_bytes named;
    if (target.length > 0 && target.bytes[0] != '/' && take_authority(&target, &named)) {
        if (request->has_host && !text_equals(named, request->host)) {
            refuse_message(request, 400, "The target and the Host header name different hosts");
            return false;
        }
        request->host = named;
        request->has_host = true;
    }
    if (target.length == 0 || target.bytes[0] != '/' || memchr(target.bytes, '#', target.length) != NULL) {
        refuse_message(request, 400, "Malformed request target");
        return false;
    }
    request->path = request->head.bytes + (target.bytes - request->head.bytes);
    char *mark = memchr(request->path, '?', target.length);
    request->path_length = mark == NULL ? target.length : (size_t)(mark - request->path);
    if (mark != NULL) {
        request->query = mark + 1;
        request->query_length = target.length - request->path_length - 1;
    }
    return true;
}

/** Checks that the body is framed in exactly one way, which all programs understand alike. @return NULL, or what is
 *  wrong */
static const char *check_framing(struct request *request)
{
    struct amp_bytes value;
    unsigned lengths = request_count(request, "Content-Length");
    unsigned codings = request_count(request, "Transfer-Encoding");
    if (lengths + codings > 1)
        return "More than one Content-Length or Transfer-Encoding";
    if (request_find(request, "Content-Length", &value) && !text_number(value, LENGTH_DIGITS, &request->content_length))
        return "Malformed Content-Length";
    if (request_find(request, "Transfer-Encoding", &value)) {
        if (!text_is(value, "chunked") || request->parser.http_minor == 0)
            return "The one Transfer-Encoding that is taken is chunked, in HTTP/1.1";
        request->chunked = true;
    }
    bool has_body = request->chunked || request->content_length > 0;
    if (has_body && (request->method == REQUEST_GET || request->method == REQUEST_HEAD))
        return "GET and HEAD have no body";
    return NULL;
}

static bool check_host(struct request *request)
{
    struct amp_bytes host;
    unsigned hosts = request_count(request, "Host");
    if (hosts > 1 || (hosts == 0 && request->parser.http_minor > 0)) {
        refuse_message(request, 400, hosts > 1 ? "More than one Host header" : "The Host header is missing");
        return false;
    }
    request->has_host = request_find(request, "Host", &host);
    if (request->has_host)
        request->host = host;
    return true;
}

static enum request_progress check_body(struct request *request)
{
    struct amp_bytes value;
    const char *fault = check_framing(request);
    if (fault != NULL)
        return refuse_message(request, 400, fault);
    if (request_find(request, "Expect", &value) && request->parser.http_minor > 0) {
        if (!text_is(value, "100-continue"))
            return refuse_message(request, 417, "Unknown expectation");
        request->expects_continue = true;
    }
    if (request->method == REQUEST_POST && !request->chunked && request_count(request, "Content-Length") == 0)
        return refuse_message(request, 411, "Content-Length is missing");
    if (request->content_length > request->body_limit)
        return refuse_message(request, 413, "Body too long");
    return REQUEST_MORE;
}

/** Splits `METHOD target HTTP/1.1`, which the guard has checked. */
static void cut_line(const struct request *request, struct amp_bytes *method, struct amp_bytes *target)
{
    const char *start = request->head.bytes;
    const char *end = start + request->head.length;
    while (*start == '\r' || *start == '\n')
        start++;
    const char *space = memchr(start, ' ', (size_t)(end - start));
    *method = (struct amp_bytes){start, (size_t)(space - start)};
    start = space + 1;
    space = memchr(start, ' ', (size_t)(end - start));
    *target = (struct amp_bytes){start, (size_t)(space - start)};
}

/** Handles the complete head. */
static enum request_progress read_head(struct request *request)
{
    struct amp_bytes method;
    struct amp_bytes target;
    cut_line(request, &method, &target);
    if (!check_method(request, method)) {
        int status = request->status;
        const char *reason = request->reason;
        (void)check_target(request, target); // for the answer, which may depend on the path
        return refuse_message(request, status, reason);
    }
    llhttp_errno_t result = llhttp_execute(&request->parser, request->head.bytes, request->head.length);
    request->head_read = true;
    request->keep_alive = llhttp_should_keep_alive(&request->parser) != 0;
    bool complete = result == HPE_PAUSED || result == HPE_PAUSED_UPGRADE;
    const char *end = request->head.bytes + request->head.length;
    // Framing first: its texts are more precise than the parser's.
    if (!check_host(request) || !check_target(request, target) || check_body(request) == REQUEST_REFUSED)
        return REQUEST_REFUSED;
    if ((result != HPE_OK && !complete) || (complete && llhttp_get_error_pos(&request->parser) != end))
        return refuse_message(request, 400, "Malformed request");
    bool has_body = request->chunked || request->content_length > 0;
    if (complete == has_body)
        return refuse_message(request, 400, "Malformed request");
    if (request->chunked)
        guard_expect_chunks(&request->guard, request->body_limit);
    return complete ? REQUEST_COMPLETE : REQUEST_HEAD_READ;
}

static enum request_progress feed_head(struct request *request, const char *bytes, size_t length, size_t *used)
{
    enum guard_result result = guard_feed(&request->guard, bytes, length, used);
    buffer_add(&request->head, bytes, *used);
    if (result == GUARD_REFUSED)
        return refuse_message(request, request->guard.status, request->guard.reason);
    return result == GUARD_DONE ? read_head(request) : REQUEST_MORE;
}

/** Passes a part of the body to the parser. @return false: the parser disagrees about the body, or about its end */
static bool parse_body(struct request *request, const char *bytes, size_t length, bool done)
{
    llhttp_errno_t result = llhttp_execute(&request->parser, bytes, length);
    bool paused = result == HPE_PAUSED || result == HPE_PAUSED_UPGRADE;
    if (paused != done || (result != HPE_OK && !paused))
        return false;
    return !paused || llhttp_get_error_pos(&request->parser) == bytes + length;
}

static enum request_progress feed_body(struct request *request, const char *bytes, size_t length, size_t *used)
{
    enum guard_result result;
    if (request->chunked) {
        result = guard_feed(&request->guard, bytes, length, used);
    } else {
        size_t missing = (size_t)request->content_length - request->body.length;
        *used = length < missing ? length : missing;
        result = *used == missing ? GUARD_DONE : GUARD_MORE;
    }
    size_t good = result == GUARD_REFUSED && *used > 0 ? *used - 1 : *used;
    if (!parse_body(request, bytes, good, result == GUARD_DONE))
        return refuse_message(request, 400, "Malformed body"); // the same text, however reads split the bytes
    if (result == GUARD_REFUSED)
        return refuse_message(request, request->guard.status, request->guard.reason);
    return result == GUARD_DONE ? REQUEST_COMPLETE : REQUEST_MORE;
}

enum request_progress request_feed(struct request *request, const char *bytes, size_t length, size_t *used)
{
    return request->head_read ? feed_body(request, bytes, length, used) : feed_head(request, bytes, length, used);
}
