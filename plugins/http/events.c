// plugins/http/events.c: see events.h.
#include "events.h"

#include "response.h"

#include <string.h>

#define NAME_BYTES 64

static void write_text(struct amp_output *out, const char *text)
{
    amp_output_write(out, text, strlen(text));
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '-' || byte == '.';
}

/** Writes the name of an event, without bytes that could end the line. */
static void write_name(const struct amp_message *message, struct amp_output *out)
{
    struct amp_bytes name;
    char text[NAME_BYTES];
    if (!amp_message_find(message, "Event", &name))
        return; // the client's listener for `message` receives it
    size_t length = name.length < sizeof text ? name.length : sizeof text;
    for (size_t i = 0; i < length; i++)
        text[i] = name.bytes[i];
    for (size_t i = 0; i < length; i++) {
        if (!is_name_byte(text[i]))
            text[i] = '_';
    }
    write_text(out, "event: ");
    amp_output_write(out, text, length);
    write_text(out, "\n");
}

static size_t line_length(struct amp_bytes bytes)
{
    const char *feed = memchr(bytes.bytes, '\n', bytes.length);
    size_t length = feed == NULL ? bytes.length : (size_t)(feed - bytes.bytes);
    const char *carriage = memchr(bytes.bytes, '\r', length);
    return carriage == NULL ? length : (size_t)(carriage - bytes.bytes);
}

static void write_data(struct amp_bytes bytes, struct amp_output *out)
{
    if (bytes.length == 0)
        bytes.bytes = "";
    while (bytes.length > 0 && (bytes.bytes[bytes.length - 1] == '\n' || bytes.bytes[bytes.length - 1] == '\r'))
        bytes.length--;
    for (;;) {
        size_t length = line_length(bytes);
        write_text(out, "data: ");
        amp_output_write(out, bytes.bytes, length);
        write_text(out, "\n");
        if (length == bytes.length)
            return;
        bool is_pair = bytes.length - length > 1 && bytes.bytes[length] == '\r' && bytes.bytes[length + 1] == '\n';
        length += is_pair ? 2 : 1;
        bytes.bytes += length;
        bytes.length -= length;
    }
}

void events_id_frame(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                     struct amp_output *out)
{
    write_name(message, out);
    if (id.length > 0) {
        write_text(out, "id: ");
        amp_output_write(out, id.bytes, id.length);
        write_text(out, "\n");
    }
    write_data(encoded, out);
    write_text(out, "\n");
}

// Without snprintf(): it is called for each event.
void events_frame(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded, struct amp_output *out)
{
    char digits[20]; // of UINT64_MAX
    size_t first = sizeof digits;
    for (; serial != 0; serial /= 10)
        digits[--first] = (char)('0' + serial % 10);
    events_id_frame(message, (struct amp_bytes){digits + first, sizeof digits - first}, encoded, out);
}

void events_open(struct connection *connection)
{
    static const char beginning[] = "retry: 2000\n: here is what happens\n\n";
    struct amp_session *session = connection->session;
    const struct amp_plugin *format = connection->exchange->format;
    response_head(connection, &(struct response){.status = 200,
                                                 .type = "text/event-stream; charset=utf-8",
                                                 .extra = "X-Accel-Buffering: no\r\n",
                                                 .framing = RESPONSE_UNTIL_END});
    amp_session_write(session, beginning, sizeof beginning - 1);
    connection_become(connection, CONNECTION_EVENTS);
    amp_session_set_timer(session, settings_get()->keep_alive_ms);
    if (!amp_session_stream_ids(session, format, events_id_frame, false))
        amp_session_stream(session, format, events_frame);
}

void events_keep_alive(struct connection *connection)
{
    static const char comment[] = ": keep-alive\n\n";
    amp_session_write(connection->session, comment, sizeof comment - 1);
    amp_session_set_timer(connection->session, settings_get()->keep_alive_ms);
}
