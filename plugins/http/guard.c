// plugins/http/guard.c: see guard.h.
#include "guard.h"

#include "text.h"

#include <string.h>

#define EMPTY_LINES 2 // in front of a request line: some clients send one after a body
#define SIZE_DIGITS 8

static enum guard_result refuse_byte(struct guard *guard, int status, const char *reason)
{
    guard->status = status;
    guard->reason = reason;
    return GUARD_REFUSED;
}

static enum guard_result guard_enter(struct guard *guard, enum guard_state state)
{
    guard->state = state;
    return GUARD_MORE;
}

static enum guard_result guard_expect(struct guard *guard, char byte, char wanted, enum guard_state next)
{
    if (byte != wanted)
        return refuse_byte(guard, 400, "A line must end in CR LF");
    return guard_enter(guard, next);
}

// --- the request line -------------------------------------------------------------------------------------------

static enum guard_result on_start(struct guard *guard, char byte)
{
    if (byte == '\r') {
        if (++guard->empty_lines > EMPTY_LINES)
            return refuse_byte(guard, 400, "Empty lines in place of a request");
        return guard_enter(guard, GUARD_START_LF);
    }
    if (!text_is_token_byte(byte))
        return refuse_byte(guard, 400, "Malformed method");
    guard->method_bytes = 1;
    return guard_enter(guard, GUARD_METHOD);
}

static enum guard_result on_method(struct guard *guard, char byte)
{
    if (byte == ' ')
        return guard_enter(guard, GUARD_TARGET);
    if (!text_is_token_byte(byte) || ++guard->method_bytes > GUARD_METHOD_BYTES)
        return refuse_byte(guard, 400, "Malformed method");
    return GUARD_MORE;
}

static enum guard_result on_target(struct guard *guard, char byte)
{
    if (byte == ' ')
        return guard_enter(guard, GUARD_VERSION);
    if (byte <= ' ' || byte > '~') // bytes from 0x80 on are below zero or above
        return refuse_byte(guard, 400, "Malformed request target");
    return GUARD_MORE;
}

static enum guard_result on_version(struct guard *guard, char byte)
{
    static const char version[] = "HTTP/d.d";
    if (byte == '\r' && guard->version_bytes == sizeof version - 1)
        return guard->status != 0 ? GUARD_REFUSED : guard_enter(guard, GUARD_LINE_LF);
    if (guard->version_bytes >= sizeof version - 1)
        return refuse_byte(guard, 400, "Malformed request line");
    char wanted = version[guard->version_bytes];
    if (wanted == 'd' ? byte < '0' || byte > '9' : byte != wanted)
        return refuse_byte(guard, 400, "Malformed request line");
    bool is_major = guard->version_bytes == 5;
    if ((is_major && byte != '1') || (guard->version_bytes == 7 && byte > '1'))
        refuse_byte(guard, 505, "HTTP/1.1 and HTTP/1.0 are spoken here"); // used if the rest is well-formed
    guard->version_bytes++;
    return GUARD_MORE;
}

// --- headers and trailers ---------------------------------------------------------------------------------------

static enum guard_result on_line_start(struct guard *guard, char byte)
{
    if (byte == '\r')
        return guard_enter(guard, GUARD_END_LF);
    if (byte == ' ' || byte == '\t')
        return refuse_byte(guard, 400, "Folded header");
    if (!text_is_token_byte(byte))
        return refuse_byte(guard, 400, "Malformed header name");
    if (++guard->headers > GUARD_HEADERS)
        return refuse_byte(guard, 431, "Too many headers");
    return guard_enter(guard, GUARD_NAME);
}

static enum guard_result on_name(struct guard *guard, char byte)
{
    if (byte == ':')
        return guard_enter(guard, GUARD_VALUE);
    return text_is_token_byte(byte) ? GUARD_MORE : refuse_byte(guard, 400, "Malformed header name");
}

static enum guard_result on_value(struct guard *guard, char byte)
{
    if (byte == '\r')
        return guard_enter(guard, GUARD_VALUE_LF);
    bool is_control = (unsigned char)byte < ' ' || byte == 0x7f;
    return is_control && byte != '\t' ? refuse_byte(guard, 400, "Control byte in a header") : GUARD_MORE;
}

// --- chunks -----------------------------------------------------------------------------------------------------

static enum guard_result on_size(struct guard *guard, char byte)
{
    int digit = text_hex_digit(byte);
    if (digit >= 0) {
        if (++guard->digits > SIZE_DIGITS)
            return refuse_byte(guard, 400, "Chunk size too long");
        guard->chunk = guard->chunk * 16 + (uint64_t)digit;
        return GUARD_MORE;
    }
    if (guard->digits == 0 || (byte != ';' && byte != '\r'))
        return refuse_byte(guard, 400, "Malformed chunk size");
    if (guard->chunk > guard->body_limit - guard->body_bytes)
        return refuse_byte(guard, 413, "Body too long");
    guard->body_bytes += guard->chunk;
    guard->extension_bytes = 0;
    return guard_enter(guard, byte == ';' ? GUARD_EXTENSION : GUARD_SIZE_LF);
}

static enum guard_result on_extension(struct guard *guard, char byte)
{
    if (byte == '\r')
        return guard_enter(guard, GUARD_SIZE_LF);
    if (byte < ' ' || byte > '~' || ++guard->extension_bytes > GUARD_EXTENSION_BYTES)
        return refuse_byte(guard, 400, "Malformed chunk extension");
    return GUARD_MORE;
}

static enum guard_result on_size_end(struct guard *guard, char byte)
{
    if (guard->chunk == 0)
        return guard_expect(guard, byte, '\n', GUARD_LINE_START);
    return guard_expect(guard, byte, '\n', GUARD_DATA);
}

static enum guard_result on_chunk_end(struct guard *guard, char byte)
{
    guard->digits = 0;
    guard->chunk = 0;
    return guard_expect(guard, byte, '\n', GUARD_SIZE);
}

void guard_expect_chunks(struct guard *guard, size_t body_limit)
{
    guard->state = GUARD_SIZE;
    guard->body_limit = body_limit;
}

// --- all together -----------------------------------------------------------------------------------------------

/** Counts a byte of the request line, or of the headers. */
static enum guard_result guard_count(struct guard *guard)
{
    if (guard->state >= GUARD_START && guard->state <= GUARD_LINE_LF && ++guard->line_bytes > GUARD_LINE_BYTES)
        return refuse_byte(guard, 414, "Request line too long");
    if (guard->state >= GUARD_LINE_START && guard->state <= GUARD_END_LF && ++guard->header_bytes > GUARD_HEADER_BYTES)
        return refuse_byte(guard, 431, "Headers too long");
    return GUARD_MORE;
}

static enum guard_result guard_look(struct guard *guard, char byte)
{
    switch (guard->state) {
    case GUARD_START:
        return on_start(guard, byte);
    case GUARD_START_LF:
        return guard_expect(guard, byte, '\n', GUARD_START);
    case GUARD_METHOD:
        return on_method(guard, byte);
    case GUARD_TARGET:
        return on_target(guard, byte);
    case GUARD_VERSION:
        return on_version(guard, byte);
    case GUARD_LINE_LF:
    case GUARD_VALUE_LF:
        return guard_expect(guard, byte, '\n', GUARD_LINE_START);
    case GUARD_LINE_START:
        return on_line_start(guard, byte);
    case GUARD_NAME:
        return on_name(guard, byte);
    case GUARD_VALUE:
        return on_value(guard, byte);
    case GUARD_END_LF:
        return byte == '\n' ? GUARD_DONE : refuse_byte(guard, 400, "A line must end in CR LF");
    case GUARD_SIZE:
        return on_size(guard, byte);
    case GUARD_EXTENSION:
        return on_extension(guard, byte);
    case GUARD_SIZE_LF:
        return on_size_end(guard, byte);
    case GUARD_DATA: // guard_feed() skips the data
        return GUARD_MORE;
    case GUARD_DATA_CR:
        return guard_expect(guard, byte, '\r', GUARD_DATA_LF);
    case GUARD_DATA_LF:
        return on_chunk_end(guard, byte);
    }
    return GUARD_REFUSED;
}

enum guard_result guard_feed(struct guard *guard, const char *bytes, size_t length, size_t *used)
{
    *used = 0;
    while (*used < length) {
        if (guard->state == GUARD_DATA) {
            size_t part = length - *used < guard->chunk ? length - *used : (size_t)guard->chunk;
            *used += part;
            guard->chunk -= part;
            if (guard->chunk == 0)
                guard->state = GUARD_DATA_CR;
            continue;
        }
        enum guard_result result = guard_count(guard);
        if (result == GUARD_MORE)
            result = guard_look(guard, bytes[(*used)++]);
        if (result != GUARD_MORE)
            return result;
    }
    return GUARD_MORE;
}
