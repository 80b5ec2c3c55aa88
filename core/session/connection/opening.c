// core/session/connection/opening.c: see opening.h.
#include "session/connection/opening.h"

#include "ami/event_filter.h"
#include "base/clock.h"
#include "base/memory.h"
#include "net/tls.h"
#include "session/access/limits.h"
#include "session/access/login.h"
#include "session/client/publish.h"
#include "session/client/set.h"
#include "session/connection/detached.h"
#include "session/connection/detect.h"
#include "session/connection/formats.h"
#include "session/connection/input.h"
#include "session/connection/sessions.h"
#include "session/delivery/resume.h"

#include <stdio.h>
#include <stdlib.h>

static void on_transport(struct transport *transport, enum transport_event event, void *context);

/** Makes a session that has no connection yet. @param listen_config  that `listen` belongs to; a reference is taken */
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

/** Makes the complete session visible to others: in the log, the metrics and the directory. */
static void session_announce(struct session *session)
{
    struct log_context log;

    if (session->listen->control)
        login_as(session, NULL, 0); // no events until it asks for them
    else if (session->sessions->config->auth.required)
        login_expect(session);
    else
        login_open(session);
    log = session_log(session);
    log_info(&log, session->exported != NULL ? "session opened for an export"
                   : session->detached       ? "session opened without a connection"
                                             : "session opened");
    metric_add(&session->sessions->metrics->opened, 1);
    publish_session(session);
}

struct session *session_create(struct sessions *sessions, const struct accepted *accepted)
{
    const struct listen_config *listen = &sessions->config->listen[accepted->listener];
    struct session *session =
        session_begin(sessions, sessions->config, listen, accepted->session_id, accepted->address);

    session->listener_number = accepted->listener_number;
    if (accepted->balancer)
        session->balancer = memory_text(accepted->address);
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

struct session *session_create_exported(struct sessions *sessions, struct exported *exported, const char *name,
                                        const struct amp_plugin *format)
{
    static const struct listen_config nowhere = {
        .address = "", .input = "export", .output = "standard", .banner = "", .autofilter = AUTOFILTER_UNIQUE};
    char address[LISTENER_ADDRESS_SIZE];
    struct session *session;

    snprintf(address, sizeof address, "export/%s", name);
    session =
        session_begin(sessions, sessions->config, &nowhere, session_limits_next_id(sessions->link.limits), address);
    session->listener_number = UINT32_MAX;
    session->exported = exported;
    session->detached = true;
    session->format.output = format;
    session->input.heard = true;
    session->detection.judged = true;
    session_announce(session);
    return session;
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

// --- the end ----------------------------------------------------------------------------------------------------

static void drop_held(struct session *session)
{
    for (struct list_node *node; (node = list_take_first(&session->input.held)) != NULL;) {
        struct held *gone = LIST_OBJECT(node, struct held, node);
        message_unref(gone->message);
        free(gone->reason);
        pool_give(&session->sessions->held, gone);
    }
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
    detached_refuse(session);
    formats_end(session); // may still hand in messages, which drop_held() frees
    drop_held(session);
    output_fini(&session->output);
    tls_context_unref(session->detection.tls);
    amp_input_fini(&session->input.messages);
    login_abandon(session);
    wait_clear(&session->wait);
    resume_fini(session);
    event_filters_unref(session->events.filters);
    free(session->balancer);
    free(session->events.last_id);
    free(session->challenge);
    free(session->last.name);
    free(session->asks.server);
    free(session->input.unread);
    config_unref(session->config);
    config_unref(session->listen_config);
    free(session);
}
