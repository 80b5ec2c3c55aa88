// core/session/connection/formats.c: see formats.h.
#include "session/connection/formats.h"

#include "session/connection/set.h"
#include "session/delivery/feeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_BANNER "Asterisk Call Manager/11.0.0"

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
    feeds_choose(session);
    session_publish(session);
    return true;
}

bool formats_set_input(struct session *session, const char *name)
{
    const struct amp_plugin *plugin = session->format.protocol != NULL ? NULL : find(session, name, AMP_CAN_DECODE);

    if (plugin == NULL)
        return false;
    session->format.next = plugin; // the present decoder is replaced when it returns
    return true;
}

void formats_set_autofilter(struct session *session, enum autofilter autofilter)
{
    free(session->events.last_id);
    session->events.last_id = NULL;
    session->events.autofilter = autofilter;
    feeds_choose(session);
    session_publish(session);
}

bool formats_set_resume(struct session *session, bool on)
{
    if (session->format.protocol != NULL) // its client has chosen when the stream began
        return on == (resume_of(session)->ids != RESUME_NO_IDS);
    if (on && session->sessions->config->resume.keep_ms == 0)
        return false;
    resume_begin_ids(session, on ? RESUME_HEADER_IDS : RESUME_NO_IDS, NULL);
    resume_settle(session);
    return true;
}

// --- what it speaks ---------------------------------------------------------------------------------------------

/** Sends the banner, unless the output format is binary, where a line of text would break the stream. */
static void greet(struct session *session)
{
    const char *type = session->format.output->content_type;
    const char *banner = session->listen->banner;
    char line[512];
    int length;

    if (type != NULL && !amp_type_is_text(type))
        return;
    if (strcmp(banner, "auto") == 0)
        banner = session->sessions->state->banner[0] != '\0' ? session->sessions->state->banner : DEFAULT_BANNER;
    length = snprintf(line, sizeof line, "%.500s\r\n", banner);
    output_add(&session->output, line, (size_t)length);
    sessions_mark_dirty(session);
}

/** Opens the decoder or protocol of session->format.input. @return false: the plugin failed, and the session has ended
 */
static bool start_format(struct session *session)
{
    const struct amp_plugin *plugin = session->format.input;

    if ((plugin->capabilities & AMP_IS_PROTOCOL) != 0) {
        session->format.protocol = (session->detached ? plugin->protocol->open_detached
                                                      : plugin->protocol->open)((struct amp_session *)session);
        if (session->format.protocol == NULL)
            session_end(session, END_NO_PROTOCOL);
        return session->format.protocol != NULL;
    }
    if (plugin->decoder_create == NULL)
        return true;
    session->format.decoder = plugin->decoder_create();
    if (session->format.decoder == NULL)
        session_end(session, END_NO_DECODER);
    return session->format.decoder != NULL;
}

void formats_end(struct session *session)
{
    const struct amp_plugin *plugin = session->format.input;

    if (plugin == NULL)
        return;
    amp_session_release((struct amp_session *)session, false);
    if (session->format.protocol != NULL)
        plugin->protocol->close(session->format.protocol);
    else if (plugin->decoder_destroy != NULL && session->format.decoder != NULL)
        plugin->decoder_destroy(session->format.decoder);
    amp_session_release((struct amp_session *)session, false); // close() may have called amp_session_hold() again
    session->format.protocol = session->format.decoder = NULL;
}

void session_speak(struct session *session, const struct amp_plugin *plugin)
{
    bool first = session->format.input == NULL;

    if (first && !session_enter(session, SESSION_OPEN))
        return; // the session ends
    formats_end(session);
    session->format.input = plugin;
    session->format.next = NULL;
    if (!start_format(session))
        return;
    session_publish(session);
    if (first && (plugin->capabilities & AMP_WANTS_BANNER) != 0)
        greet(session);
    if (first && session->authenticated)
        feeds_choose(session); // auth.required: false
}
