// plugins/http/connection.c: see connection.h.
#include "connection.h"

#include "ajam.h"
#include "ajam_session.h"
#include "dispatch.h"
#include "events.h"
#include "exchange.h"
#include "protocol.h"
#include "response.h"
#include "websocket.h"
#include "websocket_frame.h"

#include <stdlib.h>

#define REQUESTS 1000 // most requests on one connection

static void *on_open(struct amp_session *session)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;
    connection->session = session;
    amp_session_set_timer(session, settings_get()->idle_ms);
    return connection;
}

static void on_close(void *state)
{
    struct connection *connection = state;
    if (connection->client.is_detached) {
        ajam_session_close(&connection->client);
        return;
    }
    ajam_call_destroy(connection->ajam);
    exchange_destroy(connection->exchange);
    request_destroy(connection->request);
    websocket_destroy(connection->websocket);
    free(connection);
}

// --- from one request to the next -------------------------------------------------------------------------------

static void forget_request(struct connection *connection)
{
    ajam_call_destroy(connection->ajam);
    connection->ajam = NULL;
    exchange_destroy(connection->exchange);
    connection->exchange = NULL;
    request_destroy(connection->request);
    connection->request = NULL;
    connection->origin = NULL;
}

void connection_finish(struct connection *connection)
{
    connection->state = CONNECTION_OVER;
    amp_session_set_timer(connection->session, 0);
    amp_session_finish(connection->session);
}

void connection_answered(struct connection *connection)
{
    if (connection->exchange != NULL && connection->exchange->until.length > 0)
        amp_session_listen(connection->session, false);
    forget_request(connection);
    connection->state = CONNECTION_READING;
    if (!connection->keep)
        connection_finish(connection);
    else
        amp_session_set_timer(connection->session, settings_get()->idle_ms);
}

void connection_become(struct connection *connection, enum connection_state state)
{
    forget_request(connection);
    connection->state = state;
}

// --- reading ----------------------------------------------------------------------------------------------------

/** Begins a request at its first byte, and its time limit. @return false: no memory */
static bool begin_request(struct connection *connection)
{
    connection->request = request_create(settings_get()->body_bytes);
    if (connection->request == NULL) {
        connection_finish(connection);
        return false;
    }
    amp_session_set_timer(connection->session, settings_get()->request_ms);
    connection->keep = false; // unknown until the request is read
    return true;
}

/** Refuses an invalid request and ends the connection, as the beginning of the next request is not known. */
static void refuse_request(struct connection *connection, int status, const char *reason)
{
    connection->keep = false;
    if (status != 405 || !ajam_refuse_method(connection))
        response_error(connection, status, reason, NULL);
}

static void begin_body(struct connection *connection)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!dispatch_admit(connection) || !ajam_admit(connection))
        return;
    if (connection->request->expects_continue)
        amp_session_write(connection->session, go_on, sizeof go_on - 1);
}

static void connection_complete(struct connection *connection)
{
    const struct request *request = connection->request;
    bool had_body = request->chunked || request->content_length > 0;
    connection->keep =
        request->keep_alive && ++connection->requests < REQUESTS && !connection->input_ended && !connection->leaving;
    amp_session_set_timer(connection->session, 0);
    if (had_body || dispatch_admit(connection)) // a request with a body was checked before its body was read
        dispatch_request(connection);
}

/** Reads bytes of requests. @return bytes used */
static size_t read_request(struct connection *connection, const char *bytes, size_t length)
{
    size_t used = 0;
    if (connection->request == NULL && !begin_request(connection))
        return length;
    switch (request_feed(connection->request, bytes, length, &used)) {
    case REQUEST_MORE:
        break;
    case REQUEST_HEAD_READ:
        begin_body(connection);
        break;
    case REQUEST_COMPLETE:
        connection_complete(connection);
        break;
    case REQUEST_REFUSED:
        refuse_request(connection, connection->request->status, connection->request->reason);
        break;
    }
    return used;
}

/** Uses the bytes of one request at most: whether the next one may begin is for the program, which knows how much of
 * the answers before it the client has not read. */
static size_t on_input(void *state, const char *bytes, size_t length)
{
    struct connection *connection = state;
    size_t used = 0;
    while (used < length) {
        switch (connection->state) {
        case CONNECTION_READING:
            used += read_request(connection, bytes + used, length - used);
            if (connection->request == NULL)
                return used;
            break;
        case CONNECTION_ANSWERING:
        case CONNECTION_AJAM:
            return used; // one request at a time
        case CONNECTION_SOCKET:
            used += websocket_input(connection, bytes + used, length - used);
            break;
        case CONNECTION_EVENTS: // the client sends nothing on an event stream
        case CONNECTION_OVER:
            return length;
        }
    }
    return used;
}

static void on_end(void *state)
{
    struct connection *connection = state;
    connection->input_ended = true;
    connection->keep = false;
    if (connection->state != CONNECTION_ANSWERING && connection->state != CONNECTION_AJAM)
        connection_finish(connection);
}

static void on_delivery(void *state, const struct amp_message *message, const struct amp_delivery *delivery)
{
    struct connection *connection = state;
    if (connection->client.is_detached)
        ajam_session_message(&connection->client, message, delivery);
    else if (connection->state == CONNECTION_ANSWERING)
        exchange_message(connection, message, delivery);
}

static void on_timer(void *state)
{
    struct connection *connection = state;
    if (connection->client.is_detached) {
        ajam_session_timer(&connection->client);
        return;
    }
    switch (connection->state) {
    case CONNECTION_AJAM:
        ajam_expire(connection);
        break;
    case CONNECTION_READING:
        if (connection->request == NULL)
            connection_finish(connection);
        else
            refuse_request(connection, 408, "The request took too long");
        break;
    case CONNECTION_ANSWERING:
        exchange_expire(connection);
        break;
    case CONNECTION_EVENTS:
        events_keep_alive(connection);
        break;
    case CONNECTION_SOCKET:
        websocket_ping(connection);
        break;
    case CONNECTION_OVER:
        break;
    }
}

/** Handles the end of the proxy: the answer in progress is the last; a connection without a request ends. */
static void on_leave_soon(struct connection *connection)
{
    connection->leaving = true;
    connection->keep = false;
    if (connection->state == CONNECTION_READING && connection->request == NULL && connection->requests > 0)
        connection_finish(connection);
    else if (connection->state == CONNECTION_ANSWERING && connection->exchange->answered)
        exchange_expire(connection); // the request waits for an event
}

static void on_leave(void *state, bool now)
{
    struct connection *connection = state;
    if (connection->client.is_detached)
        ajam_session_leave(&connection->client, now);
    else if (!now)
        on_leave_soon(connection);
    else if (connection->state == CONNECTION_SOCKET)
        websocket_leave(connection);
    else if (connection->state == CONNECTION_ANSWERING)
        exchange_expire(connection);
    else if (connection->state == CONNECTION_AJAM)
        ajam_give_up(connection, 503, "The proxy is going down");
    else if (connection->state == CONNECTION_READING && connection->request != NULL)
        refuse_request(connection, 503, "The proxy is going down");
}

static void on_answer(void *state, struct amp_bytes answer)
{
    ajam_answer(state, answer);
}

// Text is in front of objects, as both write the same for what is no object.
static amp_id_frame *const id_frames[] = {events_id_frame, websocket_frame_text, websocket_frame_binary,
                                          websocket_frame_object, NULL};

const struct amp_protocol connection_protocol = {
    .size = sizeof(struct amp_protocol),
    .open = on_open,
    .close = on_close,
    .input = on_input,
    .end = on_end,
    .message = on_delivery,
    .timer = on_timer,
    .leave = on_leave,
    .open_detached = ajam_session_open,
    .request = ajam_session_request,
    .answer = on_answer,
    .collected = ajam_session_collected,
    .id_frames = id_frames,
};
