// core/session/connection/publish.c: what others know of a session: the directory's entry, and the counts of session
// limits.
#include "base/clock.h"
#include "base/memory.h"
#include "session/access/limits.h"
#include "session/connection/set.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void session_describe(const struct session *session, struct directory_entry *entry)
{
    *entry = (struct directory_entry){.id = session->id,
                                      .user = session->user != NULL ? session->user->name : "",
                                      .autofilter = (uint32_t)session->autofilter,
                                      .write = session->authenticated ? session->write : 0,
                                      .listener = session->listener_number,
                                      .admin = session->admin,
                                      .authenticated = session->authenticated,
                                      .by_key = session->identified && session->user == NULL,
                                      .encrypted = transport_is_encrypted(&session->transport)};
    snprintf(entry->address, sizeof entry->address, "%s", session->address);
    snprintf(entry->input, sizeof entry->input, "%s",
             session->input_format != NULL ? session->input_format->name : session->listen->input);
    snprintf(entry->output, sizeof entry->output, "%s", session->output_format->name);
    if (session->autofilter == AUTOFILTER_ON && session->last_id != NULL)
        snprintf(entry->action_id, sizeof entry->action_id, "%s", session->last_id);
    else if (session->autofilter == AUTOFILTER_UNIQUE)
        snprintf(entry->action_id, sizeof entry->action_id, "amp%" PRIu64 "-", session->id);
}

/** Tells the limits whether it is logged in, and as whom. */
static void recount(struct session *session, bool logged_in, const struct user_config *user)
{
    struct session_limits *limits = session->sessions->link.limits;
    const char *name = logged_in && user != NULL ? user->name : NULL;

    if (session->counted == logged_in &&
        (name == session->counted_user ||
         (name != NULL && session->counted_user != NULL && strcmp(name, session->counted_user) == 0)))
        return;
    if (session->counted)
        session_limits_log_out(limits, session->id, session->counted_user, clock_ms());
    free(session->counted_user);
    session->counted_user = memory_text(name);
    session->counted = logged_in;
    if (logged_in)
        session_limits_log_in(limits, session->id, name);
}

void session_publish(struct session *session)
{
    struct directory_entry entry;

    if (session->dead)
        return;
    recount(session, session->authenticated && !session->closing, session->user);
    session_describe(session, &entry);
    directory_put(session->sessions->link.directory, &entry);
}

void session_leave_limits(struct session *session)
{
    recount(session, false, NULL);
    session_limits_leave(session->sessions->link.limits, session->id);
}
