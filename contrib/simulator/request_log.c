// request_log.c: one line per action received, bytes that could break the line escaped as \xNN.
#include "request_log.h"

#include <stdio.h>

#include "session.h"

static void log_escaped(FILE *log, const char *value)
{
    for (; *value != '\0'; value++) {
        unsigned char byte = (unsigned char)*value;
        if (byte < ' ' || byte > '~' || byte == '\\' || byte == '|')
            fprintf(log, "\\x%02x", byte);
        else
            fputc(byte, log);
    }
}

void request_log(const struct session *session)
{
    FILE *log = session->simulator->log;
    const struct request *request = &session->request;
    if (log == NULL)
        return;
    fprintf(log, "connection=%lu Action=", session->number);
    log_escaped(log, request_action(request));
    fputs(" ActionID=", log);
    log_escaped(log, request_find(request, "ActionID"));
    for (size_t i = 0; i < request->count; i++) {
        fputs(" | ", log);
        log_escaped(log, request->lines[i]);
    }
    fputc('\n', log);
    fflush(log);
}
