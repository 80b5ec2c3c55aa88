// core/session/connection/expire.c: see expire.h.
#include "session/connection/expire.h"

#include "base/clock.h"
#include "session/access/login.h"
#include "session/client/due.h"
#include "session/client/set.h"
#include "session/connection/detect.h"
#include "session/connection/drain.h"
#include "session/connection/input.h"
#include "session/delivery/event_actions.h"

#define CHECK_MS 60000          // longest check of a secret after the time limit for logging in
#define LEAST_READ (64U * 1024) // bytes of its last answer that a client must read in the time of SESSION_FINISHING

/** Handles the expiry of the timer: that of the TLS handshake, of the first byte, or the protocol's own. */
static void on_timer(struct session *session)
{
    due_set_timer(session, 0);
    if (session_is_ending(session))
        return;
    if (session->format.protocol != NULL) {
        session->format.input->protocol->timer(session->format.protocol);
        input_resume(session);
    } else if (session->format.input == NULL) {
        detect_expire(session);
        if (!session_is_dead(session) && session->format.input != NULL)
            input_resume(session);
    } else {
        input_stop_looking(session);
    }
}

/** Ends the session because the time limit for logging in is reached. A protocol may first finish the request that it
 * is working on: the session ends after the answer, unless that request logs in. */
static void on_no_login(struct session *session)
{
    uint64_t timeout_ms = session->sessions->config->auth.timeout_ms;

    if (session->wait.why == WAIT_CREDENTIALS &&
        clock_ms() < session->login_by_ms + CHECK_MS) { // the client waits for the proxy
        due_set_deadline(session, clock_ms() + 1000);
    } else if (!session_is_encoded(session) && !session->detached && clock_ms() < session->login_by_ms + timeout_ms &&
               drain_ask(session)) {
        if (!session_is_ending(session))
            due_set_deadline(session, session->login_by_ms + timeout_ms);
    } else {
        session_end(session, END_NO_LOGIN);
    }
}

/** Gives a client that reads its last answer, but slowly, as much time again. Not while the proxy waits for its
 * sessions alone. @return false: it reads too little, or has had its time */
static bool expire_later(struct session *session)
{
    const struct sessions *sessions = session->sessions;
    uint32_t sent = (uint32_t)transport_sent(&session->transport);
    uint64_t now = clock_ms();

    if (session->state != SESSION_FINISHING || sent - session->reading.sent_before < LEAST_READ ||
        (sessions->drain != NULL && now >= sessions->close_by_ms))
        return false;
    session->reading.sent_before = sent;
    due_set_deadline(session, now + session_state_stay_ms(SESSION_FINISHING));
    return true;
}

static void on_deadline(struct session *session)
{
    due_set_deadline(session, 0);
    if (session_is_ending(session)) {
        if (expire_later(session))
            return;
        session_end(session, session->state == SESSION_LINGERING ? END_FINISHED : END_LAST_ANSWER_UNREAD);
    } else if (session->wait.why == WAIT_LOGIN_DELAY) {
        login_refuse(session);
        if (session->login_by_ms != 0 && clock_ms() >= session->login_by_ms) {
            session_finish(session); // the time limit for logging in was reached during the delay
            return;
        }
        input_resume(session);
    } else if (session->wait.why == WAIT_EVENT) {
        event_actions_give_up(session);
    } else if (!session->authenticated && !session->vouched) {
        on_no_login(session);
    }
}

/** Has nothing been read from or written to the session for limits.idle_timeout, and is nothing in progress? */
static bool is_idle(const struct session *session, uint64_t now_ms)
{
    uint64_t limit = session->sessions->config->limits.idle_timeout_ms;

    return limit != 0 && session->authenticated && session->exported == NULL && !session_is_ending(session) &&
           session->asks.count == 0 && session->requests.sent == NULL && session->requests.open.first == NULL &&
           !wait_is_work(session->wait.why) && now_ms - session->active_ms >= limit;
}

void session_expire(struct session *session, uint64_t now_ms)
{
    if (session->wait.why == WAIT_RATE && now_ms >= due_rate_ms(session)) {
        wait_end(&session->wait, WAIT_RATE);
        input_resume(session);
        if (session_is_dead(session))
            return;
    }
    if (is_idle(session, now_ms)) {
        session_end(session, END_IDLE);
        return;
    }
    if (session->deadline_ms != 0 && now_ms >= session->deadline_ms)
        on_deadline(session);
    if (session->timer_ms != 0 && now_ms >= session->timer_ms && !session_is_dead(session))
        on_timer(session);
    due_watch(session); // what it waits for next
}
