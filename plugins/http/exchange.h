// plugins/http/exchange.h: a request that asks the program for something: logs in as the request says, hands in the
// action, gathers the answer; or opens a feed.
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "connection.h"

enum exchange_purpose {
    EXCHANGE_ACTION, // an action and its answer
    EXCHANGE_EVENTS, // GET /events
    EXCHANGE_SOCKET  // GET /ws
};

enum exchange_stage {
    EXCHANGE_LOGIN,  // log in, if the request says as whom
    EXCHANGE_ASK,    // hand in the action
    EXCHANGE_ANSWER, // its answer comes
    EXCHANGE_OPEN    // open the feed
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
    bool ids;         // each message of a WebSocket carries one
    bool needs_login; // it is not for who is not logged in, although no login is required

    struct amp_bytes until; // name of the event that ends the answer; empty: the answer's own end does
    bool answered, until_seen;
    struct buffer body; // what has come and is not sent yet
    unsigned count;     // messages that came
    bool sending;       // the head is written, the body follows in chunks
    enum amp_reason reason;
};

/** Begins what the connection's request, read into `connection->exchange`, asks for. */
void exchange_begin(struct connection *connection);
void exchange_destroy(struct exchange *exchange);
/** A message for the session has come. */
void exchange_message(struct connection *connection, const struct amp_message *message,
                      const struct amp_delivery *delivery);
/** The time limit has passed: answers with what has come, or 504. */
void exchange_expire(struct connection *connection);

#endif
