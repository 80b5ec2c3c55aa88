// core/session/event_actions.c: see event_actions.h.
#include "session/event_actions.h"

#include "ami/event_class.h"
#include "ami/event_filter.h"
#include "base/clock.h"
#include "session/actions.h"
#include "session/input.h"
#include "session/set.h"

#include <inttypes.h>
#include <stdlib.h>

#define WAIT_MOST_S (24 * 3600)
#define REQUEST_MOST_S 25

void event_actions_events(struct session *session, const struct message *action)
{
    struct message_builder answer;
    struct span text;
    uint32_t mask;

    message_find(action, "EventMask", &text);
    if (!event_mask_parse(text, &mask)) {
        actions_refuse(session, action, AMP_REASON_INVALID, "Invalid event mask");
        return;
    }
    session->mask = mask;
    session_choose_feed(session);
    actions_begin(&answer, action, "Success");
    message_addf(&answer, "Events", "%s", mask != 0 ? "On" : "Off");
    session_send(session, message_build(&answer));
}

void event_actions_filter(struct session *session, const struct message *action)
{
    struct span operation, expression, criteria;
    enum event_filter_fault fault;
    struct event_filters *filters;
    bool has_criteria;

    message_find(action, "Operation", &operation);
    message_find(action, "Filter", &expression);
    has_criteria = message_find(action, "MatchCriteria", &criteria);
    if (!span_is(operation, "Add")) {
        actions_refuse(session, action, AMP_REASON_INVALID, "Unknown operation");
        return;
    }
    filters = event_filters_with(session->filters, expression, has_criteria ? &criteria : NULL, &fault);
    if (filters == NULL) {
        actions_refuse(session, action, AMP_REASON_INVALID, event_filter_text(fault));
        return;
    }
    event_filters_unref(session->filters);
    session->filters = filters;
    session_choose_feed(session);
    actions_answer(session, action, "Success", "Success");
}

// --- waiting ----------------------------------------------------------------------------------------------------

void event_actions_wait(struct session *session, const struct message *action)
{
    struct sessions *sessions = session->sessions;
    char text[16] = "";
    struct span timeout;
    long seconds = -1;

    if (message_find(action, "Timeout", &timeout) && timeout.length > 0 && timeout.length < sizeof text) {
        memcpy(text, timeout.bytes, timeout.length);
        seconds = strtol(text, NULL, 10);
    }
    session->waiting = message_ref((struct message *)action);
    session->running = session->deferred = true; // what follows waits, and ends it
    session->next_waiting = sessions->waiting;
    sessions->waiting = session;
    if (session->protocol != NULL && !session->streaming && (seconds < 0 || seconds > REQUEST_MOST_S))
        seconds = REQUEST_MOST_S; // a request is answered in time, with or without an event
    if (seconds >= 0)
        session_set_deadline(session, clock_ms() + 1000 * (uint64_t)(seconds < WAIT_MOST_S ? seconds : WAIT_MOST_S));
}

void event_actions_forget(struct session *session)
{
    struct session **link = &session->sessions->waiting;

    if (session->waiting == NULL)
        return;
    while (*link != session)
        link = &(*link)->next_waiting;
    *link = session->next_waiting;
    message_unref(session->waiting);
    session->waiting = NULL;
    session->running = session->deferred = session->woken = false;
    if (!session->closing && !session->dead)
        session_set_deadline(session, 0);
}

/** The response, which comes before the events. */
static void respond(struct session *session)
{
    struct message_builder answer;

    actions_begin(&answer, session->waiting, "Success");
    message_addf(&answer, "Message", "Waiting for Event completed.");
    session_give(session, message_build(&answer), AMP_DELIVERY_ANSWER, false, AMP_REASON_NONE);
}

static void complete(struct session *session)
{
    struct span id = message_action_id(session->waiting);
    struct message_builder event;

    message_builder_init(&event);
    message_addf(&event, "Event", "WaitEventComplete");
    if (id.length > 0)
        message_add(&event, span_of("ActionID"), id);
    event_actions_forget(session);
    session_give(session, message_build(&event), AMP_DELIVERY_ANSWER, true, AMP_REASON_NONE);
    if (!session->dead)
        input_resume(session);
    sessions_mark_dirty(session);
}

void event_actions_give_up(struct session *session)
{
    respond(session);
    complete(session);
}

void event_actions_happen(struct session *session, const struct message *event, bool sent)
{
    if (!sent) {
        respond(session);
        return;
    }
    if (!session_is_encoded(session) && !session->listening)
        session_give(session, message_ref((struct message *)event), AMP_DELIVERY_ANSWER, false, AMP_REASON_NONE);
    if (session->waiting != NULL)
        complete(session);
}
