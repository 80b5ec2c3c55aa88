// core/session/delivery/reply.c: see reply.h.
#include "session/delivery/reply.h"

#include "session/delivery/give.h"

static void begin_as(struct message_builder *answer, const char *first, const struct message *request, const char *kind)
{
    struct span id = request == NULL ? (struct span){0} : message_action_id(request);

    message_builder_init(answer);
    message_addf(answer, first, "%s", kind);
    if (id.length > 0)
        message_add(answer, span_of("ActionID"), id);
}

void reply_begin(struct message_builder *answer, const struct message *request, const char *kind)
{
    begin_as(answer, "Response", request, kind);
}

void reply_text(struct session *session, const struct message *request, const char *kind, const char *text)
{
    struct message_builder answer;

    reply_begin(&answer, request, kind);
    message_addf(&answer, "Message", "%s", text);
    session_send(session, message_build(&answer));
}

void reply_begin_proxy(struct message_builder *answer, const struct message *request, const char *kind)
{
    begin_as(answer, "ProxyResponse", request, kind);
}

struct message *reply_error(const struct message *request, const char *text)
{
    struct message_builder answer;

    reply_begin(&answer, request, "Error");
    message_addf(&answer, "Message", "%s", text);
    return message_build(&answer);
}

void reply_refuse(struct session *session, const struct message *request, enum amp_reason reason, const char *text)
{
    session_give(session, reply_error(request, text), AMP_DELIVERY_ANSWER, true, reason);
}
