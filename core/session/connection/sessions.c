// core/session/connection/sessions.c: see sessions.h.
#include "session/connection/sessions.h"

#include "base/audit.h"
#include "base/clock.h"
#include "base/memory.h"
#include "session/access/by_token.h"
#include "session/access/login.h"
#include "session/client/due.h"
#include "session/client/set.h"
#include "session/connection/detached.h"
#include "session/connection/detect.h"
#include "session/connection/drain.h"
#include "session/connection/expire.h"
#include "session/connection/exporting.h"
#include "session/connection/flush.h"
#include "session/connection/input.h"
#include "session/connection/move.h"
#include "session/connection/opening.h"
#include "session/connection/reconfigure.h"
#include "session/connection/script_timer.h"
#include "session/delivery/encode.h"
#include "session/delivery/feeds.h"
#include "session/delivery/kept.h"
#include "session/delivery/recode.h"
#include "session/delivery/shared.h"
#include "session/scripting/host.h"

#include <event2/event.h>
#include <stdlib.h>

#define SPARE_BLOCKS 2048 // of each kind, kept for the next actions

static void on_timer(evutil_socket_t fd, short what, void *argument);

static void on_leave_feed(struct session *session)
{
    feeds_move(session, NULL);
}

static void on_ending(struct session *session)
{
    script_host_tell(session, SCRIPT_SESSION_CLOSED);
    script_host_forget(session);
    login_abandon(session);
    by_token_end(session);
    audit_abandon(session->audited);
    session->audited = NULL;
    detached_forget(session);
    exporting_ended(session);
}

static void on_rest(struct sessions *sessions)
{
    sessions_flush(sessions);
    script_timer_rest(sessions);
}

static const struct session_hooks hooks = {
    .resume = input_resume, .leave_feed = on_leave_feed, .rest = on_rest, .ending = on_ending};

struct sessions *sessions_create(struct event_base *base, uint32_t worker, struct config *config,
                                 const struct registry *registry, const struct sessions_link *link)
{
    struct sessions *sessions = memory_zero(1, sizeof *sessions);

    sessions->hooks = &hooks;
    sessions->base = base;
    sessions->started_ms = clock_ms();
    sessions->worker = worker;
    sessions->config = config_ref(config);
    sessions->recoder = recoder_create(config);
    sessions->registry = registry;
    sessions->link = *link;
    sessions->metrics = metrics_worker(link->metrics, worker);
    sessions->timer = event_new(base, -1, 0, on_timer, sessions);
    sessions->timer_ms = DEADLINE_NEVER;
    sessions->state = memory_zero(1, sizeof *sessions->state);
    pthread_mutex_init(&sessions->state_lock, NULL);
    map_init(&sessions->by_id, false);
    pool_init(&sessions->asks, sizeof(struct ask), SPARE_BLOCKS);
    pool_init(&sessions->held, sizeof(struct held), SPARE_BLOCKS);
    message_builder_init(&sessions->spare);
    script_timer_init(sessions);
    kept_init(sessions);
    return sessions;
}

static void free_dead(struct sessions *sessions)
{
    for (struct list_node *node; (node = list_take_first(&sessions->dead)) != NULL;)
        session_destroy(SESSION_AT(node, all));
}

void sessions_destroy(struct sessions *sessions)
{
    while (sessions->all.first != NULL)
        session_end(SESSION_AT(sessions->all.first, all), END_PROXY_ENDS);
    while (list_take_first(&sessions->dirty) != NULL)
        continue; // nothing is written any more
    exporting_fini(sessions);
    free_dead(sessions);
    kept_fini(sessions);
    script_host_fini(sessions);
    script_timer_fini(sessions);
    encode_forget(sessions);
    recoder_destroy(sessions->recoder);
    calls_destroy(sessions->verdicts.calls);
    calls_destroy(sessions->replaced_rules);
    servers_state_destroy(sessions->state);
    pthread_mutex_destroy(&sessions->state_lock);
    event_free(sessions->timer);
    deadlines_fini(&sessions->times);
    drain_fini(sessions);
    amp_output_fini(&sessions->scratch);
    amp_output_fini(&sessions->framed);
    amp_output_fini(&sessions->before);
    amp_output_fini(&sessions->after);
    pool_fini(&sessions->asks);
    pool_fini(&sessions->held);
    message_builder_fini(&sessions->spare);
    handles_fini(&sessions->handles);
    map_fini(&sessions->by_id);
    config_unref(sessions->config);
    free(sessions);
}

void sessions_accept(struct sessions *sessions, const struct accepted *accepted)
{
    struct session *session = session_create(sessions, accepted);

    list_add_first(&sessions->all, &session->links.all);
    sessions->count++;
    sessions_count_changed(sessions);
    script_host_tell(session, SCRIPT_SESSION_OPENED);
    detect_start(session);
    sessions_flush(sessions);
}

// --- flushing ---------------------------------------------------------------------------------------------------

void sessions_flush(struct sessions *sessions)
{
    feeds_mark_readers(sessions);
    for (struct list_node *node; (node = list_take_first(&sessions->dirty)) != NULL;)
        session_flush(SESSION_AT(node, dirty));
    shared_settle(sessions);
    move_leave(sessions);
    free_dead(sessions);
    drain_check(sessions);
    script_timer_arm(sessions);
}

// --- deadlines --------------------------------------------------------------------------------------------------

static void on_timer(evutil_socket_t fd, short what, void *argument)
{
    struct sessions *sessions = argument;
    uint64_t now = clock_ms();
    struct deadline *first;
    (void)fd;
    (void)what;

    sessions->timer_ms = 0; // so that due_arm() does not set it meanwhile
    for (uint32_t most = sessions->times.count; most > 0;
         most--) { // a session that is due again at once waits for the next call
        first = deadlines_first(&sessions->times);
        if (first == NULL || first->due_ms > now)
            break;
        session_expire(LIST_OBJECT(first, struct session, due), now);
    }
    sessions->timer_ms = DEADLINE_NEVER;
    due_arm(sessions, now);
    sessions_flush(sessions);
}

void sessions_close_session(struct sessions *sessions, uint64_t id, bool idle)
{
    struct map_node *node = map_find(&sessions->by_id, 0, (struct span){(const char *)&id, sizeof id});
    struct session *session = (struct session *)(void *)node;

    if (session == NULL || (idle && (session->authenticated || session->wait.why == WAIT_CREDENTIALS)))
        return;
    session_end(session, idle ? END_MADE_ROOM : END_BY_OPERATOR);
}

void sessions_set_state(struct sessions *sessions, struct servers_state *state)
{
    struct servers_state *old = sessions->state;

    pthread_mutex_lock(&sessions->state_lock);
    sessions->state = state;
    pthread_mutex_unlock(&sessions->state_lock);
    script_host_tell_servers(sessions, old);
    servers_state_destroy(old);
}

struct calls *sessions_take_replaced(struct sessions *sessions)
{
    struct calls *replaced = sessions->replaced_rules;

    sessions->replaced_rules = NULL;
    return replaced;
}

// --- what other files of the room do ----------------------------------------------------------------------------

void sessions_rest(struct sessions *sessions)
{
    script_timer_rest(sessions);
}

void sessions_command_done(struct sessions *sessions, struct command *command)
{
    script_host_command_done(sessions, command);
}

void sessions_take_request(struct sessions *sessions, struct session_request *request)
{
    detached_take_request(sessions, request);
}

void sessions_end_exports(struct sessions *sessions)
{
    exporting_drain(sessions);
    sessions_flush(sessions);
}

void sessions_take_shipment(struct sessions *sessions, const struct shipment *shipment)
{
    exporting_take_shipment(sessions, shipment);
    sessions_flush(sessions);
}

void sessions_checked(struct sessions *sessions, const struct check *check)
{
    login_checked(sessions, check);
}

struct scripts *sessions_prepare(struct sessions *sessions, const struct config *config, struct error *err)
{
    return script_host_prepare(sessions, config, err);
}

void sessions_reconfigure(struct sessions *sessions, struct config *config, struct scripts *scripts)
{
    reconfigure_sessions(sessions, config, scripts);
}

void sessions_check_tokens(struct sessions *sessions)
{
    by_token_sweep(sessions);
    sessions_flush(sessions);
}

void sessions_drain(struct sessions *sessions, uint64_t close_by_ms)
{
    drain_start(sessions, close_by_ms);
}
