// plugins/http/websocket_frame.h: the frames of a WebSocket in which answers and events are sent (RFC 6455, 5.2). They
// are the same for all clients of a stream.
// Thread: any; pure.
#ifndef HTTP_WEBSOCKET_FRAME_H
#define HTTP_WEBSOCKET_FRAME_H

#include <astmanproxy/plugin.h>

/** See amp_frame: writes one unmasked frame, a text frame if the encoding is UTF-8. */
void websocket_frame(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded,
                     struct amp_output *out);
/** The same for a binary format: never a text frame, even if the bytes are UTF-8. */
void websocket_frame_bytes(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded,
                           struct amp_output *out);
/** See amp_id_frame: the same for a stream with ids in the messages. */
void websocket_frame_text(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                          struct amp_output *out);
/** The same for a binary format. */
void websocket_frame_binary(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                            struct amp_output *out);
/** The same for JSON: the id is the first member of the object, `:id`. */
void websocket_frame_object(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                            struct amp_output *out);

#endif
