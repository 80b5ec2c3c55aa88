// request.c: lookup of headers in a request, by the rules of Asterisk: the name starts the line and the colon follows
// it.
#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *request_value(const char *line, const char *name)
{
    size_t length = strlen(name);
    if (strncasecmp(line, name, length) != 0 || line[length] != ':')
        return NULL;
    const char *value = line + length + 1;
    while (*value != '\0' && (unsigned char)*value <= ' ')
        value++;
    return value;
}

const char *request_find(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->count; i++) {
        const char *value = request_value(request->lines[i], name);
        if (value != NULL)
            return value;
    }
    return "";
}

const char *request_action(const struct request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        const char *value = request_value(request->lines[i], "Action");
        if (value != NULL && *value != '\0')
            return value;
    }
    return "";
}

void request_clear(struct request *request)
{
    for (size_t i = 0; i < request->count; i++)
        free(request->lines[i]);
    request->count = 0;
}
