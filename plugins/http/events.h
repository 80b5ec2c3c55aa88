// plugins/http/events.h: GET /events: messages as server-sent events (text/event-stream).
#ifndef HTTP_EVENTS_H
#define HTTP_EVENTS_H

#include "exchange.h"

/** Begins the stream, and frees exchange and request. */
void events_open(struct connection *connection);
/** Sends a comment, so that the client and proxies on the way see that the connection is alive. */
void events_keep_alive(struct connection *connection);
/** See amp_frame: `event: NAME`, `id: SERIAL`, a `data: ` line for each line of the encoding, a blank line. */
void events_frame(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded, struct amp_output *out);
/** See amp_id_frame: the same for clients that may come back; the id is the message's place in the stream. */
void events_id_frame(const struct amp_message *message, struct amp_bytes id, struct amp_bytes encoded,
                     struct amp_output *out);

#endif
