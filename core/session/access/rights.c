// core/session/access/rights.c: see rights.h.
#include "session/access/rights.h"

#include "ami/event_class.h"
#include "session/access/headers.h"
#include "session/client/set.h"

struct view *rights_view(const struct session *session, const struct config *config, const struct user_config *user)
{
    return session->listen->control ? NULL : scripts_view(session->sessions->scripts.current, config, user);
}

struct target rights_target(const struct session *session, const struct message *action)
{
    struct target target = {0};
    uint32_t index = 0;

    if (session->user != NULL && session->user->server != NULL) {
        target.server = span_of(session->user->server);
        return target;
    }
    target.named = headers_next(action, "Server", &index, &target.server);
    if (target.named)
        target.all = span_is(target.server, "*");
    else
        target.server = session->sessions->state->first;
    return target;
}

bool rights_allow(const struct session *session, struct span name, struct span server)
{
    const struct servers_state *state = session->sessions->state;
    const char *own = session->user == NULL ? NULL : session->user->server;
    bool is_all = own == NULL && span_is(server, "*"), found = false;

    if (own != NULL)
        server = span_of(own); // takes precedence over the header
    else if (server.length == 0)
        return privileges_allow(state->first_privileges, name, session->write);
    for (uint32_t i = 0; i < state->count && (is_all || !found); i++) {
        const struct server_summary *summary = &state->servers[i];
        if (is_all ? !summary->up || summary->drained : !span_is(server, summary->name))
            continue;
        if (!privileges_allow(summary->privileges, name, session->write))
            return false;
        found = true;
    }
    return found || privileges_allow(NULL, name, session->write); // no such server: the hub answers by an Error
}

/** May the asker see this line of an answer to ListCommands? */
static bool is_shown(struct span name, struct span value, uint32_t write)
{
    const struct action_info *info = catalogue_find(name);
    uint32_t classes;

    if (!privileges_read(value, &classes) ||
        (info != NULL && (info->effect == EFFECT_SESSION || info->effect == EFFECT_LOCAL)))
        return true;
    return privileges_permit(classes, info, write);
}

bool rights_trims(const struct ask *ask)
{
    return ask->write != CLASS_ALL && span_is(message_action(ask->action, NULL), "ListCommands");
}

struct message *rights_trim(const struct ask *ask, struct message *answer)
{
    struct message_builder builder;
    struct message *trimmed;
    struct span name, value;

    if (!rights_trims(ask))
        return answer;
    message_builder_init(&builder);
    for (uint32_t i = 0; i < answer->header_count; i++) {
        message_header(answer, i, &name, &value);
        if (name.length == 0 || is_shown(name, value, ask->write))
            message_add_copy(&builder, answer, i);
    }
    trimmed = message_build(&builder);
    trimmed->from_server = answer->from_server;
    message_unref(answer);
    return trimmed;
}
