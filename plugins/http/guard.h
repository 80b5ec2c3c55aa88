// plugins/http/guard.h: checks each byte of a request's framing before the parser reads it, and is stricter than the
// parser: it refuses requests that two HTTP programs could read in different ways. Lines end in CR LF only; names are
// tokens; lines are not folded; chunk sizes have at most eight digits; everything has a limit.
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include <stddef.h>
#include <stdint.h>

#define GUARD_LINE_BYTES 8192    // of the request line
#define GUARD_HEADER_BYTES 16384 // of all headers (and trailers) together
#define GUARD_HEADERS 100
#define GUARD_METHOD_BYTES 20
#define GUARD_EXTENSION_BYTES 256 // of one chunk's extensions

enum guard_result {
    GUARD_MORE,
    GUARD_DONE,   // the head, or the chunked body, is complete
    GUARD_REFUSED // see `status` and `reason`
};

enum guard_state {
    GUARD_START,
    GUARD_START_LF,
    GUARD_METHOD,
    GUARD_TARGET,
    GUARD_VERSION,
    GUARD_LINE_LF,
    GUARD_LINE_START,
    GUARD_NAME,
    GUARD_VALUE,
    GUARD_VALUE_LF,
    GUARD_END_LF,
    GUARD_SIZE,
    GUARD_EXTENSION,
    GUARD_SIZE_LF,
    GUARD_DATA,
    GUARD_DATA_CR,
    GUARD_DATA_LF
};

/** All zero: at the beginning of a request. */
struct guard {
    enum guard_state state;
    size_t line_bytes, header_bytes, extension_bytes, body_bytes, body_limit;
    unsigned headers, digits, version_bytes, empty_lines, method_bytes;
    uint64_t chunk; // bytes of the chunk that are still to come
    int status;
    const char *reason; // static text
};

/** Checks bytes of a request. @param used  set to the number of bytes of the present part: all, unless GUARD_DONE */
enum guard_result guard_feed(struct guard *guard, const char *bytes, size_t length, size_t *used);
/** Makes guard_feed() continue with chunks, as the head announced, up to the end of the trailers. */
void guard_expect_chunks(struct guard *guard, size_t body_limit);

#endif
