// control.c: the private action SimControl, with which a test changes rates and asks for faults while clients are
// connected.
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actions.h"
#include "background.h"
#include "calls.h"
#include "reply.h"

static bool is_meant(const struct session *session, const struct session *asking, const char *which)
{
    if (*which == '\0' || strcasecmp(which, "this") == 0)
        return session == asking;
    if (strcasecmp(which, "all") == 0)
        return true;
    if (strcasecmp(which, "others") == 0)
        return session != asking;
    return session->number == strtoul(which, NULL, 10);
}

static void apply_faults(struct session *session, const struct request *request)
{
    const char *drop = request_find(request, "Drop");
    const char *cut = request_find(request, "Cut");
    const char *split = request_find(request, "Split");
    const char *stall = request_find(request, "Stall");
    if (*drop != '\0') {
        session->outbox.faults.drop_after = strtoll(drop, NULL, 10);
        session->outbox.dropped = session->outbox.faults.drop_after == 0;
    }
    if (*cut != '\0')
        session->outbox.faults.cut_ms = strcasecmp(cut, "off") == 0 ? -1 : llabs(strtoll(cut, NULL, 10));
    if (*split != '\0')
        session->outbox.faults.split_bytes = llabs(strtoll(split, NULL, 10));
    if (*stall != '\0')
        outbox_stall(&session->outbox, strtoll(stall, NULL, 10));
    if (strcasecmp(request_find(request, "Kill"), "yes") == 0) {
        session->closing = true;
        event_active(session->reaper, EV_TIMEOUT, 0);
    }
    session_check_backlog(session);
}

void action_sim_control(struct session *session)
{
    struct simulator *simulator = session->simulator;
    const char *rate = argument(session, "Rate");
    const char *events = argument(session, "Events");
    const char *calls = argument(session, "Calls");
    const char *refuse = argument(session, "RefuseLogin");
    const char *which = argument(session, "Connection");
    if (*which == '\0' && strcasecmp(argument(session, "Kill"), "yes") == 0)
        which = "all";
    reply_success(session, "Done"); // before the faults, so that they do not hit it
    if (*events != '\0')
        background_limit(simulator->background, strtoll(events, NULL, 10));
    if (*rate != '\0')
        background_rate(simulator->background, strtoll(rate, NULL, 10));
    if (*refuse != '\0')
        simulator->refuse = strtoll(refuse, NULL, 10);
    if (*calls != '\0') {
        simulator->calls_wanted = strtoll(calls, NULL, 10);
        calls_dial(simulator);
    }
    for (struct session *one = simulator->sessions; one != NULL; one = one->next)
        if (is_meant(one, session, which))
            apply_faults(one, &session->request);
}
