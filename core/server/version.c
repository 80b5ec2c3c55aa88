// core/server/version.c: what depends on the version of AMI that a server speaks.  Thread: the hub's.
#include "server/server.h"

#include <string.h>

/** Reads the version of AMI after the slash of the banner: "…/2.8.0" is 2 and 8. @return false: there is none */
static bool read_version(const struct server *server, uint64_t *major, uint64_t *minor)
{
    const char *text = strchr(server->banner, '/'), *point;

    *minor = 0;
    if (text++ == NULL)
        return false;
    point = text + strcspn(text, ".");
    if (*point == '.')
        (void)span_number((struct span){point + 1, strspn(point + 1, "0123456789")}, 0, UINT32_MAX, minor);
    return span_number((struct span){text, strspn(text, "0123456789")}, 0, UINT32_MAX, major);
}

bool server_is_old(const struct server *server)
{
    uint64_t major, minor;

    return !read_version(server, &major, &minor) || major <= 2;
}

/** It needs class `system`, and AMI 1.1 (Asterisk 1.6.2) or later. */
bool server_sees_boot(const struct server *server)
{
    const char *events = server->config->events;
    uint64_t major, minor;
    bool has_class = strcmp(events, "on") == 0 || strstr(events, "system") != NULL || strstr(events, "all") != NULL;

    return has_class && read_version(server, &major, &minor) && (major > 1 || (major == 1 && minor >= 1));
}
