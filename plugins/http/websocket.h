// plugins/http/websocket.h: GET /ws: each WebSocket message is an action in, or an answer or event out (RFC 6455, by
// wslay).
#ifndef HTTP_WEBSOCKET_H
#define HTTP_WEBSOCKET_H

#include "exchange.h"

/** Checks the request for an upgrade. @return 0, or the status of the refusal with `reason` */
int websocket_check(const struct request *request, const char **reason);
/** Finds the format of the client's actions: that of the stream if it reads, else JSON. NULL: neither reads */
const struct amp_plugin *websocket_reader(const struct connection *connection, const struct amp_plugin *format);
/** Finds the format that the client names by a subprotocol (`ami.json`, `json`), if it writes and actions can be read;
 *  NULL: none. */
const struct amp_plugin *websocket_format(const struct connection *connection);
/** Answers 101 and begins the WebSocket. Frees exchange and request. */
void websocket_open(struct connection *connection);
/** Frees the WebSocket. It may be NULL. */
void websocket_destroy(struct websocket *websocket);
/** Reads bytes of the client. @return number of bytes used */
size_t websocket_input(struct connection *connection, const char *bytes, size_t length);
/** Sends a close frame (1001), because the proxy is going down. */
void websocket_leave(struct connection *connection);
/** Sends a ping. A client that has not answered the last two is closed. */
void websocket_ping(struct connection *connection);
/** Makes the value of Sec-WebSocket-Accept from the client's key (RFC 6455, 4.2.2). @param text  at least 32 bytes */
void websocket_accept(struct amp_bytes key, char *text);

#endif
