// core/session/drain.c: see drain.h. A tick looks at all sessions and ends those that wait for nothing, some at a time:
// clients that were all closed at once would all come back at once.
#include "session/drain.h"

#include "ami/event_class.h"
#include "base/clock.h"
#include "session/connection/input.h"
#include "session/connection/set.h"
#include "session/delivery/event_actions.h"

#include <event2/event.h>

#define TICK_MS 20
#define PER_TICK 20   // sessions that are told, at least
#define FRESH_MS 1000 // a connection that has just come may say what it came for

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
    return action.length > 0; // else a ProxyKey, or nothing
}

/** Does it wait for an answer, or is it about to say its first word? */
static bool is_busy(const struct session *session, uint64_t now)
{
    if (session->asks.count > 0 || session->input.held_count > 0 || session->wait.why != WAIT_NONE)
        return true;
    bool beginning = !session->input.heard || (!session->authenticated && session->format.protocol == NULL);
    return beginning && !session->input.ended && now - session->opened_ms < FRESH_MS;
}

static const struct amp_protocol *protocol_of(const struct session *session)
{
    return session->format.protocol == NULL ? NULL : session->format.input->protocol;
}

/** Protocols of an older interface are not asked. @return false: it was not */
static bool tell_protocol(struct session *session, bool now)
{
    const struct amp_protocol *protocol = protocol_of(session);

    if (protocol == NULL || protocol->size < offsetof(struct amp_protocol, leave) + sizeof protocol->leave ||
        protocol->leave == NULL || session_is_ending(session))
        return false;
    protocol->leave(session->format.protocol, now);
    return true;
}

/** To who hears of what happens to the system. Never `Shutdown`: that is Asterisk's. */
static void tell_by_event(struct session *session)
{
    struct message_builder builder;

    if (session->view_feed == NULL || (session->events.mask & session->read & CLASS_SYSTEM) == 0)
        return;
    message_builder_init(&builder);
    message_addf(&builder, "Event", "ProxyShutdown");
    message_addf(&builder, "Privilege", "system,all");
    session_give(session, message_build(&builder), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
}

static void tell(struct session *session)
{
    struct message_builder builder;

    tell_by_event(session);
    message_builder_init(&builder);
    message_addf(&builder, "ProxyMessage", "Proxy Shutting Down");
    session_give(session, message_build(&builder), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
    tell_protocol(session, true);
    session_finish(session);
}

/** What it has sent already is read, so that it is refused and not passed over in silence. */
static bool has_more(struct session *session, uint64_t now)
{
    if (transport_is_reading(&session->transport) && !session->input.ended && session->detection.tls == NULL)
        input_read(session);
    return session_is_ending(session) || is_busy(session, now);
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
        if (session_is_ending(session) || (!late && (is_busy(session, now) || has_more(session, now))))
            continue;
        tell(session);
        quota -= quota > 0;
    }
    list_end(&walk);
    sessions_flush(sessions);
    sessions_rest(sessions);
}

void sessions_drain(struct sessions *sessions, uint64_t close_by_ms)
{
    struct timeval period = {0, TICK_MS * 1000};
    struct list_walk walk;
    struct list_node *node;

    log_debug(NULL, "draining worker=%u sessions=%zu", sessions->worker, sessions->count);
    sessions->close_by_ms = close_by_ms;
    sessions->drain = event_new(sessions->base, -1, EV_PERSIST, on_drain_tick, sessions);
    event_add(sessions->drain, &period);
    list_begin(&walk, &sessions->all);
    while ((node = list_step(&walk)) != NULL) {
        struct session *session = SESSION_AT(node, all);
        event_actions_give_up(session); // it waited for an event: it is answered
        tell_protocol(session, false);
    }
    on_drain_tick(-1, 0, sessions);
}

void drain_check(struct sessions *sessions)
{
    if (sessions->drain == NULL || sessions->drained || sessions->count > 0)
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
    return tell_protocol(session, false);
}
