// core/session/input.c: see input.h.
#include "session/input.h"

#include "base/memory.h"
#include "session/actions.h"
#include "session/set.h"

#include <stdlib.h>

#define READS_PER_TURN 4

/** Must the client wait until it is read further? */
static bool is_full(const struct session *session)
{
    return session->dead || session->closing || session->failed_login != NULL ||
           session->ask_count + session->held_count >= session->sessions->config->limits.in_flight;
}

/** Acts upon what is held, as far as order allows. */
static void dispatch_held(struct session *session)
{
    while (session->held_first != NULL && !session->closing && !session->dead && session->failed_login == NULL) {
        struct held *held = session->held_first;
        if (!actions_dispatch(session, held))
            return;
        session->held_first = held->next;
        if (session->held_first == NULL)
            session->held_last = NULL;
        session->held_count--;
        message_unref(held->message);
        free(held);
    }
}

bool input_take_message(void *context, struct message *message, const char *rejected)
{
    struct session *session = context;
    struct held *held = memory_new(sizeof *held);

    *held = (struct held){.message = message, .rejected = rejected};
    if (session->held_last == NULL)
        session->held_first = held;
    else
        session->held_last->next = held;
    session->held_last = held;
    session->held_count++;
    dispatch_held(session);
    return !is_full(session);
}

/** Decodes `length` bytes, keeps what was not used. @param bytes  may be session->unread itself */
static void decode(struct session *session, const char *bytes, size_t length)
{
    size_t used = session->input_format->decode(session->decoder, bytes, length, &session->input);
    size_t rest = length - used;

    if (session->dead)
        return;
    if (session->input.failed != NULL && !session->closing) {
        struct log_context log = session_log(session);
        log_warn(&log, "client makes no sense reason=\"%s\"", session->input.failed);
        actions_answer(session, NULL, "Error", session->input.failed);
        session_finish(session);
        return;
    }
    if (rest == 0) {
        free(session->unread);
        session->unread = NULL;
    } else if (used > 0 || bytes != session->unread) {
        char *kept = memory_new(rest);
        memcpy(kept, bytes + used, rest);
        free(session->unread);
        session->unread = kept;
    }
    session->unread_length = rest;
}

/** Adds what was just read to what was left over, and decodes both. */
static void take_bytes(struct session *session, const char *bytes, size_t length)
{
    if (session->unread_length == 0) {
        decode(session, bytes, length);
        return;
    }
    session->unread = memory_grow(session->unread, session->unread_length + length);
    memcpy(session->unread + session->unread_length, bytes, length);
    session->unread_length += length;
    decode(session, session->unread, session->unread_length);
}

static void on_end_of_input(struct session *session)
{
    if (session->transport.error != 0 || session->lingering) {
        session_end(session, transport_reason(&session->transport));
        return;
    }
    session->input_ended = true; // what it sent is still answered, as Asterisk does
    transport_set_reading(&session->transport, false);
    sessions_mark_dirty(session);
}

void input_read(struct session *session)
{
    struct sessions *sessions = session->sessions;

    for (int i = 0; i < READS_PER_TURN; i++) {
        ssize_t count = transport_read(&session->transport, sessions->read_buffer, sizeof sessions->read_buffer);
        if (count == TRANSPORT_AGAIN)
            return;
        if (count == TRANSPORT_END) {
            on_end_of_input(session);
            return;
        }
        if (session->lingering || session->closing)
            continue; // nobody listens any more
        take_bytes(session, sessions->read_buffer, (size_t)count);
        if (is_full(session)) {
            transport_set_reading(&session->transport, session->closing && !session->dead);
            return;
        }
        if ((size_t)count < sizeof sessions->read_buffer)
            return;
    }
}

void input_resume(struct session *session)
{
    dispatch_held(session);
    if (is_full(session) || session->transport.reading)
        return;
    if (session->unread_length > 0)
        decode(session, session->unread, session->unread_length);
    if (!is_full(session) && !session->input_ended)
        transport_set_reading(&session->transport, true);
}
