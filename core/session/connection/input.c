// core/session/connection/input.c: see input.h.
#include "session/connection/input.h"

#include "base/clock.h"
#include "base/memory.h"
#include "session/client/due.h"
#include "session/client/set.h"
#include "session/connection/actions.h"
#include "session/connection/detect.h"
#include "session/connection/formats.h"
#include "session/delivery/event_actions.h"
#include "session/delivery/own_frame.h"
#include "session/delivery/reply.h"

#include <stdlib.h>

#define READS_PER_TURN 4
#define MOST_UNREAD ((size_t)256 * 1024) // of answers of a protocol, before it is given the next request
#define LOOK_MS 200                      // longest wait for the ActionID in the rest of a message that is too long

/** Is a SetInputFormat held? */
static bool waits_for_format(const struct session *session)
{
    struct list_node *last = session->input.held.last;

    return last != NULL && LIST_OBJECT(last, const struct held, node)->changes_format;
}

enum wait_reason input_waits_for(const struct session *session)
{
    return !wait_stops_input(session->wait.why) && waits_for_format(session) ? WAIT_FORMAT : session->wait.why;
}

/** Has the client of a protocol not read the answers to its requests? A request of a few bytes may be answered by
 *  megabytes at once: the next one waits, until session_flush() has written them. Streams and AMI have rules of their
 *  own (slow.h). */
static bool has_unread(const struct session *session)
{
    return session->output.private_bytes > MOST_UNREAD && !session_is_encoded(session);
}

/** Must the bytes that the client has sent wait before they are decoded? */
static inline bool is_busy(const struct session *session)
{
    return session_is_ending(session) || wait_stops_input(input_waits_for(session)) || has_unread(session) ||
           session->asks.count + session->input.held_count >= session->sessions->config->limits.in_flight;
}

/** Must reading from the socket stop? While decoding waits, one block is read ahead, so that the end of the connection
 *  is noticed. A protocol may leave bytes unused while it works on others. */
static bool is_full(const struct session *session)
{
    if (session_is_ending(session) || (session->input.unread_length > 0 && is_busy(session)))
        return true;
    return session->format.protocol != NULL &&
           session->input.unread_length >= session->sessions->config->limits.message_bytes;
}

/** May the session send one more action now (limits.actions_per_second)? If not, it waits until it may (WAIT_RATE);
 *  meanwhile its bytes are kept, and then reading stops. */
static bool has_allowance(struct session *session)
{
    const struct config *config = session->sessions->config;

    if (config->limits.actions_per_second == 0 || session->listen->control)
        return true;
    double limit = (double)config->limits.actions_per_second;
    uint64_t now = clock_ms();
    session->rate.allowance += limit * (double)(now - session->rate.counted_ms) / 1000;
    session->rate.counted_ms = now;
    if (session->rate.allowance > limit)
        session->rate.allowance = limit;
    if (session->rate.allowance >= 1)
        return true;
    wait_begin(&session->wait, WAIT_RATE, NULL);
    due_watch(session);
    return false;
}

/** Handles the held messages as far as their order allows. */
static void dispatch_held(struct session *session)
{
    if (session->input.held.first == NULL || session->input.dispatching)
        return; // a protocol handed in an action while it received an answer: the loop that is running handles it
    session->input.dispatching = true;
    while (session->input.held.first != NULL && !session_is_ending(session) && session->wait.why == WAIT_NONE &&
           has_allowance(session)) {
        struct held *held = LIST_FIRST(&session->input.held, struct held, node);
        if (!actions_dispatch(session, held))
            break;
        if (session->rate.allowance >= 1)
            session->rate.allowance--;
        list_remove(&session->input.held, &held->node);
        session->input.held_count--;
        message_unref(held->message);
        free(held->reason);
        pool_give(&session->sessions->held, held);
    }
    session->input.dispatching = false;
}

bool input_take_message(void *context, struct message *message, const char *rejected)
{
    struct session *session = context;
    struct held *held;
    struct span proxy_action;

    if (own_frame_refuses(session)) {
        message_unref(message);
        return false;
    }
    held = pool_take(&session->sessions->held);
    *held = (struct held){.message = message, .rejected = rejected};
    if (session->format.protocol == NULL && message_find(message, "ProxyAction", &proxy_action))
        held->changes_format = span_is(proxy_action, "SetInputFormat");
    else
        held->changes_format = waits_for_format(session);
    list_add_last(&session->input.held, &held->node);
    session->input.held_count++;
    dispatch_held(session);
    return !is_busy(session) && session->format.next == NULL;
}

/** Ends the session because its input is invalid, with an Error that says why. */
static void refuse_stream(struct session *session)
{
    struct log_context log = session_log(session);
    struct message *message;

    due_set_timer(session, 0);
    if (session->input.messages.broken != NULL) {
        session_plugin_failed(session, session->format.input, session->input.messages.broken);
        return;
    }
    log_warn(&log, "client sent invalid input reason=\"%s\"", session->input.messages.failed);
    message = amp_input_failed(&session->input.messages);
    reply_refuse(session, message, AMP_REASON_INVALID, session->input.messages.failed);
    message_unref(message);
    session_finish(session);
}

/** Ends the session because its input is invalid; at most LOOK_MS later if the action's ActionID may still arrive. */
static void refuse_soon(struct session *session)
{
    if (!session->input.messages.looking || session->format.protocol != NULL || session->input.ended)
        refuse_stream(session);
    else if (session->timer_ms == 0)
        due_set_timer(session, clock_ms() + LOOK_MS);
}

void input_stop_looking(struct session *session)
{
    if (session->input.messages.failed != NULL && !session_is_ending(session))
        refuse_stream(session);
}

/** Passes bytes to the format or protocol until it uses no more of them. @return number of bytes used */
static size_t input_use(struct session *session, const char *bytes, size_t length)
{
    size_t used = 0, count = 1;

    while (used < length && count > 0 && !is_busy(session) &&
           (session->input.messages.failed == NULL || session->input.messages.looking)) {
        if (session->format.next != NULL)
            formats_speak(session, session->format.next);
        if (!detect_first(session, bytes, length))
            break;
        if (session->detection.was_silent && !detect_late(session, bytes, length, false))
            break;
        if (session_is_dead(session) ||
            (session->format.input == NULL && !detect_format(session, bytes, length, false)))
            break;
        if (session->format.protocol != NULL)
            count = session->format.input->protocol->input(session->format.protocol, bytes + used, length - used);
        else
            count = session->format.input->decode(session->format.decoder, bytes + used, length - used,
                                                  &session->input.messages);
        if (count > length - used) {
            session_plugin_failed(session, session->format.input,
                                  session->format.protocol != NULL ? "input() used more bytes than it was given"
                                                                   : "decode() used more bytes than it was given");
            break;
        }
        used += count;
    }
    return used;
}

/** Decodes `length` bytes and keeps those that were not used. @param bytes  may be session->input.unread itself */
static void input_decode(struct session *session, const char *bytes, size_t length)
{
    struct message_builder *spare = &session->sessions->spare;
    size_t used, rest;

    amp_input_begin(&session->input.messages, spare);
    used = input_use(session, bytes, length);
    rest = length - used;

    if (session_is_dead(session))
        return;
    amp_input_rest(&session->input.messages, spare);
    if (session->input.messages.failed != NULL && !session_is_ending(session)) {
        refuse_soon(session);
        if (!session->input.messages.looking)
            return;
    }
    if (rest == 0) {
        free(session->input.unread);
        session->input.unread = NULL;
    } else if (used > 0 || bytes != session->input.unread) {
        char *kept = memory_new(rest);
        memcpy(kept, bytes + used, rest);
        free(session->input.unread);
        session->input.unread = kept;
    }
    session->input.unread_length = rest;
    if (session->wait.why == WAIT_EVENT && rest > 0) {     // the client has sent more after its WaitEvent
        transport_set_reading(&session->transport, false); // so that input_resume() decodes the rest
        event_actions_give_up(session);
        return;
    }
    if (session->format.protocol == NULL && !is_busy(session) &&
        rest > session->sessions->config->limits.message_bytes) {
        amp_input_fail(&session->input.messages, "Message too long"); // the decoder waits for ever more bytes
        refuse_stream(session);
    }
}

/** Adds bytes that were just read to those that were left over, and decodes both. */
static void take_bytes(struct session *session, const char *bytes, size_t length)
{
    event_actions_give_up(session);
    if (session_is_dead(session))
        return;
    if (session->input.unread_length == 0) {
        input_decode(session, bytes, length);
        return;
    }
    session->input.unread = memory_grow(session->input.unread, session->input.unread_length + length);
    memcpy(session->input.unread + session->input.unread_length, bytes, length);
    session->input.unread_length += length;
    input_decode(session, session->input.unread, session->input.unread_length);
}

/** Tells the format or protocol that the client will send no more: a last action may lack only its end mark. Called
 *  when the session waits for nothing. */
static void finish_input(struct session *session)
{
    const struct amp_plugin *format;

    if (session->format.input == NULL &&
        !detect_format(session, session->input.unread, session->input.unread_length, true))
        return;
    if (session->detection.was_silent &&
        !detect_late(session, session->input.unread, session->input.unread_length, true))
        return;
    if (session->input.unread_length > 0)
        input_decode(session, session->input.unread, session->input.unread_length);
    if (session_is_ending(session) || is_busy(session))
        return;
    if (session->format.protocol != NULL && session->input.unread_length > 0 && session->asks.count > 0)
        return; // the protocol may use the rest after the answer
    if (session->input.messages.failed != NULL) {
        refuse_stream(session);
        return;
    }
    if (session->input.finished)
        return;
    session->input.finished = true;
    format = session->format.input;
    if (session->format.protocol != NULL) {
        format->protocol->end(session->format.protocol);
    } else if (format->finish != NULL) {
        format->finish(session->format.decoder, session->input.unread, session->input.unread_length,
                       &session->input.messages);
        session->input.unread_length = 0;
        if (session->input.messages.failed != NULL && !session_is_ending(session))
            refuse_stream(session);
    }
}

static void on_end_of_input(struct session *session)
{
    if (transport_has_failed(&session->transport) || session->state == SESSION_LINGERING) {
        session_end_connection(session);
        return;
    }
    session->input.ended = true; // what it sent is still answered, as Asterisk does
    transport_set_reading(&session->transport, false);
    if (session->format.protocol == NULL || session->format.streaming) // after its request, a client may shut its side
        event_actions_give_up(session);
    if (!session_is_ending(session) && !is_busy(session))
        finish_input(session);
    sessions_mark_dirty(session);
}

void input_read(struct session *session)
{
    struct sessions *sessions = session->sessions;

    if (session->detection.tls != NULL && !detect_is_plain(session))
        return;
    if (sessions->config->limits.idle_timeout_ms != 0)
        session->active_ms = clock_ms();
    for (int i = 0; i < READS_PER_TURN; i++) {
        ssize_t count = transport_read(&session->transport, sessions->read_buffer, sizeof sessions->read_buffer);
        if (count == TRANSPORT_AGAIN)
            return;
        if (count == TRANSPORT_END) {
            on_end_of_input(session);
            return;
        }
        session->input.heard = true;
        if (session_is_ending(session))
            continue; // the bytes are thrown away
        take_bytes(session, sessions->read_buffer, (size_t)count);
        if (is_full(session)) {
            transport_set_reading(&session->transport, session_is_ending(session) && !session_is_dead(session));
            return;
        }
        if ((size_t)count < sizeof sessions->read_buffer)
            return;
    }
}

void input_resume(struct session *session)
{
    dispatch_held(session);
    if (session->input.unread_length > 0 || session->input.held.first != NULL)
        event_actions_give_up(session); // the client has sent more after its WaitEvent
    if (is_busy(session))
        return;
    if (session->input.unread_length > 0 &&
        (session->format.protocol != NULL || !transport_is_reading(&session->transport)))
        input_decode(session, session->input.unread, session->input.unread_length);
    if (is_full(session))
        return;
    if (session->input.ended)
        finish_input(session);
    else
        transport_set_reading(&session->transport, true);
}
