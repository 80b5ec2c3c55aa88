// contrib/ampctl/request.c: see request.h.
#include "request.h"

#include "base/clock.h"

#include <inttypes.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

void request_id(char id[REQUEST_ID])
{
    unsigned char random[12] = {0};
    size_t length = (size_t)snprintf(id, REQUEST_ID, "ampctl-");

    if (RAND_bytes(random, sizeof random) != 1)
        memcpy(random, &(uint64_t){clock_ms()}, sizeof(uint64_t)); // unique on this connection, which is enough
    for (size_t i = 0; i < sizeof random; i++)
        length += (size_t)snprintf(id + length, REQUEST_ID - length, "%02x", random[i]);
}

void request_begin(struct message_builder *builder, const char *kind, const char *name, const char *id)
{
    message_builder_init(builder);
    message_add(builder, span_of(kind), span_of(name));
    message_add(builder, span_of("ActionID"), span_of(id));
}

void request_send(struct connection *connection, struct message_builder *builder)
{
    struct message *message = message_build(builder);

    connection_send(connection, message);
    message_unref(message);
    message_builder_fini(builder);
}

bool request_is_response(const struct message *message)
{
    struct span name, value;

    message_header(message, message->decides, &name, &value);
    return span_is(name, "Response") || span_is(name, "ProxyResponse");
}

bool request_is_error(const struct message *message)
{
    struct span name, value;

    message_header(message, message->decides, &name, &value);
    return request_is_response(message) && (span_is(value, "Error") || span_is(value, "Failure"));
}

struct message *request_answer(struct connection *connection, const char *id, uint64_t timeout_ms, struct error *err)
{
    uint64_t deadline_ms = clock_ms() + timeout_ms;
    enum connection_result result;

    for (;;) {
        uint64_t now = clock_ms();
        struct message *message;
        result = connection_next(connection, deadline_ms > now ? deadline_ms - now : 0, &message);
        if (result != CONNECTION_READY)
            break;
        if (span_equals(message_action_id(message), span_of(id)))
            return message;
        message_unref(message);
    }
    connection_error(connection, result, err);
    return NULL;
}

enum ctl_exit request_judge(const struct message *response, struct error *err)
{
    struct span text;
    bool found = message_find(response, "Message", &text);

    if (!request_is_error(response))
        return CTL_OK;
    error_set(err, "the proxy refused: %.*s", found ? (int)text.length : 5, found ? text.bytes : "Error");
    return CTL_REFUSED;
}

bool request_is_denied(const struct message *response)
{
    struct span text;

    return request_is_error(response) && message_find(response, "Message", &text) &&
           span_equals(text, span_of("Permission denied"));
}

enum ctl_exit request_ask(struct connection *connection, struct message_builder *builder, const char *id,
                          uint64_t timeout_ms, struct message **answer, struct error *err)
{
    struct message *message;
    enum ctl_exit code;

    request_send(connection, builder);
    message = request_answer(connection, id, timeout_ms, err);
    if (message == NULL)
        return CTL_LOST;
    code = request_judge(message, err);
    if (code == CTL_OK && answer != NULL)
        *answer = message;
    else
        message_unref(message);
    return code;
}

enum ctl_exit request_proxy(struct connection *connection, const char *action, const char *name, const char *value,
                            uint64_t timeout_ms, struct message **answer, struct error *err)
{
    struct message_builder builder;
    char id[REQUEST_ID];

    request_id(id);
    request_begin(&builder, "ProxyAction", action, id);
    if (name != NULL)
        message_add(&builder, span_of(name), span_of(value));
    return request_ask(connection, &builder, id, timeout_ms, answer, err);
}

enum ctl_exit request_list(struct connection *connection, struct message_builder *builder, const char *id,
                           uint64_t timeout_ms, void (*visit)(void *context, const struct message *event),
                           void *context, struct message **last, struct error *err)
{
    enum ctl_exit code = request_ask(connection, builder, id, timeout_ms, NULL, err);
    struct message *event;
    struct span text;

    while (code == CTL_OK && (event = request_answer(connection, id, timeout_ms, err)) != NULL) {
        if (!message_find(event, "EventList", &text)) {
            visit(context, event);
            message_unref(event);
            continue;
        }
        if (!span_is(text, "Complete")) {
            error_set(err, "the proxy did not finish its list");
            code = CTL_REFUSED;
        }
        if (code == CTL_OK && last != NULL)
            *last = event;
        else
            message_unref(event);
        return code;
    }
    return code == CTL_OK ? CTL_LOST : code;
}
