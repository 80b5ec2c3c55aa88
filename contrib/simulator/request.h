// request.h: one action as a client sent it, and the reader that cuts a byte stream into actions as Asterisk does.
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { REQUEST_HEADERS = 128, REQUEST_LINE = 1024 };

struct request {
    char *lines[REQUEST_HEADERS]; // NUL-terminated, without line end; owned
    size_t count;
};

enum reader_result {
    READER_MORE,     // no whole message yet
    READER_MESSAGE,  // the request is complete
    READER_LONG,     // complete, but a line was too long
    READER_TOO_MANY, // complete, but had more than REQUEST_HEADERS lines
};

struct reader {
    bool line_too_long; // stays set over a message that also had too many lines: an error of Asterisk that clients meet
    bool too_many;
};

struct evbuffer;

/** Consumes lines of `input` until a message ends. `request` keeps what was read so far between calls. */
enum reader_result reader_next(struct reader *reader, struct evbuffer *input, struct request *request);

/** Lends the value of the first header `name` (any case), "" when it is empty or absent. */
const char *request_find(const struct request *request, const char *name);

/** Lends the value of `line` when its header is `name` (any case), else NULL. */
const char *request_value(const char *line, const char *name);

/** Lends the first non-empty `Action`, or "". */
const char *request_action(const struct request *request);

/** Frees the lines; the request is empty afterwards. */
void request_clear(struct request *request);
