// core/net/loop.c: see loop.h.
#include "net/loop.h"

#include <event2/event.h>
#include <stddef.h>

struct event_base *loop_create(void)
{
    struct event_config *settings = event_config_new();
    struct event_base *base = NULL;

    if (settings != NULL && event_config_set_flag(settings, EVENT_BASE_FLAG_NOLOCK) == 0)
        base = event_base_new_with_config(settings);
    if (settings != NULL)
        event_config_free(settings);
    return base;
}
