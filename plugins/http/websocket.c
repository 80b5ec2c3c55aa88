// plugins/http/websocket.c: see websocket.h.
#include "websocket.h"

#include "document.h"
#include "response.h"
#include "websocket_frame.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#define MESSAGE_BYTES 65536
#define MESSAGE_FRAMES 1024 // of one message: wslay keeps about a hundred bytes beside those of each
#define KEY_BYTES 24        // 16 bytes in Base64
#define MISSING_PONGS 2

struct websocket {
    wslay_event_context_ptr context;
    const struct amp_plugin *format; // of what is sent
    const struct amp_plugin *reader; // of the client's actions
    struct connection *connection;
    struct amp_bytes unread; // bytes for wslay, during websocket_input()
    struct buffer unsent;    // bytes of wslay, for one write
    unsigned unanswered;     // pings without an answer
    unsigned frames;         // of the message that is being read
    bool broken;             // the client's close frame is invalid
};

// --- the upgrade ------------------------------------------------------------------------------------------------

int websocket_check(const struct request *request, const char **reason)
{
    struct amp_bytes value;
    if (!request_has_token(request, "Upgrade", "websocket") || !request_has_token(request, "Connection", "Upgrade") ||
        request->parser.http_minor == 0) {
        *reason = "This is for WebSockets";
        return 426;
    }
    if (request_count(request, "Sec-WebSocket-Version") != 1 ||
        !request_find(request, "Sec-WebSocket-Version", &value) || !text_is(value, "13")) {
        *reason = "Version 13 of WebSocket is spoken here";
        return 426;
    }
    *reason = "Malformed Sec-WebSocket-Key";
    if (request_count(request, "Sec-WebSocket-Key") != 1 || !request_find(request, "Sec-WebSocket-Key", &value) ||
        value.length != KEY_BYTES || value.bytes[KEY_BYTES - 1] != '=' || value.bytes[KEY_BYTES - 2] != '=')
        return 400;
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < KEY_BYTES - 2; i++) {
        if (memchr(digits, value.bytes[i], sizeof digits - 1) == NULL)
            return 400;
    }
    return 0;
}

const struct amp_plugin *websocket_reader(const struct connection *connection, const struct amp_plugin *format)
{
    if ((format->capabilities & AMP_CAN_DECODE) == 0)
        format = amp_session_format(connection->session, "json");
    return format != NULL && (format->capabilities & AMP_CAN_DECODE) != 0 ? format : NULL;
}

/** Finds a format that writes by a client's name for it. */
static const struct amp_plugin *find_format(const struct connection *connection, struct amp_bytes name)
{
    static const char prefix[] = "ami.";
    char text[32];
    if (name.length > sizeof prefix - 1 && strncasecmp(name.bytes, prefix, sizeof prefix - 1) == 0) {
        name.bytes += sizeof prefix - 1;
        name.length -= sizeof prefix - 1;
    }
    if (name.length == 0 || name.length >= sizeof text)
        return NULL;
    memcpy(text, name.bytes, name.length);
    text[name.length] = '\0';
    const struct amp_plugin *format = amp_session_format(connection->session, text);
    bool writes = format != NULL && (format->capabilities & AMP_CAN_ENCODE) != 0;
    return writes && websocket_reader(connection, format) != NULL ? format : NULL;
}

/** Finds the first offered subprotocol that is a format. @param prefixed  set to whether it is `ami.NAME` */
static const struct amp_plugin *websocket_choose(const struct connection *connection, bool *prefixed)
{
    const struct request *request = connection->request;
    struct amp_bytes part;
    for (unsigned i = 0; i < request->header_count; i++) {
        struct amp_bytes rest = request->headers[i].value;
        if (!text_is(request->headers[i].name, "Sec-WebSocket-Protocol"))
            continue;
        while (text_next(&rest, ',', &part)) {
            part = text_trim(part);
            const struct amp_plugin *format = find_format(connection, part);
            if (format == NULL)
                continue;
            *prefixed = part.length > strlen(format->name);
            return format;
        }
    }
    return NULL;
}

const struct amp_plugin *websocket_format(const struct connection *connection)
{
    bool prefixed;
    return websocket_choose(connection, &prefixed);
}

void websocket_accept(struct amp_bytes key, char *text)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    struct buffer both = {0};
    buffer_add(&both, key.bytes, key.length);
    buffer_add(&both, guid, sizeof guid - 1);
    EVP_Digest(both.bytes, both.length, digest, &length, EVP_sha1(), NULL);
    EVP_EncodeBlock((unsigned char *)text, digest, (int)length);
    buffer_wipe(&both);
}

static void write_switch(struct connection *connection)
{
    struct amp_bytes key;
    char accept[64];
    bool prefixed = false;
    struct buffer head = {0};
    const struct amp_plugin *chosen = websocket_choose(connection, &prefixed);
    request_find(connection->request, "Sec-WebSocket-Key", &key);
    websocket_accept(key, accept);
    buffer_print(&head,
                 "HTTP/1.1 101 Switching Protocols\r\nServer: astmanproxy\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n",
                 accept);
    if (chosen != NULL)
        buffer_print(&head, "Sec-WebSocket-Protocol: %s%s\r\n", prefixed ? "ami." : "", chosen->name);
    buffer_print(&head, "\r\n");
    amp_session_write(connection->session, head.bytes, head.length);
    buffer_wipe(&head);
}

// --- frames -----------------------------------------------------------------------------------------------------

static ssize_t on_receive(wslay_event_context_ptr context, uint8_t *bytes, size_t length, int flags, void *user)
{
    (void)flags;
    struct websocket *websocket = user;
    struct amp_bytes *unread = &websocket->unread;
    if (unread->length == 0) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    size_t part = length < unread->length ? length : unread->length;
    memcpy(bytes, unread->bytes, part);
    unread->bytes += part;
    unread->length -= part;
    return (ssize_t)part;
}

/** Counts the frames of a message; one of too many is refused as one that is too long. */
static void on_frame(wslay_event_context_ptr context, const struct wslay_event_on_frame_recv_start_arg *frame,
                     void *user)
{
    static const uint8_t reason[] = "too many frames";
    struct websocket *websocket = user;
    if (wslay_is_ctrl_frame(frame->opcode))
        return;
    websocket->frames = frame->opcode == WSLAY_CONTINUATION_FRAME ? websocket->frames + 1 : 1;
    if (websocket->frames <= MESSAGE_FRAMES)
        return;
    wslay_event_queue_close(context, WSLAY_CODE_MESSAGE_TOO_BIG, reason, sizeof reason - 1);
    wslay_event_shutdown_read(context);
}

static ssize_t on_send(wslay_event_context_ptr context, const uint8_t *bytes, size_t length, int flags, void *user)
{
    (void)context;
    (void)flags;
    struct websocket *websocket = user;
    buffer_add(&websocket->unsent, (const char *)bytes, length);
    return (ssize_t)length;
}

/** Sends the bytes of wslay. After a close frame the connection is over. */
static void websocket_flush(struct websocket *websocket)
{
    struct connection *connection = websocket->connection;
    wslay_event_send(websocket->context);
    if (websocket->unsent.length > 0)
        amp_session_write(connection->session, websocket->unsent.bytes, websocket->unsent.length);
    websocket->unsent.length = 0;
    if (wslay_event_get_close_sent(websocket->context))
        connection_finish(connection);
}

/** Closes the connection after a protocol error, with a code, which wslay's close frame would lack. */
static void finish_broken(struct websocket *websocket)
{
    static const char without_code[2] = {(char)0x88, 0x00};
    static const char with_code[4] = {(char)0x88, 0x02, 0x03, (char)0xea}; // 1002
    struct buffer *unsent = &websocket->unsent;
    wslay_event_send(websocket->context);
    size_t length = unsent->length;
    if (length >= 2 && memcmp(unsent->bytes + length - 2, without_code, 2) == 0) {
        unsent->length -= 2;
        buffer_add(unsent, with_code, sizeof with_code);
    }
    websocket_flush(websocket);
    connection_finish(websocket->connection);
}

// --- actions ----------------------------------------------------------------------------------------------------

/** Handles a message, which must be exactly one action; otherwise the answer is an Error. */
static void take_action(struct websocket *websocket, struct amp_bytes bytes)
{
    struct amp_session *session = websocket->connection->session;
    struct amp_input *input = amp_session_input(session);
    amp_session_hold(session);
    document_read(session, websocket->reader, bytes);
    uint32_t held = amp_session_held(session);
    amp_session_release(session, held == 1);
    if (held == 1)
        return;
    amp_input_reject(input, held == 0 ? "The message holds no action" : "One action in a message, please");
    amp_input_end(input);
}

static void on_socket_message(wslay_event_context_ptr context, const struct wslay_event_on_msg_recv_arg *received,
                              void *user)
{
    (void)context;
    struct websocket *websocket = user;
    switch (received->opcode) {
    case WSLAY_TEXT_FRAME:
    case WSLAY_BINARY_FRAME:
        take_action(websocket, (struct amp_bytes){(const char *)received->msg, received->msg_length});
        break;
    case WSLAY_PONG:
        websocket->unanswered = 0;
        break;
    case WSLAY_CONNECTION_CLOSE: // wslay answers it, but accepts a code of one byte
        if (received->msg_length == 1)
            websocket->broken = true;
        break;
    default: // wslay answers pings
        break;
    }
}

// --- life -------------------------------------------------------------------------------------------------------

/** Begins the stream with ids in its messages: as a member of an object, else as a header.
 *  @return false: nothing is kept for clients that come back */
static bool stream_ids(const struct websocket *websocket)
{
    struct amp_session *session = websocket->connection->session;
    const struct amp_plugin *format = websocket->format;
    if (strncasecmp(format->content_type, "application/json", 16) == 0)
        return amp_session_stream_ids(session, format, websocket_frame_object, false);
    return amp_session_stream_ids(
        session, format, amp_type_is_text(format->content_type) ? websocket_frame_text : websocket_frame_binary, true);
}

void websocket_open(struct connection *connection)
{
    static const struct wslay_event_callbacks callbacks = {.recv_callback = on_receive,
                                                           .send_callback = on_send,
                                                           .on_frame_recv_start_callback = on_frame,
                                                           .on_msg_recv_callback = on_socket_message};
    struct websocket *websocket = calloc(1, sizeof *websocket);
    if (websocket == NULL || wslay_event_context_server_init(&websocket->context, &callbacks, websocket) != 0) {
        free(websocket);
        response_error(connection, 500, "Out of memory", NULL);
        return;
    }
    wslay_event_config_set_max_recv_msg_length(websocket->context, MESSAGE_BYTES);
    websocket->connection = connection;
    websocket->format = connection->exchange->format;
    websocket->reader = websocket_reader(connection, websocket->format);
    connection->websocket = websocket;
    write_switch(connection);
    bool ids = connection->exchange->ids;
    connection_become(connection, CONNECTION_SOCKET);
    amp_session_set_timer(connection->session, settings_get()->ping_ms);
    if (!ids || !stream_ids(websocket))
        amp_session_stream(connection->session, websocket->format,
                           amp_type_is_text(websocket->format->content_type) ? websocket_frame : websocket_frame_bytes);
}

void websocket_destroy(struct websocket *websocket)
{
    if (websocket == NULL)
        return;
    wslay_event_context_free(websocket->context);
    buffer_wipe(&websocket->unsent);
    free(websocket);
}

size_t websocket_input(struct connection *connection, const char *bytes, size_t length)
{
    struct websocket *websocket = connection->websocket;
    websocket->unread = (struct amp_bytes){bytes, length};
    bool failed = wslay_event_recv(websocket->context) != 0;
    websocket->unread = (struct amp_bytes){0};
    if (failed || websocket->broken)
        finish_broken(websocket);
    else
        websocket_flush(websocket);
    return length;
}

void websocket_leave(struct connection *connection)
{
    static const uint8_t reason[] = "the proxy is going down";
    struct websocket *websocket = connection->websocket;
    wslay_event_queue_close(websocket->context, WSLAY_CODE_GOING_AWAY, reason, sizeof reason - 1);
    websocket_flush(websocket);
}

void websocket_ping(struct connection *connection)
{
    static const uint8_t silent[] = "no answer to pings";
    struct websocket *websocket = connection->websocket;
    const struct wslay_event_msg ping = {.opcode = WSLAY_PING};
    if (websocket->unanswered >= MISSING_PONGS) {
        wslay_event_queue_close(websocket->context, WSLAY_CODE_POLICY_VIOLATION, silent, sizeof silent - 1);
    } else {
        wslay_event_queue_msg(websocket->context, &ping);
        websocket->unanswered++;
        amp_session_set_timer(connection->session, settings_get()->ping_ms);
    }
    websocket_flush(websocket);
}
