// plugins/http/http.c: HTTP/1.1 with actions by GET and POST, server-sent events, WebSockets and static files.
#include "protocol.h"
#include "settings.h"

#define METHOD_BYTES 20

/** Recognises `METHOD /`, `METHOD *` or `METHOD http…`. A line of AMI has its colon before any blank. */
static enum amp_guess http_recognise(const char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length && ((bytes[i] >= 'A' && bytes[i] <= 'Z') || bytes[i] == '-' || bytes[i] == '_'))
        i++;
    if (i > METHOD_BYTES || (i == 0 && length > 0))
        return AMP_GUESS_NO;
    if (i == length)
        return AMP_GUESS_MAYBE;
    if (bytes[i] != ' ')
        return AMP_GUESS_NO;
    if (i + 1 == length)
        return AMP_GUESS_MAYBE;
    char first = bytes[i + 1];
    return first == '/' || first == '*' || first == 'h' ? AMP_GUESS_YES : AMP_GUESS_NO;
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "http",
    .capabilities = AMP_IS_PROTOCOL,
    .content_type = "message/http",
    .recognise = http_recognise,
    .configure = settings_configure,
    .protocol = &connection_protocol,
};
