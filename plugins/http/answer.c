// plugins/http/answer.c: see answer.h. A short answer has a Content-Length; one that grows is sent in chunks as it
// comes.
#include "answer.h"

#include "problem.h"
#include "response.h"

#include <string.h>

#define CHUNK_BYTES 65536

bool answer_is_error(const struct amp_message *message, const struct amp_delivery *delivery)
{
    struct amp_bytes response;
    if (delivery->reason != AMP_REASON_NONE)
        return true;
    return (amp_message_find(message, "Response", &response) ||
            amp_message_find(message, "ProxyResponse", &response)) &&
           text_is(response, "Error");
}

/** Returns the HTTP status of the answer: for an Error of the proxy, that of its reason or code. An Error of Asterisk
 * is a normal answer: 200. */
static int status_of(const struct exchange *exchange)
{
    if (exchange->code != NULL && strcmp(exchange->code, "unknown-server") == 0)
        return 404;
    switch (exchange->reason) {
    case AMP_REASON_NONE:
        return 200;
    case AMP_REASON_INVALID:
        return 400;
    case AMP_REASON_UNKNOWN_USER:
    case AMP_REASON_NOT_LOGGED_IN:
        return 401;
    case AMP_REASON_DENIED:
        return 403;
    case AMP_REASON_TOO_MANY:
        return 429;
    case AMP_REASON_NO_SERVER:
        return 503;
    case AMP_REASON_LOST:
        return 502;
    case AMP_REASON_TIMEOUT:
        return 504;
    }
    return 500; // a reason of a later ABI version
}

static void add_text(struct exchange *exchange, const char *text)
{
    if (text != NULL)
        buffer_add(&exchange->body, text, text_of(text).length);
}

static void begin_sending(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    char type[128];
    response_type(exchange->format, true, type, sizeof type);
    response_head(connection, &(struct response){.status = status_of(exchange),
                                                 .type = type,
                                                 .extra = response_extra(connection, status_of(exchange)),
                                                 .framing = RESPONSE_CHUNKED});
    exchange->sending = true;
    struct amp_bytes begin = text_of(exchange->format->list_begin != NULL ? exchange->format->list_begin : "");
    response_chunk(connection, begin);
}

static void send_on(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    if (!exchange->sending)
        begin_sending(connection);
    response_chunk(connection, buffer_bytes(&exchange->body));
    exchange->body.length = 0;
}

/** Notes the Error of the proxy, which decides the status. */
static void note_error(struct connection *connection, const struct amp_message *message, enum amp_reason reason)
{
    struct exchange *exchange = connection->exchange;
    struct amp_bytes text;
    amp_message_find(message, "Message", &text);
    exchange->reason = reason;
    exchange->code = amp_error_code(text, reason);
    exchange->problem.length = 0;
    if (problem_is_wanted(connection))
        problem_of_message(&exchange->problem, status_of(exchange), exchange->code, message);
}

void answer_add(struct connection *connection, const struct amp_message *message, const struct amp_delivery *delivery)
{
    struct exchange *exchange = connection->exchange;
    if (exchange->body.length > CHUNK_BYTES)
        send_on(connection); // a second message: the answer is a list
    if (exchange->count > 0)
        add_text(exchange, exchange->format->list_between);
    struct amp_bytes bytes = amp_session_encode(connection->session, exchange->format, message);
    buffer_add(&exchange->body, bytes.bytes, bytes.length);
    exchange->count++;
    if (delivery->reason != AMP_REASON_NONE)
        note_error(connection, message, delivery->reason);
}

bool answer_is_complete(struct connection *connection, const struct amp_message *message,
                        const struct amp_delivery *delivery)
{
    struct exchange *exchange = connection->exchange;
    struct amp_bytes event;
    if (amp_message_find(message, "Event", &event) && text_equals(event, exchange->until))
        exchange->until_seen = true;
    if (!exchange->answered)
        return false;
    bool failed = delivery->kind == AMP_DELIVERY_ANSWER && answer_is_error(message, delivery);
    return exchange->until.length == 0 || exchange->until_seen || failed;
}

void answer_finish(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    bool is_list = exchange->sending || exchange->count > 1;
    if (is_list)
        add_text(exchange, exchange->format->list_end);
    if (exchange->sending) {
        send_on(connection);
        response_chunk_end(connection);
        connection_answered(connection);
        return;
    }
    bool is_problem = !is_list && exchange->problem.length > 0; // with other messages, the Error is one of the list
    const struct buffer *content = is_problem ? &exchange->problem : &exchange->body;
    struct buffer body = {0};
    if (is_list && exchange->format->list_begin != NULL)
        buffer_print(&body, "%s", exchange->format->list_begin);
    buffer_add(&body, content->bytes, content->length);
    int status = status_of(exchange);
    char type[128] = PROBLEM_CONTENT;
    if (!is_problem)
        response_type(exchange->format, is_list, type, sizeof type);
    response_send(
        connection,
        &(struct response){
            .status = status, .type = type, .extra = response_extra(connection, status), .length = body.length},
        buffer_bytes(&body));
    buffer_wipe(&body);
}
