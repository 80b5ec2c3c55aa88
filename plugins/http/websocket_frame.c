// plugins/http/websocket_frame.c: see websocket_frame.h.
#include "websocket_frame.h"

#include "text.h"

#include <string.h>
#include <wslay/wslay.h>

/** Writes the head of a frame with `bytes` bytes. wslay would need the context of one connection; these frames serve
 *  all connections. */
static void write_head(bool is_text, size_t bytes, struct amp_output *out)
{
    char head[10];
    size_t length = 2;
    head[0] = (char)(0x80 | (is_text ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME));
    if (bytes < 126) {
        head[1] = (char)bytes;
    } else {
        bool is_wide = bytes > 65535;
        length = is_wide ? 10 : 4;
        head[1] = (char)(is_wide ? 127 : 126);
        uint64_t rest = bytes;
        for (size_t i = length - 1; i >= 2; i--) {
            head[i] = (char)(rest & 0xff);
            rest >>= 8;
        }
    }
    amp_output_write(out, head, length);
}

static void write_frame(bool is_text, struct amp_bytes encoded, struct amp_output *out)
{
    write_head(is_text, encoded.length, out);
    amp_output_write(out, encoded.bytes, encoded.length);
}

void websocket_frame(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded,
                     struct amp_output *out)
{
    (void)message;
    (void)serial;
    write_frame(text_is_utf8(encoded), encoded, out);
}

void websocket_frame_bytes(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded,
                           struct amp_output *out)
{
    (void)message;
    (void)serial;
    write_frame(false, encoded, out);
}

// No header of AMI can have the name `:id`.
void websocket_frame_object(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                            struct amp_output *out)
{
    static const char before[] = "{\":id\":\"", after[] = "\",";
    if (id.length == 0 || encoded.length < 2 || encoded.bytes[0] != '{') {
        websocket_frame(message, 0, encoded, out);
        return;
    }
    size_t comma = encoded.bytes[1] == '}' ? 0 : 1; // an object without members has none
    size_t added = sizeof before - 1 + id.length + 1 + comma;
    write_head(text_is_utf8(encoded), added + encoded.length - 1, out); // an id is ASCII
    amp_output_write(out, before, sizeof before - 1);
    amp_output_write(out, id.bytes, id.length);
    amp_output_write(out, after, 1 + comma);
    amp_output_write(out, encoded.bytes + 1, encoded.length - 1);
}

void websocket_frame_text(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                          struct amp_output *out)
{
    (void)id;
    websocket_frame(message, 0, encoded, out);
}

void websocket_frame_binary(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                            struct amp_output *out)
{
    (void)id;
    websocket_frame_bytes(message, 0, encoded, out);
}
