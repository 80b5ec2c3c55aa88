// core/session/delivery/snapshot.c: see snapshot.h.
#include "session/delivery/snapshot.h"

#include "ami/event_class.h"
#include "ami/event_filter.h"
#include "session/client/set.h"
#include "session/delivery/give.h"

static void snapshot_send(void *context, struct message *message)
{
    struct session *session = context;
    struct message *seen;

    if (!event_class_visible(message->classes, session->events.mask & session->read))
        return;
    seen = session->view == NULL ? message_ref(message) : view_replay(session->view, message);
    if (seen != NULL && !event_filters_pass(session->events.filters, seen)) {
        message_unref(seen);
        seen = NULL;
    }
    if (seen != NULL)
        session_give(session, seen, AMP_DELIVERY_EVENT, false, AMP_REASON_NONE);
}

void snapshot_tell(struct session *session)
{
    const struct calls *calls = session->sessions->verdicts.calls;
    bool has_rule = session->view != NULL && session->view->rule != VIEW_NO_RULE;

    if (calls == NULL || session->user == NULL || !session->user->snapshot ||
        !(session_is_encoded(session) || sessions_is_listening(session)))
        return;
    calls_snapshot(calls, has_rule ? session->view->rule : CALLS_ANY, snapshot_send, session);
}
