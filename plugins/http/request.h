// plugins/http/request.h: reads one request: the guard first, then llhttp, then checks of the headers.
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "guard.h"
#include "text.h"

#include <llhttp.h>

enum request_method { REQUEST_GET, REQUEST_HEAD, REQUEST_POST, REQUEST_OPTIONS };

enum request_progress {
    REQUEST_MORE,
    REQUEST_HEAD_READ, // once, before a body is read, so that the request can be refused
    REQUEST_COMPLETE,
    REQUEST_REFUSED // see `status` and `reason`; the beginning of the next request is not known
};

struct request_header {
    struct amp_bytes name, value;
};

struct request {
    struct guard guard;
    llhttp_t parser;
    struct buffer head, body;
    struct request_header headers[GUARD_HEADERS]; // point into head
    unsigned header_count;
    bool head_read, chunked;
    size_t body_limit;
    uint64_t content_length;

    enum request_method method;
    char *path, *query; // into head; query is NULL if there is none
    size_t path_length, query_length;
    struct amp_bytes host; // of the Host header, or of a target that names one; no bytes if neither did
    bool has_host, is_asterisk;
    bool keep_alive, expects_continue;
    int status;
    const char *reason; // static text
};

/** Begins a request. @param body_limit  most bytes of a body */
struct request *request_create(size_t body_limit);
/** Wipes and frees a request. It may be NULL. */
void request_destroy(struct request *request);
/** Reads bytes of the request. @param used  set to the number of bytes used; bytes of the next request are not used */
enum request_progress request_feed(struct request *request, const char *bytes, size_t length, size_t *used);
/** Finds the first header of that name. @return false: there is none, and `value` is empty */
bool request_find(const struct request *request, const char *name, struct amp_bytes *value);
/** Returns the number of headers of that name. */
unsigned request_count(const struct request *request, const char *name);
/** Has the header, a list, the element `token`? */
bool request_has_token(const struct request *request, const char *name, const char *token);

#endif
