// core/session/connection/session.c: see session.h: opening, writing and closing.
#include "session/connection/session.h"

#include "ami/event_filter.h"
#include "base/clock.h"
#include "base/memory.h"
#include "net/tls.h"
#include "session/access/login.h"
#include "session/connection/detached.h"
#include "session/connection/detect.h"
#include "session/connection/formats.h"
#include "session/connection/input.h"
#include "session/connection/set.h"
#include "session/delivery/event_actions.h"
#include "session/delivery/feeds.h"
#include "session/delivery/slow.h"
#include "session/keys.h"
#include "session/scripting/host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define LAG_MS 1000 // a client that reads nothing for so long lags

static void on_transport(struct transport *transport, enum transport_event event, void *context);

struct log_context session_log(const struct session *session)
{
    struct log_context log;
    char quoted[64];
    const char *user = session->user != NULL ? session->user->name : session->authenticated ? "*" : "-";

    snprintf(log.text, sizeof log.text, "session=%" PRIu64 " user=%s address=%s", session->id,
             log_text(quoted, sizeof quoted, user), session->address);
    return log;
}

/** A session that has no connection yet. @param listen_config  that `listen` belongs to; a reference is taken */
static struct session *session_begin(struct sessions *sessions, struct config *listen_config,
                                     const struct listen_config *listen, uint64_t id, const char *address)
{
    struct session *session = memory_zero(1, sizeof *session);
    const struct config *config = sessions->config;

    session->sessions = sessions;
    session->config = config_ref(sessions->config);
    session->listen_config = config_ref(listen_config);
    session->id = id;
    session->handle = handles_add(&sessions->handles, session);
    map_add(&sessions->by_id, &session->by_id, 0, (struct span){(const char *)&session->id, sizeof session->id});
    session->listen = listen;
    session->events.autofilter = session->listen->autofilter;
    session->format.output = registry_find(sessions->registry, session->listen->output);
    amp_input_init(&session->input.messages, config->limits.message_bytes, input_take_message, session);
    session->input.messages.header_limit = config->limits.headers;
    session->active_ms = session->rate.counted_ms = session->opened_ms = clock_ms();
    session->rate.allowance = (double)config->limits.actions_per_second;
    snprintf(session->address, sizeof session->address, "%s", address);
    transport_init_closed(&session->transport);
    return session;
}

/** It is complete: whoever looks may see it. */
static void session_announce(struct session *session)
{
    struct log_context log;

    if (session->sessions->config->auth.required)
        login_expect(session);
    else
        login_open(session);
    log = session_log(session);
    log_info(&log, session->detached ? "session opened without a connection" : "session opened");
    metric_add(&session->sessions->metrics->opened, 1);
    session_publish(session);
}

struct session *session_create(struct sessions *sessions, const struct accepted *accepted)
{
    const struct listen_config *listen = &sessions->config->listen[accepted->listener];
    struct session *session =
        session_begin(sessions, sessions->config, listen, accepted->session_id, accepted->address);

    session->listener_number = accepted->listener_number;
    transport_init(&session->transport, sessions->base, accepted->fd, on_transport, session);
    session->detection.tls = accepted->tls;
    session_announce(session);
    return session;
}

struct session *session_create_detached(const struct session *opener, uint64_t id)
{
    struct session *session =
        session_begin(opener->sessions, opener->listen_config, opener->listen, id, opener->address);

    session->listener_number = opener->listener_number;
    session->detached = true;
    session->input.heard = true;
    session->detection.judged = true;
    session_announce(session);
    return session;
}

static void drop_held(struct session *session)
{
    while (session->input.held_first != NULL) {
        struct held *gone = session->input.held_first;
        session->input.held_first = gone->next;
        message_unref(gone->message);
        free(gone->reason);
        pool_give(&session->sessions->held, gone);
    }
    session->input.held_last = NULL;
    session->input.held_count = 0;
}

/** Withdraws the session's asks. The hub keeps them until they are answered, but their handle finds no session. */
static void leave_asks(struct session *session)
{
    if (session->asks.count > 0)
        metric_add(&session->sessions->metrics->abandoned, session->asks.count);
    for (struct list_node *node; (node = list_take_first(&session->asks.list)) != NULL;) {
        struct ask *ask = LIST_OBJECT(node, struct ask, of_session);
        ask_withdraw(ask);
        ask_unref(ask);
    }
    session->asks.count = 0;
}

void session_destroy(struct session *session)
{
    transport_close(&session->transport);
    leave_asks(session);
    formats_end(session); // may still hand in messages, which drop_held() frees
    drop_held(session);
    output_fini(&session->output);
    tls_context_unref(session->detection.tls);
    amp_input_fini(&session->input.messages);
    login_abandon(session);
    wait_clear(&session->wait);
    resume_fini(session);
    event_filters_unref(session->events.filters);
    free(session->events.last_id);
    free(session->asks.server);
    free(session->input.unread);
    config_unref(session->config);
    config_unref(session->listen_config);
    free(session);
}

void session_end(struct session *session, enum session_end_reason reason)
{
    struct sessions *sessions = session->sessions;
    const char *text = end_text(reason) != NULL ? end_text(reason) : transport_reason(&session->transport);
    char quoted[200];

    if (session_is_dead(session))
        return;
    detached_withdraw(session);
    struct log_context log = session_log(session);
    log_info(&log, "session closed reason=%s", log_text(quoted, sizeof quoted, text));
    session_count_end(session, reason);
    script_host_tell(session, SCRIPT_SESSION_CLOSED);
    script_host_forget(session);
    login_abandon(session);
    map_remove(&sessions->by_id, &session->by_id);
    handles_remove(&sessions->handles, session->handle); // from here on the handle finds nothing
    event_actions_forget(session);
    directory_remove(sessions->link.directory, session->id);
    session_leave_limits(session);
    detached_forget(session);
    session_enter(session, SESSION_DEAD);
    sessions_listen(session, false);
    feeds_move(session, NULL);
    list_remove(&sessions->moving, &session->links.moving);
    list_remove(&sessions->all, &session->links.all);
    sessions->count--;
    transport_close(&session->transport);
    list_add_first(&sessions->dead, &session->links.all); // freed at the end of the turn, as callers still use it
    sessions_count_changed(sessions);
}

void session_end_connection(struct session *session)
{
    session_end(session, transport_has_failed(&session->transport) ? END_CONNECTION_FAILED : END_OF_STREAM);
}

void session_plugin_failed(struct session *session, const struct amp_plugin *plugin, const char *what)
{
    struct log_context log = session_log(session);

    if (session_is_dead(session))
        return;
    log_error(&log, "plugin failed plugin=%s what=\"%s\"", plugin->name, what);
    session_end(session, END_PLUGIN_FAILED);
}

void session_finish(struct session *session)
{
    if (session_is_ending(session))
        return;
    event_actions_forget(session);
    for (struct list_node *node = session->asks.list.first; node != NULL; node = node->next)
        ask_withdraw(LIST_OBJECT(node, struct ask, of_session)); // the answer could not be sent any more
    session_enter(session, SESSION_FINISHING);
    if (session->detached)
        session_keys_remove(session->sessions->link.keys, session->id); // at once: no request finds it any more
    session_publish(session);
    feeds_move(session, NULL);
    sessions_mark_dirty(session);
}

/** After everything is written: shuts down writing and waits a little for the client to close first. If the proxy
 *  closed with unread input, the kernel would send a reset, and the client could lose what it has not read yet. */
static void linger(struct session *session)
{
    if (session->input.ended) {
        session_end(session, END_FINISHED);
        return;
    }
    session_enter(session, SESSION_LINGERING);
    transport_shutdown(&session->transport);
    transport_set_reading(&session->transport, true);
}

static void set_lagging(struct session *session, bool lagging)
{
    if (session->lag.lagging == lagging)
        return;
    struct log_context log = session_log(session);
    session->lag.lagging = lagging;
    transport_limit_unsent(&session->transport, lagging ? TRANSPORT_UNSENT_LAGGING : TRANSPORT_UNSENT);
    log_debug(&log, lagging ? "client lags" : "client has caught up");
}

/** Bytes wait in the proxy. @param waited  the kernel had no room before, and was offered nothing */
static void wait_for_room(struct session *session, bool waited)
{
    uint64_t backlog = output_backlog(&session->output);

    if (!waited)
        session->lag.since_ms = clock_ms();
    else if (!session->lag.lagging && clock_ms() - session->lag.since_ms >= LAG_MS)
        set_lagging(session, true);
    session_count_backlog(session, backlog, !waited);
    if (session->output.granted != 0 && !resume_excuses(session))
        session->output.granted = 0; // its time to read what it has missed is over
    if (backlog > session->sessions->config->limits.output_backlog)
        slow_apply(session);
}

void session_flush(struct session *session)
{
    bool waited = transport_is_writing(&session->transport);

    if (session->state >= SESSION_LINGERING)
        return;
    if (session->detached) {
        detached_flush(session);
        return;
    }
    if (!waited) {
        switch (output_flush(&session->output, &session->transport)) {
        case OUTPUT_FAILED:
            session_end_connection(session);
            return;
        case OUTPUT_DRAINED:
            session_count_backlog(session, 0, true);
            set_lagging(session, false);
            if (session->sessions->config->limits.idle_timeout_ms != 0)
                session->active_ms = clock_ms();
            if (session_is_ending(session))
                linger(session);
            else if (session->input.ended && session->format.protocol == NULL && session->asks.count == 0 &&
                     session->input.held_count == 0 && session->wait.why == WAIT_NONE)
                session_end(session, END_OF_STREAM);
            return;
        case OUTPUT_WAITING:
            break;
        }
    }
    wait_for_room(session, waited);
}

bool session_is_encoded(const struct session *session)
{
    return session->format.protocol == NULL || session->format.streaming || session->format.collecting;
}

static void on_transport(struct transport *transport, enum transport_event event, void *context)
{
    struct session *session = context;
    (void)transport;

    switch (event) {
    case TRANSPORT_READABLE:
        input_read(session);
        break;
    case TRANSPORT_WRITABLE:
        sessions_mark_dirty(session);
        break;
    case TRANSPORT_CLOSED:
        session_end_connection(session);
        break;
    case TRANSPORT_OPEN: // the handshake is done
        session->detection.encrypting = false;
        metric_add(&session->sessions->metrics->handshakes, 1);
        if (session_enter(session, SESSION_DETECTING))
            detect_begin(session);
        break;
    }
    sessions_flush(session->sessions);
}

void session_answered(struct session *session, struct ask *ask)
{
    ask->over = true;
    list_remove(&session->asks.list, &ask->of_session);
    session->asks.count--;
    ask_unref_to(&session->sessions->asks, ask);
    input_resume(session);
    sessions_mark_dirty(session);
}
