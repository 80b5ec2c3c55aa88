// core/session/connection/move.c: see move.h.
#include "session/connection/move.h"

#include "base/memory.h"
#include "session/access/by_token.h"
#include "session/client/count.h"
#include "session/client/due.h"
#include "session/client/set.h"
#include "session/connection/drain.h"
#include "session/connection/input.h"
#include "session/connection/opening.h"
#include "session/connection/reconfigure.h"
#include "session/connection/sessions.h"
#include "session/delivery/feeds.h"
#include "session/delivery/own_frame.h"
#include "session/delivery/resume.h"
#include "session/scripting/host.h"

#include <stdlib.h>

void move_begin(struct session *session, uint32_t worker)
{
    struct sessions *sessions = session->sessions;

    resume_make(session)->worker = worker;
    wait_begin(&session->wait, WAIT_MOVE, NULL);
    if (!list_has(&sessions->moving, &session->links.moving))
        list_add_first(&sessions->moving, &session->links.moving);
    sessions_mark_dirty(session);
}

/** Takes a session off all lists and tables of this worker. */
static void move_detach(struct sessions *sessions, struct session *session)
{
    count_backlog(session, 0, true);
    script_host_tell(session, SCRIPT_SESSION_CLOSED);
    script_host_forget(session);
    map_remove(&sessions->by_id, &session->by_id);
    handles_remove(&sessions->handles, session->handle);
    session->resume->listening = sessions_is_listening(session);
    sessions_listen(session, false);
    feeds_move(session, NULL);
    by_token_leave(session);
    deadlines_set(&sessions->times, &session->due, DEADLINE_NEVER);
    list_remove(&sessions->dirty, &session->links.dirty);
    list_remove(&sessions->all, &session->links.all);
    transport_leave(&session->transport);
    session->view = NULL;
    sessions_judge_audience(session, false);
    session->sessions = NULL;
    sessions->count--;
    sessions_count_changed(sessions);
}

void move_leave(struct sessions *sessions)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &sessions->moving);
    while ((node = list_step(&walk)) != NULL) {
        struct session *session = SESSION_AT(node, moving);
        if (session_is_ending(session)) {
            list_remove(&sessions->moving, node);
        } else if (session->asks.count == 0 && session->requests.sent == NULL) { // answers come to this worker
            struct log_context log = session_log(session);
            uint32_t worker = session->resume->worker;
            log_debug(&log, "session goes to worker=%u", worker);
            list_remove(&sessions->moving, node);
            move_detach(sessions, session);
            sessions->link.move(sessions->link.context, worker, session);
        }
    }
}

void move_arrive(struct sessions *sessions, struct session *session)
{
    session->sessions = sessions;
    session->handle = handles_add(&sessions->handles, session);
    map_add(&sessions->by_id, &session->by_id, 0, (struct span){(const char *)&session->id, sizeof session->id});
    list_add_first(&sessions->all, &session->links.all);
    by_token_arrive(session);
    sessions->count++;
    sessions_count_changed(sessions);
    transport_enter(&session->transport, sessions->base);
    sessions_listen(session, session->resume->listening);
    if (own_frame_is_wanted(session))
        sessions->own_frames = true;
    wait_end(&session->wait, WAIT_MOVE);
    script_host_tell(session, SCRIPT_SESSION_OPENED);
    if (session->identified)
        script_host_tell(session, SCRIPT_SESSION_LOGIN);
    reconfigure_session(session, sessions->config);
    if (!session_is_dead(session)) {
        due_watch(session);
        sessions_mark_dirty(session);
        resume_settle(session);
    }
    if (!session_is_dead(session))
        input_resume(session);
    drain_arrived(session);
    sessions_flush(sessions);
}

void move_discard(struct session *session)
{
    struct sessions *nowhere =
        memory_zero(1, sizeof *nowhere); // functions that a protocol still calls find no session in it

    session->sessions = nowhere;
    session->state = SESSION_DEAD;
    by_token_end(session);
    session_destroy(session);
    free(nowhere);
}
