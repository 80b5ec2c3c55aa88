// core/session/connection/sessions.c: the sessions of one worker: feeds, deadlines, flushing, and closing.
#include "session/connection/sessions.h"

#include "base/clock.h"
#include "base/memory.h"
#include "session/connection/detect.h"
#include "session/connection/move.h"
#include "session/connection/set.h"
#include "session/delivery/encode.h"
#include "session/delivery/feeds.h"
#include "session/drain.h"
#include "session/scripting/host.h"

#include <event2/event.h>
#include <stdlib.h>

#define SPARE_BLOCKS 2048 // of each kind, kept for the next actions

static void on_timer(evutil_socket_t fd, short what, void *argument);

struct sessions *sessions_create(struct event_base *base, uint32_t worker, struct config *config,
                                 const struct registry *registry, const struct sessions_link *link)
{
    struct sessions *sessions = memory_zero(1, sizeof *sessions);

    sessions->base = base;
    sessions->started_ms = clock_ms();
    sessions->worker = worker;
    sessions->config = config_ref(config);
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
    script_host_init(sessions);
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
    free_dead(sessions);
    kept_fini(sessions);
    script_host_fini(sessions);
    encode_forget(sessions);
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

struct session *sessions_find(const struct sessions *sessions, struct handle handle)
{
    return handles_find(&sessions->handles, handle);
}

void sessions_count_changed(struct sessions *sessions)
{
    sessions->link.changed(sessions->link.context, sessions->count, sessions->promiscuous);
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

struct metric *sessions_events(struct sessions *sessions, const struct amp_plugin *format)
{
    size_t place = 0;

    while (place < METRICS_FORMATS - 1 && place < registry_count(sessions->registry) &&
           registry_at(sessions->registry, place) != format)
        place++;
    return &sessions->metrics->events[place];
}

// --- flushing ---------------------------------------------------------------------------------------------------

void sessions_mark_dirty(struct session *session)
{
    struct list_head *dirty = &session->sessions->dirty;

    if (!session_is_dead(session) && !list_has(dirty, &session->links.dirty))
        list_add_first(dirty, &session->links.dirty);
}

void sessions_flush(struct sessions *sessions)
{
    feeds_mark_readers(sessions);
    for (struct list_node *node; (node = list_take_first(&sessions->dirty)) != NULL;)
        session_flush(SESSION_AT(node, dirty));
    shared_settle(sessions);
    move_leave(sessions);
    free_dead(sessions);
    drain_check(sessions);
    script_host_arm(sessions);
}

// --- deadlines --------------------------------------------------------------------------------------------------

bool sessions_is_listening(const struct session *session)
{
    return list_has(&session->sessions->listening, &session->links.listening);
}

void sessions_listen(struct session *session, bool on)
{
    struct list_head *listening = &session->sessions->listening;

    if (sessions_is_listening(session) == on)
        return;
    if (on) // at the front, which a caller that walks the list does not reach any more
        list_add_first(listening, &session->links.listening);
    else
        list_remove(listening, &session->links.listening);
}

/** Has the timer call back at the earliest time. It may call too early, which does nothing. */
static void set_timer(struct sessions *sessions, uint64_t now)
{
    const struct deadline *first = deadlines_first(&sessions->times);
    uint64_t wait;
    struct timeval period;

    if (first == NULL || first->due_ms >= sessions->timer_ms)
        return;
    sessions->timer_ms = first->due_ms;
    wait = first->due_ms > now ? first->due_ms - now : 1; // not 0, so that I/O is handled between two calls
    period = (struct timeval){(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};
    event_add(sessions->timer, &period);
}

void sessions_watch(struct session *session)
{
    struct sessions *sessions = session->sessions;
    uint64_t due_ms = session_due_ms(session), before = session->due.place > 0 ? session->due.due_ms : DEADLINE_NEVER;

    deadlines_set(&sessions->times, &session->due, due_ms);
    if (due_ms < before && due_ms < sessions->timer_ms)
        set_timer(sessions, clock_ms());
}

static void on_timer(evutil_socket_t fd, short what, void *argument)
{
    struct sessions *sessions = argument;
    uint64_t now = clock_ms();
    struct deadline *first;
    (void)fd;
    (void)what;

    sessions->timer_ms = 0;                                         // nobody sets it meanwhile
    for (uint32_t most = sessions->times.count; most > 0; most--) { // what comes due again by this is for the next call
        first = deadlines_first(&sessions->times);
        if (first == NULL || first->due_ms > now)
            break;
        session_expire(LIST_OBJECT(first, struct session, due), now);
    }
    sessions->timer_ms = DEADLINE_NEVER;
    set_timer(sessions, now);
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
