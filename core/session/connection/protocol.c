// core/session/connection/protocol.c: the functions of a session for protocol plugins (amp_session_… of
// astmanproxy/plugin.h).
#include "base/clock.h"
#include "session/access/address.h"
#include "session/access/login.h"
#include "session/client/due.h"
#include "session/client/set.h"
#include "session/connection/move.h"
#include "session/delivery/encode.h"
#include "session/delivery/own_frame.h"
#include "session/delivery/resume.h"

#include <string.h>
#include <strings.h>

#define MOST_WRITTEN UINT32_MAX                     // bytes in one amp_session_write()
#define LONGEST_TIMER_MS (UINT64_C(366) * 86400000) // longer times are cut to this, so that no sum overflows

static struct session *session_of(struct amp_session *session)
{
    return (struct session *)session;
}

static const struct session *protocol_seen(const struct amp_session *session)
{
    return (const struct session *)session;
}

/** Ends the session because its protocol called a function wrongly. */
static void protocol_misuse(struct amp_session *session, const char *what)
{
    session_plugin_failed(session_of(session), session_of(session)->format.input, what);
}

/** Is the caller the session's own_frame(), which may only write to its outputs? */
static bool is_framing(struct amp_session *session)
{
    return own_frame_refuses(session_of(session));
}

static bool can_encode(const struct amp_plugin *format)
{
    return format != NULL && (format->capabilities & AMP_CAN_ENCODE) != 0 && format->encode != NULL;
}

struct amp_input *amp_session_input(struct amp_session *session)
{
    return &session_of(session)->input.messages;
}

struct amp_bytes amp_session_encode(struct amp_session *session, const struct amp_plugin *format,
                                    const struct amp_message *message)
{
    struct span bytes;

    if (is_framing(session))
        return (struct amp_bytes){"", 0};
    if (message == NULL || !can_encode(format)) {
        protocol_misuse(session, "amp_session_encode() without a message, or without a format that encodes");
        return (struct amp_bytes){"", 0};
    }
    bytes = encode_message(session_of(session)->sessions, (const struct message *)message, format, NULL, 0);
    if (session_of(session)->sessions->encoding_failed)
        session_plugin_failed(session_of(session), format, ENCODING_FAILED);
    encode_forget(session_of(session)->sessions); // the message is only lent
    return (struct amp_bytes){bytes.bytes, bytes.length};
}

void amp_session_write(struct amp_session *session, const char *bytes, size_t length)
{
    struct session *own = session_of(session);

    if (own->state >= SESSION_LINGERING)
        return;
    if (is_framing(session))
        return;
    if ((bytes == NULL && length > 0) || length > MOST_WRITTEN) {
        protocol_misuse(session, "amp_session_write() with a null pointer or an impossible length");
        return;
    }
    output_add(&own->output, bytes, length);
    sessions_mark_dirty(own);
}

void amp_session_finish(struct amp_session *session)
{
    if (is_framing(session))
        return;
    session_finish(session_of(session));
}

void amp_session_set_timer(struct amp_session *session, uint64_t ms)
{
    due_set_timer(session_of(session), ms == 0 ? 0 : clock_ms() + 1 + (ms < LONGEST_TIMER_MS ? ms : LONGEST_TIMER_MS));
}

const struct amp_plugin *amp_session_format(struct amp_session *session, const char *name)
{
    const struct session *own = session_of(session);

    return registry_find(own->sessions->registry, name == NULL || name[0] == '\0' ? own->listen->output : name);
}

/** How a session's stream is written. */
struct stream {
    const struct amp_plugin *format;
    amp_frame *frame;
    enum resume_ids ids;
    amp_id_frame *id_frame;
};

static void begin_stream(struct session *session, const struct stream *stream)
{
    sessions_listen(session, false);
    session->format.output = stream->format;
    session->format.frame = stream->frame;
    session->format.streaming = true;
    if (own_frame_is_wanted(session))
        session->sessions->own_frames = true;
    resume_begin_ids(session, stream->ids, stream->id_frame);
    resume_settle(session);
    if (!session->authenticated)
        login_expect(session);
}

void amp_session_stream(struct amp_session *session, const struct amp_plugin *format, amp_frame *frame)
{
    struct session *own = session_of(session);

    if (session_is_dead(own))
        return;
    if (is_framing(session))
        return;
    if (!can_encode(format)) {
        protocol_misuse(session, "amp_session_stream() without a format that encodes");
        return;
    }
    begin_stream(own, &(struct stream){format, frame, RESUME_NO_IDS, NULL});
}

bool amp_session_stream_ids(struct amp_session *session, const struct amp_plugin *format, amp_id_frame *frame,
                            bool in_message)
{
    struct session *own = session_of(session);

    if (session_is_dead(own) || is_framing(session))
        return true;
    if (!can_encode(format) || (frame == NULL && !in_message)) {
        protocol_misuse(session, "amp_session_stream_ids() without a format that encodes, or without a frame");
        return true;
    }
    if (own->sessions->config->resume.keep_ms == 0 || own_frame_is_had(own))
        return false;
    begin_stream(own, &(struct stream){format, NULL, in_message ? RESUME_HEADER_IDS : RESUME_FRAME_IDS, frame});
    return true;
}

void amp_session_resume(struct amp_session *session, struct amp_bytes id)
{
    struct session *own = session_of(session);
    uint32_t worker;

    if (session_is_dead(own) || is_framing(session))
        return;
    if (id.bytes == NULL && id.length > 0)
        protocol_misuse(session, "amp_session_resume() of bytes that cannot be there");
    else
        resume_ask(own, (struct span){id.bytes, id.length});
    if (!session_is_dead(own) && own->wait.why == WAIT_NONE &&
        resume_is_elsewhere(own, (struct span){id.bytes, id.length}, &worker))
        move_begin(own, worker);
}

void amp_session_listen(struct amp_session *session, bool on)
{
    if (!session_is_dead(session_of(session)))
        sessions_listen(session_of(session), on);
}

void amp_session_log_out(struct amp_session *session)
{
    if (!session_is_dead(session_of(session)) && !is_framing(session))
        login_forget(session_of(session));
}

enum amp_client amp_session_client(struct amp_session *session, struct amp_bytes forwarded)
{
    struct session *own = session_of(session);

    if (session_is_dead(own) || is_framing(session))
        return AMP_CLIENT_SAME;
    if (forwarded.bytes == NULL && forwarded.length > 0) {
        protocol_misuse(session, "amp_session_client() of bytes that cannot be there");
        return AMP_CLIENT_INVALID;
    }
    return address_name_client(own, (struct span){forwarded.bytes, forwarded.length});
}

bool amp_session_is_authenticated(const struct amp_session *session)
{
    const struct session *own = protocol_seen(session);

    return own->authenticated && !own->outdated;
}

bool amp_session_is_encrypted(const struct amp_session *session)
{
    return transport_is_encrypted(&protocol_seen(session)->transport);
}

static bool is_text(struct amp_bytes bytes, const char *text)
{
    return bytes.bytes != NULL && bytes.length > 0 && bytes.length == strlen(text) &&
           strncasecmp(bytes.bytes, text, bytes.length) == 0;
}

bool amp_session_is_host(const struct amp_session *session, struct amp_bytes host)
{
    const struct session *own = protocol_seen(session);
    char local[LISTENER_ADDRESS_SIZE];

    if (is_text(host, own->listen->address))
        return true;
    transport_local_address(&own->transport, local, sizeof local);
    if (local[0] == '\0' || transport_is_loopback(&own->transport)) // a unix socket is local to this machine, too
        return is_text(host, local) || is_text(host, "localhost");
    return is_text(host, local);
}

enum amp_report amp_session_report(const struct amp_session *session, const char *name,
                                   void (*write)(void *context, const char *bytes, size_t length), void *context)
{
    const struct session *own = protocol_seen(session);
    const struct sessions_link *link = &own->sessions->link;

    if (name == NULL || write == NULL || !own->listen->reports)
        return AMP_REPORT_NONE;
    return link->report(link->reporter, name, own->listen->pbx_metrics, write, context);
}

void amp_session_warn(const struct amp_session *session, const char *text)
{
    struct log_context log = session_log(protocol_seen(session));
    char quoted[200];

    log_warn(&log, "protocol says text=%s", log_quote(quoted, sizeof quoted, span_of(text == NULL ? "" : text)));
}
