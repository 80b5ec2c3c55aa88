// plugins/http/events.h: GET /events: what happens, as server-sent events (text/event-stream).
#ifndef HTTP_EVENTS_H
#define HTTP_EVENTS_H

#include "exchange.h"

/** Begins the stream. The exchange, and the request, are over. */
void events_open(struct connection *connection);
/** Time to show that we are still there. */
void events_keep_alive(struct connection *connection);
/** See amp_frame: `event: NAME`, `id: SERIAL`, a `data: ` line for each line of the encoding, a blank line. */
void events_frame(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded, struct amp_output *out);

#endif
