// core/session/client/publish.c: see publish.h.
#include "session/client/publish.h"

#include "base/clock.h"
#include "base/decimal.h"
#include "base/memory.h"
#include "session/access/held_token.h"
#include "session/access/limits.h"
#include "session/client/due.h"
#include "session/client/set.h"
#include "session/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void publish_describe(const struct session *session, struct session_shown *shown)
{
    struct directory_entry *entry = &shown->entry;

    *entry = (struct directory_entry){.id = session->id,
                                      .user = session->user != NULL ? session->user->name : "",
                                      .address = session->address,
                                      .input = session->format.input != NULL ? session->format.input->name
                                                                             : session->listen->input,
                                      .output = session->format.output->name,
                                      .action_id = shown->action_id,
                                      .token = session->token != NULL ? session->token->label : "",
                                      .autofilter = (uint32_t)session->events.autofilter,
                                      .write = session->authenticated ? session->write : 0,
                                      .listener = session->listener_number,
                                      .admin = session->admin,
                                      .authenticated = session->authenticated,
                                      .by_key = session->identified && session->user == NULL,
                                      .encrypted = transport_is_encrypted(&session->transport),
                                      .detached = session->detached};
    shown->action_id[0] = '\0';
    if (session->events.autofilter == AUTOFILTER_ON && session->events.last_id != NULL)
        snprintf(shown->action_id, sizeof shown->action_id, "%s", session->events.last_id);
    else if (session->events.autofilter == AUTOFILTER_UNIQUE)
        stpcpy(decimal_write(stpcpy(shown->action_id, "amp"), session->id), "-");
}

/** Tells the session limits whether the session is logged in, and as which user. */
static void publish_recount(struct session *session, bool logged_in, const struct user_config *user)
{
    struct session_limits *limits = session->sessions->link.limits;
    const char *name = logged_in && user != NULL ? user->name : NULL;

    if (session->counted.logged_in == logged_in &&
        (name == session->counted.user ||
         (name != NULL && session->counted.user != NULL && strcmp(name, session->counted.user) == 0)))
        return;
    if (session->counted.logged_in)
        session_limits_log_out(limits, session->id, session->counted.user, clock_ms());
    session->counted.logged_in = logged_in;
    session->counted.user = logged_in ? session_limits_log_in(limits, session->id, name) : NULL;
}

void publish_session(struct session *session)
{
    struct session_shown shown;

    if (session_is_dead(session))
        return;
    bool logged_in = (session->authenticated || session->vouched) && !session_is_ending(session);
    publish_recount(session, logged_in, session->user);
    sessions_judge_audience(session, logged_in);
    if (session->detached)
        session_keys_set_known(session->sessions->link.keys, session->id, session->authenticated);
    publish_describe(session, &shown);
    directory_put(session->sessions->link.directory, &shown.entry);
}

void publish_leave(struct session *session)
{
    publish_recount(session, false, NULL);
    sessions_judge_audience(session, false);
    session_limits_leave(session->sessions->link.limits, session->id);
}

void publish_vouch(struct session *session)
{
    if (session->vouched)
        return;
    session->vouched = true;
    due_set_deadline(session, 0);
    publish_session(session);
}
