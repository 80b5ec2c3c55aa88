// core/session/connection/formats.c: see formats.h.
#include "session/connection/formats.h"

#include "session/connection/set.h"

#include <stdlib.h>
#include <strings.h>

static const struct amp_plugin *find(const struct session *session, const char *name, uint32_t capability)
{
    const struct registry *registry = session->sessions->registry;

    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct amp_plugin *plugin = registry_at(registry, i);
        if (strcasecmp(name, plugin->name) == 0 && (plugin->capabilities & capability) != 0)
            return plugin;
    }
    return NULL;
}

bool formats_set_output(struct session *session, const char *name)
{
    const struct amp_plugin *plugin = find(session, name, AMP_CAN_ENCODE);

    if (plugin == NULL)
        return false;
    session->format.output = plugin;
    session_choose_feed(session);
    session_publish(session);
    return true;
}

bool formats_set_input(struct session *session, const char *name)
{
    const struct amp_plugin *plugin = session->format.protocol != NULL ? NULL : find(session, name, AMP_CAN_DECODE);

    if (plugin == NULL)
        return false;
    session->format.next = plugin; // the decoder that is at work now is exchanged when it returns
    return true;
}

void formats_set_autofilter(struct session *session, enum autofilter autofilter)
{
    free(session->events.last_id);
    session->events.last_id = NULL;
    session->events.autofilter = autofilter;
    session_choose_feed(session);
    session_publish(session);
}
