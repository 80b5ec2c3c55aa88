// core/session/client/session.c: see session.h.
#include "session/client/session.h"

#include "base/decimal.h"
#include "letters/request.h"
#include "session/client/count.h"
#include "session/client/due.h"
#include "session/client/publish.h"
#include "session/client/set.h"
#include "session/directory.h"
#include "session/keys.h"

#include <assert.h>
#include <string.h>

struct log_context session_log(const struct session *session)
{
    struct log_context log;
    char quoted[64];
    const char *user = session->user != NULL ? session->user->name : session->authenticated ? "*" : "-";

    // Without snprintf(): lines that are not written after all have it, too.
    static_assert(sizeof "session= user= address=" + DECIMAL_DIGITS + sizeof quoted + sizeof session->address <=
                      sizeof log.text,
                  "all of them fit");
    char *end = decimal_write(stpcpy(log.text, "session="), session->id);
    end = stpcpy(stpcpy(end, " user="), log_text(quoted, sizeof quoted, user));
    stpcpy(stpcpy(end, " address="), session->address);
    return log;
}

void session_resume(struct session *session)
{
    session->sessions->hooks->resume(session);
}

void session_leave_event_wait(struct session *session)
{
    if (session->wait.why != WAIT_EVENT)
        return;
    list_remove(&session->sessions->waiting, &session->links.waiting);
    wait_end(&session->wait, WAIT_EVENT);
    if (!session_is_ending(session))
        due_set_deadline(session, 0);
}

/** Withdraws the session's own request. Called before anybody can learn of the end (the log), as the answer to a
 * request that is not withdrawn takes the events that were collected. */
static void session_withdraw_request(struct session *session)
{
    if (session->requests.sent == NULL)
        return;
    atomic_store_explicit(&session->requests.sent->withdrawn, true, memory_order_relaxed);
    session_request_unref(session->requests.sent);
    session->requests.sent = NULL;
}

void session_end(struct session *session, enum session_end_reason reason)
{
    struct sessions *sessions = session->sessions;
    const char *text = end_text(reason) != NULL ? end_text(reason) : transport_reason(&session->transport);
    char quoted[200];

    if (session_is_dead(session))
        return;
    session_withdraw_request(session);
    struct log_context log = session_log(session);
    log_info(&log, "session closed reason=%s", log_text(quoted, sizeof quoted, text));
    count_end(session, reason);
    session_enter(session, SESSION_DEAD); // first, as scripts hear of it: what they do must not end it once more
    sessions->hooks->ending(session);
    map_remove(&sessions->by_id, &session->by_id);
    handles_remove(&sessions->handles, session->handle); // from here on the handle finds nothing
    session_leave_event_wait(session);
    directory_remove(sessions->link.directory, session->id);
    publish_leave(session);
    sessions_listen(session, false);
    sessions->hooks->leave_feed(session);
    list_remove(&sessions->moving, &session->links.moving);
    list_remove(&sessions->all, &session->links.all);
    sessions->count--;
    transport_close(&session->transport);
    list_add_first(&sessions->dead, &session->links.all); // freed at the end of the turn, as callers still use it
    sessions_count_changed(sessions);
}

void session_end_connection(struct session *session)
{
    session_end(session, transport_has_failed(&session->transport) ? END_CONNECTION_FAILED : END_OF_STREAM);
}

void session_plugin_failed(struct session *session, const struct amp_plugin *plugin, const char *what)
{
    struct log_context log = session_log(session);

    if (session_is_dead(session))
        return;
    log_error(&log, "plugin failed plugin=%s what=\"%s\"", plugin->name, what);
    session_end(session, END_PLUGIN_FAILED);
}

void session_finish(struct session *session)
{
    if (session_is_ending(session))
        return;
    session_leave_event_wait(session);
    for (struct list_node *node = session->asks.list.first; node != NULL; node = node->next)
        ask_withdraw(LIST_OBJECT(node, struct ask, of_session)); // the answer could not be sent any more
    session_enter(session, SESSION_FINISHING);
    session->reading.sent_before = (uint32_t)transport_sent(&session->transport);
    if (session->detached)
        session_keys_remove(session->sessions->link.keys, session->id); // at once: no request finds it any more
    publish_session(session);
    session->sessions->hooks->leave_feed(session);
    sessions_mark_dirty(session);
}

bool session_is_encoded(const struct session *session)
{
    return session->format.protocol == NULL || session->format.streaming || session->format.collecting;
}
