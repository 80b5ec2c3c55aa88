// reader.c: cuts what a client sends into messages, with the limits and the framing errors of Asterisk's get_input().
#include <event2/buffer.h>
#include <string.h>

#include "request.h"
#include "text.h"

/** Reads one line. @return false when there is no whole line yet */
static bool read_line(struct reader *reader, struct evbuffer *input, char line[REQUEST_LINE + 1])
{
    for (;;) {
        ev_ssize_t got = evbuffer_copyout(input, line, REQUEST_LINE);
        if (got <= 0)
            return false;
        const char *end = memchr(line, '\n', (size_t)got);
        if (end != NULL) {
            size_t length = (size_t)(end - line);
            evbuffer_drain(input, length + 1);
            if (length > 0 && line[length - 1] == '\r')
                length--;
            line[length] = '\0';
            return true;
        }
        if (got < REQUEST_LINE)
            return false;
        evbuffer_drain(input, REQUEST_LINE - 1); // the last byte stays, as it may be the CR of a CR LF
        reader->line_too_long = true;
    }
}

static enum reader_result reader_finish(struct reader *reader)
{
    if (reader->too_many) {
        reader->too_many = false;
        return READER_TOO_MANY;
    }
    if (reader->line_too_long) {
        reader->line_too_long = false;
        return READER_LONG;
    }
    return READER_MESSAGE;
}

enum reader_result reader_next(struct reader *reader, struct evbuffer *input, struct request *request)
{
    char line[REQUEST_LINE + 1];
    while (read_line(reader, input, line)) {
        if (line[0] == '\0') // also a line that begins with a NUL
            return reader_finish(reader);
        if (request->count < REQUEST_HEADERS)
            request->lines[request->count++] = must_strdup(line);
        else
            reader->too_many = true;
    }
    return READER_MORE;
}
