// core/session/client/set.c: see set.h.
#include "session/client/set.h"

struct session *sessions_find(const struct sessions *sessions, struct handle handle)
{
    return handles_find(&sessions->handles, handle);
}

void sessions_count_changed(struct sessions *sessions)
{
    sessions->link.changed(sessions->link.context, sessions->count, sessions->promiscuous);
}

void sessions_change_audience(struct sessions *sessions, int more)
{
    bool present;

    sessions->audience += (size_t)more;
    present = sessions->audience > 0 || sessions->verdicts.calls != NULL || sessions->verdicts.stateful_count > 0;
    if (present == sessions->has_audience)
        return;
    sessions->has_audience = present;
    sessions->link.audience(sessions->link.context, present);
}

void sessions_judge_audience(struct session *session, bool logged_in)
{
    bool counts = logged_in && (session->exported == NULL || (session->view != NULL && session->view->count > 0));

    if (counts == session->counted.audience)
        return;
    session->counted.audience = counts;
    sessions_change_audience(session->sessions, counts ? 1 : -1);
}

void sessions_mark_dirty(struct session *session)
{
    struct list_head *dirty = &session->sessions->dirty;

    if (!session_is_dead(session) && !list_has(dirty, &session->links.dirty))
        list_add_first(dirty, &session->links.dirty);
}

bool sessions_is_listening(const struct session *session)
{
    return list_has(&session->sessions->listening, &session->links.listening);
}

void sessions_listen(struct session *session, bool on)
{
    struct list_head *listening = &session->sessions->listening;

    if (sessions_is_listening(session) == on)
        return;
    if (on) // at the front, which a caller that walks the list does not reach any more
        list_add_first(listening, &session->links.listening);
    else
        list_remove(listening, &session->links.listening);
}
