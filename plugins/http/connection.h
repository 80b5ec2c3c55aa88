// plugins/http/connection.h: one client connection: reads and answers one request at a time, or becomes a stream.
// Private to the plugin.  Thread: the session's worker.
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "client.h"
#include "credentials.h"
#include "form.h"
#include "request.h"
#include "settings.h"

enum connection_state {
    CONNECTION_READING,   // reads a request, or waits for one
    CONNECTION_ANSWERING, // an exchange is in progress; no byte is read
    CONNECTION_EVENTS,    // a stream of server-sent events
    CONNECTION_SOCKET,    // a WebSocket
    CONNECTION_AJAM,      // an AJAM session has the request; no byte is read
    CONNECTION_OVER       // the session ends after everything is written
};

struct ajam_call;
struct exchange;
struct websocket;

struct connection {
    struct client client; // first
    struct amp_session *session;
    enum connection_state state;
    struct request *request;     // the request that is read or answered; NULL: none has begun
    struct exchange *exchange;   // while CONNECTION_ANSWERING
    struct ajam_call *ajam;      // while CONNECTION_AJAM
    struct websocket *websocket; // while CONNECTION_SOCKET
    unsigned requests;           // number of requests that were read
    const char *origin; // the entry of `origins` of the page that sent the request; NULL: the own page, or none
    bool keep;          // keep the connection after this request's answer
    bool input_ended;   // the client will send no more
    bool leaving;       // the proxy is going down: no more requests after this one
    bool dirty;         // the session may be logged in, or may have changed otherwise
    bool identified;    // `identity` is that of the session's login
    unsigned char identity[CREDENTIALS_DIGEST];
};

/** Called when the request is answered: reads the next one, or ends the connection. */
void connection_answered(struct connection *connection);
/** Ends the session after everything is written. */
void connection_finish(struct connection *connection);
/** Changes the connection to a stream, and frees the request. */
void connection_become(struct connection *connection, enum connection_state state);

#endif
