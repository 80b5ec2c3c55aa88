// plugins/http/problem.c: see problem.h.
#include "problem.h"

#include "exchange.h"
#include "response.h"

#include <string.h>

// --- JSON -------------------------------------------------------------------------------------------------------

/** Writes a JSON string. Bytes that are not UTF-8 become U+FFFD. */
static void put_string(struct buffer *out, struct amp_bytes string)
{
    buffer_text(out, "\"");
    for (size_t i = 0, size; i < string.length; i += size) {
        unsigned char byte = (unsigned char)string.bytes[i];
        size = text_character(string.bytes + i, string.length - i);
        if (size == 0) {
            buffer_text(out, "\xef\xbf\xbd");
            size = 1;
        } else if (byte < ' ' || byte == '"' || byte == '\\') {
            buffer_print(out, "\\u%04x", byte);
        } else {
            buffer_add(out, string.bytes + i, size);
        }
    }
    buffer_text(out, "\"");
}

static void put_member(struct buffer *out, struct amp_bytes name, struct amp_bytes value)
{
    buffer_text(out, ",");
    put_string(out, name);
    buffer_text(out, ":");
    put_string(out, value);
}

/** Writes the members that each problem has. The type is `about:blank`: `code` tells the problems apart. */
static void put_begin(struct buffer *out, int status, const char *code, struct amp_bytes detail)
{
    buffer_print(out, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d", response_status_text(status), status);
    put_member(out, text_of("detail"), detail);
    put_member(out, text_of("code"), text_of(code));
}

static bool is_same_key(struct amp_bytes one, struct amp_bytes other)
{
    return one.length == other.length && memcmp(one.bytes, other.bytes, one.length) == 0;
}

/** Can a header of that name be a member? Not if it is one of the problem's own, or would be written as another name.
 */
static bool is_key(struct amp_bytes name)
{
    static const char *const own[] = {"type", "title", "status", "detail", "code"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (is_same_key(name, text_of(own[i])))
            return false;
    }
    return text_is_utf8(name);
}

/** Returns the key of a header, as the format JSON names it, and its value. */
static struct amp_bytes read_member(const struct amp_message *message, uint32_t index, struct amp_bytes *value)
{
    struct amp_bytes name;
    amp_message_header(message, index, &name, value);
    return name.length > 0 ? name : text_of("UnparsedText");
}

/** Finds the next header of that key. @param from  the first that may be it @return its index; the count: none */
static uint32_t find_member(const struct amp_message *message, struct amp_bytes key, uint32_t from,
                            struct amp_bytes *value)
{
    uint32_t count = amp_message_count(message);
    while (from < count && !is_same_key(read_member(message, from, value), key))
        from++;
    return from;
}

/** Writes a header and the later ones of its key, as a filter may have repeated it: then the value is an array. */
static void put_headers(struct buffer *out, const struct amp_message *message, uint32_t index)
{
    struct amp_bytes value, other = {NULL, 0}, key = read_member(message, index, &value);
    uint32_t count = amp_message_count(message), next = find_member(message, key, index + 1, &other);
    if (next == count) {
        put_member(out, key, value);
        return;
    }
    buffer_text(out, ",");
    put_string(out, key);
    buffer_text(out, ":[");
    put_string(out, value);
    for (; next < count; next = find_member(message, key, next + 1, &other)) {
        buffer_text(out, ",");
        put_string(out, other);
    }
    buffer_text(out, "]");
}

void problem_of_message(struct buffer *out, int status, const char *code, const struct amp_message *message)
{
    struct amp_bytes key, value;
    amp_message_find(message, "Message", &value);
    put_begin(out, status, code, value);
    for (uint32_t i = 0; i < amp_message_count(message); i++) {
        key = read_member(message, i, &value);
        if (is_key(key) && find_member(message, key, 0, &value) == i)
            put_headers(out, message, i);
    }
    buffer_text(out, "}\n");
}

void problem_of_text(struct buffer *out, int status, const char *message, struct amp_bytes id)
{
    struct amp_bytes text = text_of(message);
    put_begin(out, status, amp_error_code(text, AMP_REASON_NONE), text);
    put_member(out, text_of("Response"), text_of("Error"));
    if (id.length > 0)
        put_member(out, text_of("ActionID"), id);
    put_member(out, text_of("Message"), text);
    buffer_text(out, "}\n");
}

// --- which clients get them ---------------------------------------------------------------------------------------

static bool is_json(const char *format)
{
    return format != NULL && strcmp(format, "json") == 0;
}

static bool is_any_format(void *context, const char *name)
{
    return context != NULL && name != NULL;
}

/** Is the format of the answer JSON, as far as the request was read? */
static bool expects_json(const struct connection *connection)
{
    const struct request *request = connection->request;
    const char *name = NULL;
    struct amp_bytes value;
    if (connection->exchange != NULL && connection->exchange->format != NULL)
        return is_json(connection->exchange->format->name);
    if (request != NULL && request_find(request, "Accept", &value))
        name = media_choose(value, is_any_format, connection->session);
    if (name == NULL && request != NULL && request_find(request, "Content-Type", &value))
        name = media_format(value);
    if (name != NULL)
        return is_json(name);
    const struct amp_plugin *usual = amp_session_format(connection->session, NULL);
    return usual != NULL && is_json(usual->name);
}

bool problem_is_wanted(const struct connection *connection)
{
    struct amp_bytes accept;
    if (connection->request != NULL && request_find(connection->request, "Accept", &accept) &&
        media_accepts(accept, MEDIA_PROBLEM))
        return true;
    return expects_json(connection);
}
