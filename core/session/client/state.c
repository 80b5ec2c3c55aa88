// core/session/client/state.c: see state.h.
#include "session/client/state.h"

#include "base/clock.h"
#include "session/client/due.h"
#include "session/client/set.h"

#define AFTER(state) (1U << (state))

static const struct {
    const char *name;
    unsigned after;   // bit set of the states that it may follow
    uint64_t stay_ms; // longest stay, 0: configured
} states[SESSION_STATES] = {
    [SESSION_DETECTING] = {"detecting", AFTER(SESSION_HANDSHAKE), 0},
    [SESSION_HANDSHAKE] = {"handshake", AFTER(SESSION_DETECTING), 10000},
    [SESSION_OPEN] = {"open", AFTER(SESSION_DETECTING), 0},
    [SESSION_FINISHING] = {"finishing", // for the client to read its last answer; a slow reader gets it again
                           AFTER(SESSION_DETECTING) | AFTER(SESSION_HANDSHAKE) | AFTER(SESSION_OPEN), 10000},
    [SESSION_LINGERING] = {"lingering", AFTER(SESSION_FINISHING), 2000},
    [SESSION_DEAD] = {"dead", AFTER(SESSION_DEAD) - 1, 0},
};

const char *session_state_name(enum session_state state)
{
    return states[state].name;
}

bool session_state_may_follow(enum session_state from, enum session_state to)
{
    return (states[to].after & AFTER(from)) != 0;
}

uint64_t session_state_stay_ms(enum session_state state)
{
    return states[state].stay_ms;
}

/** Sets the time limit of the state, in place of that of the state before. A session that ends uses the deadline.
 * Before that the timer is used, because the deadline is the time limit for logging in. */
static void set_stay(struct session *session)
{
    uint64_t stay_ms = states[session->state].stay_ms, until_ms = stay_ms == 0 ? 0 : clock_ms() + stay_ms;

    session->timer_ms = 0;
    if (session->state >= SESSION_FINISHING)
        session->deadline_ms = until_ms;
    else
        session->timer_ms = until_ms;
    due_watch(session);
}

bool session_enter(struct session *session, enum session_state to)
{
    struct log_context log = session_log(session);

    if (!session_state_may_follow(session->state, to))
        return false;
    log_debug(&log, "session state from=%s to=%s", states[session->state].name, states[to].name);
    session->state = to;
    set_stay(session);
    return true;
}
