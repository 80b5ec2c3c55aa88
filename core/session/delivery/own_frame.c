// core/session/delivery/own_frame.c: see own_frame.h.
#include "session/delivery/own_frame.h"

#include "session/client/set.h"

#define FAILED "own_frame() wrote too many bytes, or passed a null pointer"

bool own_frame_is_had(const struct session *session)
{
    const struct amp_protocol *protocol = session->format.input == NULL ? NULL : session->format.input->protocol;

    if (protocol == NULL || protocol->size < offsetof(struct amp_protocol, own_frame) + sizeof protocol->own_frame)
        return false; // compiled against an ABI without own_frame()
    return protocol->own_frame != NULL;
}

/** Returns the session's protocol if it frames the messages of its stream, else NULL. */
static const struct amp_protocol *own_frame_protocol(const struct session *session)
{
    return session->format.streaming && own_frame_is_had(session) ? session->format.input->protocol : NULL;
}

bool own_frame_is_wanted(const struct session *session)
{
    return own_frame_protocol(session) != NULL;
}

bool own_frame_refuses(struct session *session)
{
    if (session->sessions->framing != session)
        return false;
    session_plugin_failed(session, session->format.input, "own_frame() called a function that acts on the session");
    return true;
}

/** Calls own_frame(). @return false: the plugin failed and the session has ended */
static bool own_frame_call(struct session *session, const struct amp_protocol *protocol, const struct message *message,
                           uint64_t serial, struct span encoded)
{
    struct sessions *sessions = session->sessions;
    struct session *outer = sessions->framing;

    amp_output_begin(&sessions->before, encoded.length);
    amp_output_begin(&sessions->after, encoded.length);
    sessions->framing = session;
    protocol->own_frame(session->format.protocol, amp_message_of(message), serial,
                        (struct amp_bytes){encoded.bytes, encoded.length}, &sessions->before, &sessions->after);
    sessions->framing = outer;
    if (session_is_dead(session))
        return false;
    if (sessions->before.broken || sessions->after.broken) {
        session_plugin_failed(session, session->format.input, FAILED);
        return false;
    }
    return true;
}

static struct span span_of_output(const struct amp_output *out)
{
    return (struct span){out->bytes, out->length};
}

void own_frame_reader(struct session *session, const struct message *message, uint64_t serial, struct span encoded)
{
    const struct amp_protocol *protocol = own_frame_protocol(session);
    const struct sessions *sessions = session->sessions;

    if (protocol != NULL && own_frame_call(session, protocol, message, serial, encoded))
        output_frame(&session->output, span_of_output(&sessions->before), span_of_output(&sessions->after),
                     encoded.length);
}

void own_frame_readers(struct sessions *sessions, struct view_feed *feed, const struct message *message,
                       uint64_t serial, struct span encoded, const struct session *later)
{
    struct list_walk walk;
    struct list_node *node;

    if (!sessions->own_frames)
        return;
    list_begin(&walk, &feed->readers); // a plugin that fails ends its session, which then leaves the feed
    while ((node = list_step(&walk)) != NULL) {
        struct session *session = SESSION_AT(node, feed);
        if (session != later)
            own_frame_reader(session, message, serial, encoded);
    }
}

void own_frame_send(struct session *session, const struct message *message, uint64_t serial, struct span encoded,
                    size_t replaced)
{
    struct amp_output *whole = &session->sessions->before;
    const struct amp_protocol *protocol = encoded.length > 0 ? own_frame_protocol(session) : NULL;

    if (protocol != NULL) {
        if (!own_frame_call(session, protocol, message, serial, encoded))
            return;
        whole->limit = 0;
        amp_output_write(whole, encoded.bytes, encoded.length);
        amp_output_write(whole, session->sessions->after.bytes, session->sessions->after.length);
        encoded = span_of_output(whole);
    }
    if (replaced > 0)
        output_replace(&session->output, encoded.bytes, encoded.length, replaced);
    else
        output_add(&session->output, encoded.bytes, encoded.length);
}
