// core/session/delivery/event_actions.c: see event_actions.h.
#include "session/delivery/event_actions.h"

#include "ami/event_class.h"
#include "ami/event_filter.h"
#include "base/clock.h"
#include "session/client/due.h"
#include "session/client/set.h"
#include "session/delivery/feeds.h"
#include "session/delivery/give.h"
#include "session/delivery/reply.h"
#include "session/delivery/resume.h"

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
        reply_refuse(session, action, AMP_REASON_INVALID, "Invalid event mask");
        return;
    }
    session->events.mask = mask;
    feeds_choose(session);
    reply_begin(&answer, action, "Success");
    message_addf(&answer, "Events", "%s", mask != 0 ? "On" : "Off");
    session_send(session, message_build(&answer));
    resume_settle(session);
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
        reply_refuse(session, action, AMP_REASON_INVALID, "Unknown operation");
        return;
    }
    filters = event_filters_with(session->events.filters, expression, has_criteria ? &criteria : NULL, &fault);
    if (filters == NULL) {
        reply_refuse(session, action, AMP_REASON_INVALID, event_filter_text(fault));
        return;
    }
    event_filters_unref(session->events.filters);
    session->events.filters = filters;
    feeds_choose(session);
    if (session->view_feed != NULL &&
        session->view_feed->filters != filters) { // the feed has an equal set of filters: share it
        event_filters_unref(session->events.filters);
        session->events.filters = event_filters_ref(session->view_feed->filters);
    }
    reply_text(session, action, "Success", "Success");
    resume_settle(session);
}

// --- waiting ----------------------------------------------------------------------------------------------------

/** Returns `Timeout:` in seconds; -1: no timeout. A text that is not a number means no timeout, as in Asterisk. */
static long timeout_of(const struct message *action)
{
    char text[16] = "", *end = text;
    struct span timeout;
    long seconds = -1;

    if (message_find(action, "Timeout", &timeout) && timeout.length > 0 && timeout.length < sizeof text) {
        memcpy(text, timeout.bytes, timeout.length);
        seconds = strtol(text, &end, 10);
    }
    return end == text || seconds < 0 ? -1 : seconds < WAIT_MOST_S ? seconds : WAIT_MOST_S;
}

void event_actions_wait(struct session *session, const struct message *action)
{
    struct sessions *sessions = session->sessions;
    long seconds = timeout_of(action);
    bool is_request = session->format.protocol != NULL && !session->format.streaming;
    uint64_t until_ms;

    if (session->format.collecting) { // its protocol waits for collected events itself
        reply_text(session, action, "Success", "Waiting for Event completed.");
        return;
    }
    wait_begin(&session->wait, WAIT_EVENT, action); // the client's next action ends this wait
    list_add_first(&sessions->waiting, &session->links.waiting);
    if (is_request && (seconds < 0 || seconds > REQUEST_MOST_S))
        seconds = REQUEST_MOST_S; // a request is answered in time, with or without an event
    if (!is_request && session->input.ended)
        seconds = 0; // the client has hung up
    if (seconds < 0)
        return;
    until_ms = clock_ms() + 1000 * (uint64_t)seconds;
    if (is_request && session->timer_ms != 0 && session->timer_ms < until_ms)
        until_ms = session->timer_ms; // the protocol's own time limit comes first: session_expire()
    due_set_deadline(session, until_ms);
}

/** Sends the response, which comes before the events. */
static void event_actions_respond(struct session *session)
{
    struct message_builder answer;

    reply_begin(&answer, session->wait.action, "Success");
    message_addf(&answer, "Message", "Waiting for Event completed.");
    session_give(session, message_build(&answer), AMP_DELIVERY_ANSWER, false, AMP_REASON_NONE);
}

static void event_actions_complete(struct session *session)
{
    struct span id = message_action_id(session->wait.action);
    struct message_builder event;

    message_builder_init(&event);
    message_addf(&event, "Event", "WaitEventComplete");
    if (id.length > 0)
        message_add(&event, span_of("ActionID"), id);
    session_leave_event_wait(session);
    session_give(session, message_build(&event), AMP_DELIVERY_ANSWER, true, AMP_REASON_NONE);
    if (!session_is_dead(session))
        session_resume(session);
    sessions_mark_dirty(session);
}

void event_actions_give_up(struct session *session)
{
    if (session->wait.why != WAIT_EVENT)
        return;
    if (!session->wait.announced)
        event_actions_respond(session);
    if (session->wait.why == WAIT_EVENT)
        event_actions_complete(session);
}

void event_actions_happen(struct session *session, const struct message *event, bool sent)
{
    if (!sent) {
        session->wait.announced = true;
        event_actions_respond(session);
        return;
    }
    if (event != NULL && !session_is_encoded(session) && !sessions_is_listening(session))
        session_give(session, message_ref(event), AMP_DELIVERY_ANSWER, false, AMP_REASON_NONE);
    if (session->wait.why == WAIT_EVENT)
        event_actions_complete(session);
}
