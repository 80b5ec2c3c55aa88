// core/session/connection/formats.c: see formats.h.
#include "session/connection/formats.h"

#include "session/client/publish.h"
#include "session/client/set.h"
#include "session/delivery/feeds.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_BANNER "Asterisk Call Manager/11.0.0"

/** Sends the banner, unless the output format is binary, where a line of text would break the stream. */
static void formats_greet(struct session *session)
{
    const char *type = session->format.output->content_type;
    const char *banner = session->listen->banner;
    char line[502];
    size_t length;

    if (type != NULL && !amp_type_is_text(type))
        return;
    if (strcmp(banner, "auto") == 0)
        banner = session->sessions->state->banner[0] != '\0' ? session->sessions->state->banner : DEFAULT_BANNER;
    length = strnlen(banner, sizeof line - 2);
    memcpy(mempcpy(line, banner, length), "\r\n", 2);
    output_add(&session->output, line, length + 2);
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

void formats_speak(struct session *session, const struct amp_plugin *plugin)
{
    bool first = session->format.input == NULL;

    if (first && !session_enter(session, SESSION_OPEN))
        return; // the session ends
    formats_end(session);
    session->format.input = plugin;
    session->format.next = NULL;
    if (!start_format(session))
        return;
    publish_session(session);
    if (first && (plugin->capabilities & AMP_WANTS_BANNER) != 0)
        formats_greet(session);
    if (first && session->authenticated)
        feeds_choose(session); // auth.required: false
}
