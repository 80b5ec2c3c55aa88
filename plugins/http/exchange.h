// plugins/http/exchange.h: the handling of a request with an action: logs in with the request's credentials, sends the
// action and collects the answer, or opens a stream.
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "connection.h"

enum exchange_purpose {
    EXCHANGE_ACTION,  // an action and its answer
    EXCHANGE_EVENTS,  // GET /events
    EXCHANGE_SOCKET,  // GET /ws
    EXCHANGE_CONTRACT // GET /openapi.json, GET /asyncapi.json
};

enum exchange_stage {
    EXCHANGE_LOGIN,  // log in, if the request has credentials
    EXCHANGE_ASK,    // send the action
    EXCHANGE_ANSWER, // collect its answer
    EXCHANGE_OPEN    // open the stream
};

struct exchange {
    enum exchange_purpose purpose;
    enum exchange_stage stage;
    const struct amp_plugin *format;      // of the answer
    const struct amp_plugin *body_format; // of the body; NULL: a form
    struct form form;                     // query, then body; points into the request
    struct credentials credentials;
    bool has_credentials;
    bool handing;     // within a call that may answer at once
    bool waiting;     // for an answer
    bool ids;         // each message of the WebSocket has its id
    bool needs_login; // refuse it without a login, even if `auth.required: false`

    struct amp_bytes until; // name of the event that ends the answer; empty: the answer's own end does
    bool answered, until_seen;
    struct buffer body;     // what has come and is not sent yet
    unsigned count;         // messages that came
    bool sending;           // the head is written, the body follows in chunks
    enum amp_reason reason; // of the Error of the proxy among them
    const char *code;       // its code; NULL: there is none
    struct buffer problem;  // that Error, if the client gets problems

    struct amp_bytes named; // the action that the path names: /actions/NAME; empty: none
    bool is_proxy_action;   // `named` is a proxy action
};

/** Begins the exchange `connection->exchange`. */
void exchange_begin(struct connection *connection);
/** Frees the exchange with its credentials. It may be NULL. */
void exchange_destroy(struct exchange *exchange);
/** Handles a message for the session. */
void exchange_message(struct connection *connection, const struct amp_message *message,
                      const struct amp_delivery *delivery);
/** Called at the time limit: answers with the messages so far, or 504. */
void exchange_expire(struct connection *connection);

#endif
