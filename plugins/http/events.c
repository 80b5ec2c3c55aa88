// plugins/http/events.c: see events.h.
#include "events.h"

#include "response.h"

#include <string.h>

#define NAME_BYTES 64

/** An event, which is one piece for the output unless its data are long. */
struct piece {
    struct amp_output *out;
    size_t length;
    char bytes[2048];
};

static void piece_end(struct piece *piece)
{
    amp_output_write(piece->out, piece->bytes, piece->length);
    piece->length = 0;
}

// Always inline: for a literal, the compiler then makes no call.
__attribute__((always_inline)) static inline void piece_add(struct piece *piece, const char *bytes, size_t length)
{
    if (length > sizeof piece->bytes - piece->length) {
        piece_end(piece);
        amp_output_write(piece->out, bytes, length);
        return;
    }
    memcpy(piece->bytes + piece->length, bytes, length);
    piece->length += length;
}

__attribute__((always_inline)) static inline void piece_text(struct piece *piece, const char *text)
{
    piece_add(piece, text, strlen(text));
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '-' || byte == '.';
}

/** Adds the name of an event, without bytes that could end the line. */
static void add_name(const struct amp_message *message, struct piece *piece)
{
    struct amp_bytes name;
    char text[NAME_BYTES];
    if (!amp_message_find(message, "Event", &name))
        return; // the client's listener for `message` receives it
    size_t length = name.length < sizeof text ? name.length : sizeof text;
    for (size_t i = 0; i < length; i++)
        text[i] = is_name_byte(name.bytes[i]) ? name.bytes[i] : '_';
    piece_text(piece, "event: ");
    piece_add(piece, text, length);
    piece_text(piece, "\n");
}

static size_t line_length(struct amp_bytes bytes)
{
    const char *feed = memchr(bytes.bytes, '\n', bytes.length);
    size_t length = feed == NULL ? bytes.length : (size_t)(feed - bytes.bytes);
    const char *carriage = memchr(bytes.bytes, '\r', length);
    return carriage == NULL ? length : (size_t)(carriage - bytes.bytes);
}

/** Adds the data, each of its lines as one of the event, and the event's end. */
static void write_data(struct piece *piece, struct amp_bytes bytes)
{
    if (bytes.length == 0)
        bytes.bytes = "";
    while (bytes.length > 0 && (bytes.bytes[bytes.length - 1] == '\n' || bytes.bytes[bytes.length - 1] == '\r'))
        bytes.length--;
    for (;;) {
        size_t length = line_length(bytes);
        piece_text(piece, "data: ");
        piece_add(piece, bytes.bytes, length);
        if (length == bytes.length)
            break;
        piece_text(piece, "\n");
        bool is_pair = bytes.length - length > 1 && bytes.bytes[length] == '\r' && bytes.bytes[length + 1] == '\n';
        length += is_pair ? 2 : 1;
        bytes.bytes += length;
        bytes.length -= length;
    }
    piece_text(piece, "\n\n");
    piece_end(piece);
}

void events_id_frame(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                     struct amp_output *out)
{
    struct piece piece;
    piece.out = out;
    piece.length = 0;
    add_name(message, &piece);
    if (id.length > 0) {
        piece_text(&piece, "id: ");
        piece_add(&piece, id.bytes, id.length);
        piece_text(&piece, "\n");
    }
    write_data(&piece, encoded);
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
