// plugins/http/problem.c: see problem.h.
#include "problem.h"

#include "exchange.h"
#include "media.h"
#include "response.h"

#include <string.h>

// --- JSON -------------------------------------------------------------------------------------------------------

static void put_text(struct buffer *out, const char *text)
{
    buffer_add(out, text, strlen(text));
}

/** Writes a JSON string. Bytes that are not UTF-8 become U+FFFD. */
static void put_string(struct buffer *out, struct amp_bytes string)
{
    put_text(out, "\"");
    for (size_t i = 0, size; i < string.length; i += size) {
        unsigned char byte = (unsigned char)string.bytes[i];
        size = text_character(string.bytes + i, string.length - i);
        if (size == 0) {
            put_text(out, "\xef\xbf\xbd");
            size = 1;
        } else if (byte < ' ' || byte == '"' || byte == '\\') {
            buffer_print(out, "\\u%04x", byte);
        } else {
            buffer_add(out, string.bytes + i, size);
        }
    }
    put_text(out, "\"");
}

static void put_member(struct buffer *out, struct amp_bytes name, struct amp_bytes value)
{
    put_text(out, ",");
    put_string(out, name);
    put_text(out, ":");
    put_string(out, value);
}

/** Writes the members that each problem has. The type is `about:blank`: `code` tells the problems apart. */
static void put_begin(struct buffer *out, int status, const char *code, struct amp_bytes detail)
{
    buffer_print(out, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d", response_status_text(status), status);
    put_member(out, text_of("detail"), detail);
    put_member(out, text_of("code"), text_of(code));
}

void problem_of_message(struct buffer *out, int status, const char *code, const struct amp_message *message)
{
    struct amp_bytes name, value;
    amp_message_find(message, "Message", &value);
    put_begin(out, status, code, value);
    for (uint32_t i = 0; i < amp_message_count(message); i++) {
        amp_message_header(message, i, &name, &value);
        put_member(out, name, value);
    }
    put_text(out, "}\n");
}

void problem_of_text(struct buffer *out, int status, const char *message, struct amp_bytes id)
{
    struct amp_bytes text = text_of(message);
    put_begin(out, status, amp_error_code(text, AMP_REASON_NONE), text);
    put_member(out, text_of("Response"), text_of("Error"));
    if (id.length > 0)
        put_member(out, text_of("ActionID"), id);
    put_member(out, text_of("Message"), text);
    put_text(out, "}\n");
}

// --- who gets them ----------------------------------------------------------------------------------------------

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
        media_accepts(accept, PROBLEM_TYPE))
        return true;
    return expects_json(connection);
}
