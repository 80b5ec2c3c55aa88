// core/session/client/wait.c: see wait.h.
#include "session/client/wait.h"

static const struct {
    bool stops_input, is_work;
} reasons[WAIT_REASONS] = {
    [WAIT_NONE] = {false, false},
    [WAIT_VERDICT] = {false, false}, // later actions are decoded, as they are while a
                                     // server works on one
    [WAIT_PROXY_ACTION] = {true, true},
    [WAIT_CREDENTIALS] = {true, true},
    [WAIT_LOGIN_DELAY] = {true, false},
    [WAIT_EVENT] = {true, true},
    [WAIT_FORMAT] = {true, false},
    [WAIT_RATE] = {true, false},
    [WAIT_MOVE] = {true, true},
};

void wait_begin(struct wait *wait, enum wait_reason why, const struct message *action)
{
    struct message *kept = action == NULL ? NULL : message_ref(action);

    wait_clear(wait);
    wait->why = why;
    wait->action = kept;
}

void wait_park(struct wait *wait, enum wait_reason why)
{
    if (wait->why == why)
        wait->parked = true;
}

bool wait_end(struct wait *wait, enum wait_reason why)
{
    bool parked = wait->parked;

    if (wait->why != why)
        return false;
    wait_clear(wait);
    return parked;
}

void wait_clear(struct wait *wait)
{
    message_unref(wait->action);
    *wait = (struct wait){0};
}

bool wait_stops_input(enum wait_reason why)
{
    return reasons[why].stops_input;
}

bool wait_is_work(enum wait_reason why)
{
    return reasons[why].is_work;
}
