// reply.c: writing answers, with the order of headers that Asterisk has.
#include "reply.h"

#include <stdarg.h>
#include <stdio.h>

#include "text.h"

void reply_line(struct session *session, const char *format, ...)
{
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    text_add(&session->reply, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
    text_add(&session->reply, "\r\n", 2);
}

void reply_action_id(struct session *session)
{
    const char *id = request_find(&session->request, "ActionID");
    if (*id != '\0')
        reply_line(session, "ActionID: %s", id);
}

void reply_start(struct session *session, const char *kind)
{
    text_clear(&session->reply);
    reply_line(session, "Response: %s", kind);
    reply_action_id(session);
}

void reply_end(struct session *session)
{
    text_add(&session->reply, "\r\n", 2);
    outbox_message(&session->outbox, session->reply.bytes, session->reply.length);
    text_clear(&session->reply);
}

void reply_success(struct session *session, const char *message)
{
    reply_start(session, "Success");
    reply_line(session, "Message: %s", message);
    reply_end(session);
}

void reply_error(struct session *session, const char *format, ...)
{
    char message[512]; // Asterisk cuts its error texts at 511 bytes
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    reply_start(session, "Error");
    reply_line(session, "Message: %s", message);
    reply_end(session);
}

void reply_list(struct session *session, const char *message)
{
    reply_start(session, "Success");
    if (!session->simulator->options.legacy)
        reply_line(session, "EventList: start");
    reply_line(session, "Message: %s", message);
    reply_end(session);
}

void reply_item(struct session *session, const char *event)
{
    text_clear(&session->reply);
    reply_line(session, "Event: %s", event);
}

void reply_complete(struct session *session, const char *event, size_t items)
{
    reply_item(session, event);
    reply_action_id(session);
    if (!session->simulator->options.legacy) {
        reply_line(session, "EventList: Complete");
        reply_line(session, "ListItems: %zu", items);
    }
}
