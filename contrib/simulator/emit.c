// emit.c: building one asynchronous event and offering it to every session.
#include "emit.h"

#include <stdarg.h>
#include <stdio.h>

#include "mask.h"
#include "session.h"

void emit_start(struct simulator *simulator, const char *name, uint32_t classes)
{
    char privilege[200];
    mask_format(classes, privilege, sizeof privilege);
    text_clear(&simulator->text);
    simulator->text_classes = classes;
    emit_line(simulator, "Event: %s", name);
    emit_line(simulator, "Privilege: %s", privilege);
}

void emit_line(struct simulator *simulator, const char *format, ...)
{
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    text_add(&simulator->text, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
    text_add(&simulator->text, "\r\n", 2);
}

void emit_end(struct simulator *simulator)
{
    text_add(&simulator->text, "\r\n", 2);
    for (struct session *session = simulator->sessions; session != NULL; session = session->next)
        session_event(session, simulator->text_classes, simulator->text.bytes, simulator->text.length);
}
