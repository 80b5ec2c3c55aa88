// plugins/http/ajam_session.c: see ajam_session.h. The answer to an action is collected until it is complete. The
// program answers a WaitEvent at once; this file holds the answer until an event has been collected or the time is
// over.
#include "ajam_session.h"

#include "ajam_error.h"
#include "ajam_sequence.h"
#include "settings.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STRANGER_MS 5000     // without a login, as Asterisk has it
#define WAIT_MARGIN_MS 10000 // a WaitEvent ends this long before the session would
#define MOST_PENDING 64      // requests at once

/** The headers of a request's action that matter here. */
struct ajam_action {
    struct amp_bytes name, id, timeout; // lent
    bool has_key, has_proxy_action;
};

/** A request whose action was passed to the program. */
struct ajam_pending {
    struct ajam_pending *next;
    struct amp_request *request;
    bool is_login, is_logoff, is_wait;
    uint64_t wait_ms;
    char *id; // of a WaitEvent's action, NULL: none
};

struct ajam_session {
    struct client client; // first
    struct amp_session *session;
    struct ajam_pending *first, *last; // in the order of their actions, which is that of the answers
    unsigned pending_count;
    struct buffer answer;         // of the first, so far
    bool failed;                  // … is an Error
    bool identified;              // it has logged in
    struct ajam_pending *waiting; // the WaitEvent that waits; NULL: none
    struct buffer response;       // … its beginning
    uint64_t wait_until_ms, expires_ms;
    struct ajam_sequence *sequence; // what its digests must be; NULL: it has a cookie
    bool logging_in;                // by a digest: what comes is the answer to that
};

static uint64_t ajam_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void ajam_pending_destroy(struct ajam_pending *pending)
{
    if (pending == NULL)
        return;
    free(pending->id);
    free(pending);
}

void *ajam_session_open(struct amp_session *session)
{
    struct ajam_session *own = calloc(1, sizeof *own);
    if (own == NULL)
        return NULL;
    own->client.is_detached = true;
    own->session = session;
    own->expires_ms = ajam_now_ms() + STRANGER_MS;
    amp_session_collect(session, amp_session_format(session, "standard"));
    amp_session_set_timer(session, STRANGER_MS);
    return own;
}

void ajam_session_close(struct client *client)
{
    struct ajam_session *own = (struct ajam_session *)client;
    while (own->first != NULL) {
        struct ajam_pending *gone = own->first;
        own->first = gone->next;
        ajam_pending_destroy(gone);
    }
    ajam_pending_destroy(own->waiting);
    ajam_sequence_destroy(own->sequence);
    buffer_wipe(&own->answer);
    buffer_wipe(&own->response);
    free(own);
}

// --- time -------------------------------------------------------------------------------------------------------

/** Sets the timer to the end of the WaitEvent or of the session. While another request is being answered there is none.
 */
static void ajam_set_timer(struct ajam_session *own)
{
    uint64_t now = ajam_now_ms(), until = own->waiting != NULL ? own->wait_until_ms : own->expires_ms;
    if (own->first != NULL && own->waiting == NULL)
        amp_session_set_timer(own->session, 0);
    else
        amp_session_set_timer(own->session, until > now ? until - now : 1);
}

/** Restarts the timer when a request has been answered. */
static void ajam_touch(struct ajam_session *own)
{
    uint64_t life = settings_get()->ajam.timeout_ms;
    if (!amp_session_is_authenticated(own->session) && life > STRANGER_MS)
        life = STRANGER_MS;
    own->expires_ms = ajam_now_ms() + life;
    ajam_set_timer(own);
}

// --- answers ----------------------------------------------------------------------------------------------------

static void ajam_reply(struct ajam_session *own, struct amp_request *request, enum ajam_answer kind,
                       struct amp_bytes text)
{
    struct buffer answer = {0};
    char first = (char)kind;
    buffer_add(&answer, &first, 1);
    buffer_add(&answer, text.bytes, text.length);
    amp_request_answer(request, buffer_bytes(&answer));
    buffer_wipe(&answer);
    ajam_touch(own);
}

static void ajam_reply_error(struct ajam_session *own, struct amp_request *request, struct amp_bytes id,
                             const char *message)
{
    struct buffer text = {0};
    ajam_error_add(&text, id, message);
    ajam_reply(own, request, AJAM_ANSWERS, buffer_bytes(&text));
    buffer_wipe(&text);
}

// --- WaitEvent --------------------------------------------------------------------------------------------------

static void ajam_add_collected(void *context, const char *bytes, size_t length)
{
    buffer_add(context, bytes, length);
}

/** Answers the waiting request with the collected events. If its connection has been closed, the events stay. */
static void ajam_end_wait(struct ajam_session *own)
{
    struct ajam_pending *waiting = own->waiting;
    struct buffer text = own->response;
    own->waiting = NULL;
    own->response = (struct buffer){0};
    if (!amp_request_is_withdrawn(waiting->request)) {
        amp_session_take(own->session, ajam_add_collected, &text);
        buffer_print(&text, "Event: WaitEventComplete\r\n");
        if (waiting->id != NULL)
            buffer_print(&text, "ActionID: %s\r\n", waiting->id);
        buffer_print(&text, "\r\n");
    }
    ajam_reply(own, waiting->request, AJAM_ANSWERS, buffer_bytes(&text));
    buffer_wipe(&text);
    ajam_pending_destroy(waiting);
}

/** Ends the present WaitEvent with an empty answer, because a newer one takes its place (Asterisk main/manager.c:
 *  action_waitevent_http). */
static void ajam_abandon_wait(struct ajam_session *own)
{
    struct ajam_pending *waiting = own->waiting;
    if (waiting == NULL)
        return;
    own->waiting = NULL;
    buffer_wipe(&own->response);
    ajam_reply(own, waiting->request, AJAM_ANSWERS, (struct amp_bytes){"", 0});
    ajam_pending_destroy(waiting);
}

/** Holds the answer to a WaitEvent that the program has accepted: it is complete once there is an event. */
static void ajam_begin_wait(struct ajam_session *own, struct ajam_pending *pending)
{
    ajam_abandon_wait(own);
    own->waiting = pending;
    own->response = own->answer;
    own->answer = (struct buffer){0};
    own->wait_until_ms = ajam_now_ms() + pending->wait_ms;
    if (amp_session_take(own->session, ajam_add_collected, &own->response) || pending->wait_ms == 0)
        ajam_end_wait(own);
    else
        ajam_set_timer(own);
}

void ajam_session_collected(void *state)
{
    struct ajam_session *own = state;
    if (own->waiting != NULL)
        ajam_end_wait(own);
}

/** Returns `Timeout`, which is in seconds, in milliseconds. Without one, or with -1, the longest possible time. */
static uint64_t ajam_wait_ms(struct amp_bytes timeout)
{
    uint64_t life = settings_get()->ajam.timeout_ms, seconds;
    uint64_t most = life > WAIT_MARGIN_MS ? life - WAIT_MARGIN_MS : 0;
    if (!text_number(text_trim(timeout), 9, &seconds))
        return most;
    return seconds * 1000 < most ? seconds * 1000 : most;
}

// --- a request --------------------------------------------------------------------------------------------------

/** Takes the next field off `rest`. @return false: there is none */
static bool ajam_next_field(struct amp_bytes *rest, struct amp_bytes *name, struct amp_bytes *value)
{
    bool found = text_next(rest, '\0', name);
    *value = (struct amp_bytes){"", 0};
    if (found)
        text_next(rest, '\0', value);
    return found;
}

static void ajam_note_field(struct ajam_action *action, struct amp_bytes name, struct amp_bytes value)
{
    if (text_is(name, "Action") && action->name.length == 0)
        action->name = value;
    else if (text_is(name, "ActionID") && action->id.length == 0)
        action->id = value;
    else if (text_is(name, "Timeout") && action->timeout.length == 0)
        action->timeout = value;
    else if (text_is(name, "ProxyKey"))
        action->has_key = true;
    else if (text_is(name, "ProxyAction"))
        action->has_proxy_action = true;
}

static struct ajam_action ajam_read_action(struct amp_bytes fields)
{
    struct ajam_action action = {0};
    struct amp_bytes name, value;
    while (ajam_next_field(&fields, &name, &value))
        ajam_note_field(&action, name, value);
    return action;
}

static void ajam_hand_in(struct ajam_session *own, struct amp_bytes fields)
{
    struct amp_input *input = amp_session_input(own->session);
    struct amp_bytes name, value;
    amp_session_hold(own->session); // so that one that is too long is answered, too
    while (ajam_next_field(&fields, &name, &value))
        amp_input_header(input, name, value);
    amp_input_end(input);
    amp_session_held(own->session); // one that failed is rejected instead, and the input goes on
    amp_session_release(own->session, true);
}

static struct ajam_pending *ajam_add_pending(struct ajam_session *own, struct amp_request *request,
                                             const struct ajam_action *action)
{
    struct ajam_pending *pending = calloc(1, sizeof *pending);
    if (pending == NULL)
        return NULL;
    pending->request = request;
    pending->is_login = text_is(action->name, "Login") || action->has_key;
    pending->is_logoff = text_is(action->name, "Logoff");
    pending->is_wait = text_is(action->name, "WaitEvent");
    pending->wait_ms = ajam_wait_ms(action->timeout);
    if (pending->is_wait && action->id.length > 0)
        pending->id = text_copy(action->id);
    *(own->last != NULL ? &own->last->next : &own->first) = pending;
    own->last = pending;
    own->pending_count++;
    return pending;
}

/** Logs in for the first request of a session with digests. @return false: the request was answered, and the session
 *  ends */
static bool ajam_log_in(struct ajam_session *own, struct amp_request *request, const struct amp_digest *digest)
{
    own->sequence = ajam_sequence_create(digest);
    own->logging_in = true;
    if (own->sequence != NULL)
        amp_session_log_in_digest(own->session, digest);
    own->logging_in = false;
    struct buffer answer = own->answer; // of the Login; nothing: it is wrong by now
    bool failed = own->failed || answer.length == 0;
    own->answer = (struct buffer){0};
    own->failed = false;
    own->identified = !failed;
    if (failed) {
        amp_session_finish(own->session);
        ajam_reply(own, request, answer.length > 0 ? AJAM_ANSWERS : AJAM_CHALLENGES, buffer_bytes(&answer));
    }
    buffer_wipe(&answer);
    return !failed;
}

/** Takes the digest from the beginning of the request. @return false: the request was answered */
static bool ajam_admit_digest(struct ajam_session *own, struct amp_request *request, struct amp_bytes *fields)
{
    struct amp_digest digest;
    char nonce[AJAM_NONCE_DIGITS + 1] = "";
    bool is_first = own->sequence == NULL;
    bool is_complete = ajam_sequence_read(fields, &digest);
    if (is_complete && is_first)
        return ajam_log_in(own, request, &digest);
    if (is_complete && ajam_sequence_is_of(own->sequence, &digest) &&
        ajam_sequence_accept(own->sequence, &digest, nonce))
        return true;
    ajam_reply(own, request, AJAM_CHALLENGES, text_of(nonce));
    return false;
}

void ajam_session_request(void *state, struct amp_request *request, struct amp_bytes bytes)
{
    struct ajam_session *own = state;
    struct amp_bytes fields = {bytes.bytes + 1, bytes.length - 1};
    if (bytes.bytes[0] == AJAM_NEEDS_DIGEST && !ajam_admit_digest(own, request, &fields))
        return;
    struct ajam_action action = ajam_read_action(fields);
    if (action.name.length == 0 && !action.has_proxy_action && !action.has_key) {
        ajam_reply_error(own, request, action.id, AJAM_NO_ACTION);
        return;
    }
    if (bytes.bytes[0] == AJAM_NEEDS_LOGIN && !own->identified && amp_session_is_authenticated(own->session)) {
        ajam_reply(own, request, AJAM_REFUSES, text_of(""));
        return;
    }
    if (own->pending_count >= MOST_PENDING || ajam_add_pending(own, request, &action) == NULL) {
        ajam_reply_error(own, request, action.id, "Too many requests of this session at once");
        return;
    }
    ajam_set_timer(own);
    ajam_hand_in(own, fields);
}

/** Answers the action of the first request. */
static void ajam_complete(struct ajam_session *own)
{
    struct ajam_pending *pending = own->first;
    bool failed = own->failed;
    own->first = pending->next;
    own->last = own->first == NULL ? NULL : own->last;
    own->pending_count--;
    own->failed = false;
    if (pending->is_wait && !failed) {
        ajam_begin_wait(own, pending);
        return;
    }
    if (pending->is_login && !failed)
        own->identified = true;
    bool ends = pending->is_logoff ? !failed : pending->is_login && failed;
    if (ends && pending->is_login && amp_session_is_authenticated(own->session))
        ends = false;
    if (ends && own->waiting != NULL)
        ajam_end_wait(own); // it ends with the session
    if (ends)
        amp_session_finish(own->session); // before the answer, after which no request must find the session
    struct buffer answer = own->answer;
    own->answer = (struct buffer){0};
    ajam_reply(own, pending->request, AJAM_ANSWERS, buffer_bytes(&answer));
    buffer_wipe(&answer);
    ajam_pending_destroy(pending);
}

void ajam_session_message(struct client *client, const struct amp_message *message, const struct amp_delivery *delivery)
{
    struct ajam_session *own = (struct ajam_session *)client;
    struct amp_bytes response, text = amp_message_text(message);
    if (delivery->kind != AMP_DELIVERY_ANSWER || (own->first == NULL && !own->logging_in))
        return;
    if (delivery->reason != AMP_REASON_NONE ||
        (amp_message_find(message, "Response", &response) && text_is(response, "Error")))
        own->failed = true;
    buffer_add(&own->answer, text.bytes, text.length);
    if (delivery->final && !own->logging_in)
        ajam_complete(own);
}

void ajam_session_timer(struct client *client)
{
    struct ajam_session *own = (struct ajam_session *)client;
    if (own->waiting != NULL)
        ajam_end_wait(own);
    else if (own->first == NULL && ajam_now_ms() >= own->expires_ms)
        amp_session_finish(own->session);
    else
        ajam_set_timer(own);
}

void ajam_session_leave(struct client *client, bool now)
{
    struct ajam_session *own = (struct ajam_session *)client;
    (void)now;
    if (own->waiting != NULL)
        ajam_end_wait(own);
}
