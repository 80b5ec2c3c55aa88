// plugins/http/events.c: see events.h.
#include "events.h"

#include "response.h"

#include <string.h>

#define NAME_BYTES 64

/** Lines before the data, which are one piece for the output, as each event has some. */
struct head {
    struct amp_output *out;
    size_t length;
    char bytes[256];
};

static void head_end(struct head *head)
{
    amp_output_write(head->out, head->bytes, head->length);
    head->length = 0;
}

static void head_add(struct head *head, const char *bytes, size_t length)
{
    if (length > sizeof head->bytes - head->length) {
        head_end(head);
        amp_output_write(head->out, bytes, length);
        return;
    }
    memcpy(head->bytes + head->length, bytes, length);
    head->length += length;
}

static inline void head_text(struct head *head, const char *text)
{
    head_add(head, text, strlen(text));
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '-' || byte == '.';
}

/** Adds the name of an event, without bytes that could end the line. */
static void add_name(const struct amp_message *message, struct head *head)
{
    struct amp_bytes name;
    char text[NAME_BYTES];
    if (!amp_message_find(message, "Event", &name))
        return; // the client's listener for `message` receives it
    size_t length = name.length < sizeof text ? name.length : sizeof text;
    for (size_t i = 0; i < length; i++)
        text[i] = is_name_byte(name.bytes[i]) ? name.bytes[i] : '_';
    head_text(head, "event: ");
    head_add(head, text, length);
    head_text(head, "\n");
}

static size_t line_length(struct amp_bytes bytes)
{
    const char *feed = memchr(bytes.bytes, '\n', bytes.length);
    size_t length = feed == NULL ? bytes.length : (size_t)(feed - bytes.bytes);
    const char *carriage = memchr(bytes.bytes, '\r', length);
    return carriage == NULL ? length : (size_t)(carriage - bytes.bytes);
}

/** Writes the head and the data, each of its lines as one of the event, and the event's end. */
static void write_data(struct head *head, struct amp_bytes bytes)
{
    if (bytes.length == 0)
        bytes.bytes = "";
    while (bytes.length > 0 && (bytes.bytes[bytes.length - 1] == '\n' || bytes.bytes[bytes.length - 1] == '\r'))
        bytes.length--;
    for (;;) {
        size_t length = line_length(bytes);
        head_text(head, "data: ");
        head_end(head);
        amp_output_write(head->out, bytes.bytes, length);
        if (length == bytes.length)
            break;
        head_text(head, "\n");
        bool is_pair = bytes.length - length > 1 && bytes.bytes[length] == '\r' && bytes.bytes[length + 1] == '\n';
        length += is_pair ? 2 : 1;
        bytes.bytes += length;
        bytes.length -= length;
    }
    amp_output_write(head->out, "\n\n", 2);
}

void events_id_frame(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                     struct amp_output *out)
{
    struct head head;
    head.out = out;
    head.length = 0;
    add_name(message, &head);
    if (id.length > 0) {
        head_text(&head, "id: ");
        head_add(&head, id.bytes, id.length);
        head_text(&head, "\n");
    }
    write_data(&head, encoded);
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
