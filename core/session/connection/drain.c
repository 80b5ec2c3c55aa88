// core/session/connection/drain.c: see drain.h. Each tick ends some of the sessions that wait for nothing. If all
// clients were closed at once, all would reconnect at once.
#include "session/connection/drain.h"

#include "ami/event_class.h"
#include "base/clock.h"
#include "session/client/set.h"
#include "session/connection/exporting.h"
#include "session/connection/input.h"
#include "session/connection/script_timer.h"
#include "session/connection/sessions.h"
#include "session/delivery/event_actions.h"
#include "session/delivery/give.h"
#include "session/delivery/handover.h"

#include <event2/event.h>

#define TICK_MS 20
#define PER_TICK 20   // fewest sessions that a tick ends
#define FRESH_MS 1000 // time for a new connection to send its first action

bool drain_refuses(const struct session *session, struct span action, struct span proxy_action)
{
    static const char *const taken[] = {"Ping", "Login", "Challenge", "Logoff"};

    if (session->sessions->drain == NULL || span_is(proxy_action, "Logoff"))
        return false;
    if (proxy_action.length > 0)
        return true;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (span_is(action, taken[i]))
            return false;
    }
    return action.length > 0; // without an action the message is a ProxyKey, or invalid
}

/** Does the session wait for an answer, or is it too new to have sent its first action? */
static bool drain_is_busy(const struct session *session, uint64_t now)
{
    if (session->exported != NULL)
        return exporting_is_busy(session->sessions, session);
    if (session->asks.count > 0 || session->input.held_count > 0 || session->wait.why != WAIT_NONE ||
        session->requests.open.first != NULL || session->requests.sent != NULL)
        return true;
    bool beginning = !session->input.heard || (!session->authenticated && session->format.protocol == NULL);
    return beginning && !session->input.ended && now - session->opened_ms < FRESH_MS;
}

static const struct amp_protocol *drain_protocol_of(const struct session *session)
{
    return session->format.protocol == NULL ? NULL : session->format.input->protocol;
}

/** Calls leave() of the session's protocol. @return false: there is no protocol, or its ABI has no leave() */
static bool drain_tell_protocol(struct session *session, bool now)
{
    const struct amp_protocol *protocol = drain_protocol_of(session);

    if (protocol == NULL || protocol->size < offsetof(struct amp_protocol, leave) + sizeof protocol->leave ||
        protocol->leave == NULL || session_is_ending(session))
        return false;
    protocol->leave(session->format.protocol, now);
    return true;
}

/** Sends ProxyShutdown to a session that receives events of class system. (`Shutdown` would be
 *  Asterisk's own event.) */
static void drain_tell_by_event(struct session *session)
{
    struct message_builder builder;

    if (session->view_feed == NULL || (session->events.mask & session->read & CLASS_SYSTEM) == 0)
        return;
    message_builder_init(&builder);
    message_addf(&builder, "Event", "ProxyShutdown");
    message_addf(&builder, "Privilege", "system,all");
    session_give(session, message_build(&builder), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
}

static void drain_tell(struct session *session)
{
    struct message_builder builder;

    if (session->exported != NULL) {
        session_end(session, END_PROXY_ENDS);
        return;
    }
    drain_tell_by_event(session);
    message_builder_init(&builder);
    message_addf(&builder, "ProxyMessage", "Proxy Shutting Down");
    session_give(session, message_build(&builder), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
    drain_tell_protocol(session, true);
    session_finish(session);
}

/** Reads what the client has sent already, so that it is refused by an Error, not ignored. @return true: the session is
 *  ending or busy */
static bool drain_has_more(struct session *session, uint64_t now)
{
    if (transport_is_reading(&session->transport) && !session->input.ended && session->detection.tls == NULL)
        input_read(session);
    return session_is_ending(session) || drain_is_busy(session, now);
}

static void on_drain_tick(evutil_socket_t fd, short what, void *argument)
{
    struct sessions *sessions = argument;
    uint64_t now = clock_ms();
    uint64_t ticks = now < sessions->close_by_ms ? (sessions->close_by_ms - now) / TICK_MS + 1 : 1;
    uint64_t quota = sessions->count / ticks > PER_TICK ? sessions->count / ticks : PER_TICK;
    bool late = now >= sessions->close_by_ms;
    struct list_walk walk;
    struct list_node *node;
    (void)fd;
    (void)what;

    list_begin(&walk, &sessions->all);
    while ((quota > 0 || late) && (node = list_step(&walk)) != NULL) {
        struct session *session = SESSION_AT(node, all);
        if (session_is_ending(session) || (!late && (drain_is_busy(session, now) || drain_has_more(session, now))))
            continue;
        drain_tell(session);
        quota -= quota > 0;
    }
    list_end(&walk);
    sessions_flush(sessions);
    script_timer_rest(sessions);
}

void drain_start(struct sessions *sessions, uint64_t close_by_ms)
{
    struct timeval period = {0, TICK_MS * 1000};
    struct list_walk walk;
    struct list_node *node;

    log_debug(NULL, "draining worker=%u sessions=%zu", sessions->worker, sessions->count);
    handover_leave(sessions);
    sessions->close_by_ms = close_by_ms;
    sessions->drain = event_new(sessions->base, -1, EV_PERSIST, on_drain_tick, sessions);
    event_add(sessions->drain, &period);
    list_begin(&walk, &sessions->all);
    while ((node = list_step(&walk)) != NULL) {
        struct session *session = SESSION_AT(node, all);
        event_actions_give_up(session);
        drain_tell_protocol(session, false);
        if (session->exported != NULL)
            drain_tell_by_event(session);
    }
    on_drain_tick(-1, 0, sessions);
}

void drain_arrived(struct session *session)
{
    if (session->sessions->drained && !session_is_ending(session))
        drain_tell(session); // no tick does it
}

void drain_check(struct sessions *sessions)
{
    bool late = clock_ms() >= sessions->close_by_ms;

    if (sessions->drain == NULL || sessions->drained || sessions->count > 0 ||
        (!late && exporting_is_busy(sessions, NULL)))
        return;
    sessions->drained = true;
    event_del(sessions->drain);
    sessions->link.drained(sessions->link.context);
}

void drain_fini(struct sessions *sessions)
{
    if (sessions->drain != NULL)
        event_free(sessions->drain);
}

bool drain_ask(struct session *session)
{
    return drain_tell_protocol(session, false);
}
