// core/session/scripting/settings.c: see settings.h.
#include "session/scripting/settings.h"

#include "session/client/publish.h"
#include "session/delivery/feeds.h"
#include "session/delivery/resume.h"

#include <stdlib.h>
#include <strings.h>

static const struct amp_plugin *settings_find(const struct session *session, const char *name, uint32_t capability)
{
    const struct registry *registry = session->sessions->registry;

    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct amp_plugin *plugin = registry_at(registry, i);
        if (strcasecmp(name, plugin->name) == 0 && (plugin->capabilities & capability) != 0)
            return plugin;
    }
    return NULL;
}

bool settings_set_output(struct session *session, const char *name)
{
    const struct amp_plugin *plugin = settings_find(session, name, AMP_CAN_ENCODE);

    if (plugin == NULL)
        return false;
    session->format.output = plugin;
    feeds_choose(session);
    publish_session(session);
    return true;
}

bool settings_set_input(struct session *session, const char *name)
{
    const struct amp_plugin *plugin =
        session->format.protocol != NULL ? NULL : settings_find(session, name, AMP_CAN_DECODE);

    if (plugin == NULL)
        return false;
    session->format.next = plugin; // the present decoder is replaced when it returns
    return true;
}

void settings_set_autofilter(struct session *session, enum autofilter autofilter)
{
    free(session->events.last_id);
    session->events.last_id = NULL;
    session->events.autofilter = autofilter;
    feeds_choose(session);
    publish_session(session);
}

bool settings_set_resume(struct session *session, bool on)
{
    if (session->format.protocol != NULL) // its client has chosen when the stream began
        return on == (resume_of(session)->ids != RESUME_NO_IDS);
    if (on && (session->sessions->config->resume.keep_ms == 0 || session->listen->control))
        return false;
    resume_begin_ids(session, on ? RESUME_HEADER_IDS : RESUME_NO_IDS, NULL);
    resume_settle(session);
    return true;
}
