// plugins/http/connection.h: one client connection: reads requests one at a time, has each answered, or becomes a feed.
// Private to the plugin.  Thread: the session's worker.
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "credentials.h"
#include "form.h"
#include "request.h"
#include "settings.h"

enum connection_state {
    CONNECTION_READING,   // a request, or waiting for one
    CONNECTION_ANSWERING, // an exchange is on its way; no byte is read
    CONNECTION_EVENTS,    // a stream of server-sent events
    CONNECTION_SOCKET,    // a WebSocket
    CONNECTION_OVER       // the session ends once all is written
};

struct exchange;
struct websocket;

struct connection {
    struct amp_session *session;
    enum connection_state state;
    struct request *request;     // being read or answered; NULL: none has begun
    struct exchange *exchange;   // while ANSWERING
    struct websocket *websocket; // while SOCKET
    unsigned requests;           // that were read
    const char *origin;          // the listed page that made the request, NULL: our own, or none
    bool keep;                   // the connection after this request's answer
    bool input_ended;            // the client will send no more
    bool leaving;                // the proxy is going down: no more requests after this one
    bool dirty;                  // the session may be logged in, or have changed otherwise
    bool identified;             // `identity` is whom it is logged in as
    unsigned char identity[CREDENTIALS_DIGEST];
};

/** The request is answered: the next one may come, or the connection ends. */
void connection_answered(struct connection *connection);
/** Ends the session once all is written. */
void connection_finish(struct connection *connection);
/** The request becomes a feed; it is forgotten. */
void connection_become(struct connection *connection, enum connection_state state);

#endif
