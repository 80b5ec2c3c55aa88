// core/session/connection/detached.c: see detached.h. The functions of plugins for sessions without a connection
// (astmanproxy/plugin.h), and the way of a request: from a connection's session through the mailboxes of workers to the
// session that answers it, and back.
#include "session/connection/detached.h"

#include "base/clock.h"
#include "session/access/limits.h"
#include "session/client/count.h"
#include "session/client/due.h"
#include "session/client/publish.h"
#include "session/client/set.h"
#include "session/connection/formats.h"
#include "session/connection/input.h"
#include "session/connection/opening.h"
#include "session/delivery/feeds.h"
#include "session/delivery/slow.h"
#include "session/keys.h"
#include "session/scripting/host.h"

static struct session *detached_session_of(struct amp_session *session)
{
    return (struct session *)session;
}

static void detached_misuse(struct session *session, const char *what)
{
    session_plugin_failed(session, session->format.input, what);
}

/** Has the protocol the functions of sessions without a connection? Not if it was compiled for an earlier ABI. */
static bool detached_is_known_to(const struct amp_protocol *protocol)
{
    return protocol->size >= offsetof(struct amp_protocol, collected) + sizeof protocol->collected &&
           protocol->open_detached != NULL && protocol->request != NULL && protocol->answer != NULL &&
           protocol->collected != NULL;
}

// --- opening ----------------------------------------------------------------------------------------------------

/** Counts one more session. @return false: there is no room */
static bool detached_enter_limits(const struct session *opener, uint64_t id)
{
    const struct sessions *sessions = opener->sessions;
    struct session_limits_place place;

    if (session_limits_enter(sessions->link.limits, id, opener->address, sessions->config, clock_ms(), &place) !=
        SESSION_LIMITS_ENTERED)
        return false;
    if (place.displaced != 0)
        sessions->link.displace(sessions->link.context, place.displaced);
    return true;
}

static bool detached_open(struct session *opener, uint64_t id)
{
    struct sessions *sessions = opener->sessions;
    struct session *session = session_create_detached(opener, id);
    struct session_place place = {sessions->worker, session->handle};

    list_add_first(&sessions->all, &session->links.all);
    sessions->count++;
    sessions_count_changed(sessions);
    metric_add(&sessions->metrics->detached, 1);
    session_keys_place(sessions->link.keys, id, place);
    script_host_tell(session, SCRIPT_SESSION_OPENED);
    formats_speak(session, opener->format.input);
    return !session_is_dead(session);
}

enum amp_opened amp_session_open_detached(struct amp_session *session, const struct amp_key *key, uint64_t most)
{
    struct session *opener = detached_session_of(session);
    const struct sessions_link *link = &opener->sessions->link;
    enum session_keys_answer answer;
    uint64_t id, displaced;

    if (session_is_dead(opener))
        return AMP_OPENED_NOT;
    if (key == NULL || opener->detached || !detached_is_known_to(opener->format.input->protocol)) {
        detached_misuse(opener, "amp_session_open_detached() without a key, a connection, or the functions for it");
        return AMP_OPENED_NOT;
    }
    id = session_limits_next_id(link->limits);
    answer = session_keys_add(link->keys, opener->format.input, key, id, most, &displaced);
    if (answer != SESSION_KEYS_ADDED)
        return answer == SESSION_KEYS_FULL ? AMP_OPENED_FULL : AMP_OPENED_NOT;
    if (displaced != 0)
        link->displace(link->context, displaced);
    if (!detached_enter_limits(opener, id)) {
        session_keys_remove(link->keys, id);
        return AMP_OPENED_NOT;
    }
    return detached_open(opener, id) ? AMP_OPENED : AMP_OPENED_NOT;
}

// --- a request and its answer -----------------------------------------------------------------------------------

static void detached_pass_on(const struct sessions *sessions, struct session_request *request)
{
    sessions->link.request(sessions->link.context, request);
}

bool amp_session_request(struct amp_session *session, const struct amp_key *key, struct amp_bytes bytes)
{
    struct session *own = detached_session_of(session);
    struct session_request *request;
    struct session_place to;
    bool known;

    if (session_is_dead(own))
        return false;
    if (key == NULL || own->detached || own->requests.sent != NULL || (bytes.bytes == NULL && bytes.length > 0)) {
        detached_misuse(
            own, "amp_session_request() without a key, a connection, or bytes, or before the last one was answered");
        return false;
    }
    if (!session_keys_find(own->sessions->link.keys, own->format.input, key, &to, &known))
        return false;
    request = session_request_create(bytes.length > 0 ? bytes.bytes : "", bytes.length);
    request->from = (struct session_place){own->sessions->worker, own->handle};
    request->to = to;
    own->requests.sent = session_request_ref(request);
    if (known)
        publish_vouch(own);
    detached_pass_on(own->sessions, request);
    return true;
}

/** Sends the answer back to the asking session's worker.
 *  @param request  taken; is on no session's list any more
 *  @param bytes  NULL: there is no answer */
static void detached_answer(const struct sessions *sessions, struct session_request *request, const char *bytes,
                            size_t length)
{
    request->at = NULL;
    request->answered = true;
    session_request_set(request, bytes, length);
    detached_pass_on(sessions, request);
}

void amp_request_answer(struct amp_request *handle, struct amp_bytes answer)
{
    struct session_request *request = (struct session_request *)handle;
    struct session *session;

    if (request == NULL || request->at == NULL)
        return;
    session = sessions_find(request->at, request->to.handle);
    if (session == NULL)
        return; // it has ended: detached_refuse() answers
    list_remove(&session->requests.open, &request->of_session);
    detached_answer(session->sessions, request, answer.bytes == NULL ? "" : answer.bytes,
                    answer.bytes == NULL ? 0 : answer.length);
}

bool amp_request_is_withdrawn(const struct amp_request *request)
{
    return atomic_load_explicit(&((const struct session_request *)request)->withdrawn, memory_order_relaxed);
}

/** Passes a request to the protocol of its session, which is one of this worker's. */
static void detached_take_question(struct sessions *sessions, struct session_request *request)
{
    struct session *session = sessions_find(sessions, request->to.handle);

    if (session == NULL || session_is_ending(session)) {
        detached_answer(sessions, request, NULL, 0);
        return;
    }
    request->at = sessions;
    list_add_last(&session->requests.open, &request->of_session);
    session->active_ms = clock_ms();
    session->format.input->protocol->request(session->format.protocol, (struct amp_request *)request,
                                             (struct amp_bytes){request->bytes, request->length});
    sessions_mark_dirty(session);
}

/** Passes an answer to the protocol of the session that has asked, which is one of this worker's. */
static void detached_take_answer(struct sessions *sessions, struct session_request *request)
{
    struct session *session = sessions_find(sessions, request->from.handle);

    if (session != NULL && session->requests.sent == request) {
        session->requests.sent = NULL;
        session_request_unref(request);
        if (!session_is_ending(session))
            session->format.input->protocol->answer(session->format.protocol,
                                                    (struct amp_bytes){request->bytes, request->length});
        if (!session_is_dead(session))
            input_resume(session);
        sessions_mark_dirty(session);
    }
    session_request_unref(request);
}

void detached_take_request(struct sessions *sessions, struct session_request *request)
{
    if (request->answered)
        detached_take_answer(sessions, request);
    else
        detached_take_question(sessions, request);
}

void detached_forget(const struct session *session)
{
    const struct sessions *sessions = session->sessions;

    if (!session->detached || session->exported != NULL)
        return;
    session_keys_remove(sessions->link.keys, session->id);
    metric_add(&sessions->metrics->detached, (uint64_t)-1);
}

void detached_refuse(struct session *session)
{
    for (struct list_node *node; (node = list_take_first(&session->requests.open)) != NULL;)
        detached_answer(session->sessions, LIST_OBJECT(node, struct session_request, of_session), NULL, 0);
}

// --- what is collected ------------------------------------------------------------------------------------------

void amp_session_collect(struct amp_session *session, const struct amp_plugin *format)
{
    struct session *own = detached_session_of(session);

    if (session_is_dead(own))
        return;
    if (!own->detached || format == NULL || (format->capabilities & AMP_CAN_ENCODE) == 0) {
        detached_misuse(own, "amp_session_collect() of a connection, or without a format that encodes");
        return;
    }
    own->format.output = format;
    own->format.collecting = true;
    feeds_choose(own);
}

bool amp_session_take(struct amp_session *session, void (*write)(void *context, const char *bytes, size_t length),
                      void *context)
{
    struct session *own = detached_session_of(session);

    if (write == NULL || !own->detached || session_is_dead(own) || output_is_empty(&own->output))
        return false;
    output_take(&own->output, write, context);
    count_backlog(own, output_backlog(&own->output), false);
    return true;
}

void detached_flush(struct session *session)
{
    uint64_t backlog;

    if (session_is_ending(session)) {
        session_end(session, END_FINISHED);
        return;
    }
    if (session->format.protocol != NULL && !output_is_empty(&session->output))
        session->format.input->protocol->collected(session->format.protocol);
    if (session_is_dead(session))
        return;
    backlog = output_backlog(&session->output);
    count_backlog(session, backlog, false);
    if (backlog > session->sessions->config->limits.output_backlog)
        slow_apply(session);
}
