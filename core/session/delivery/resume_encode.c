// core/session/delivery/resume_encode.c: messages that carry ids (resume.h).
#include "session/connection/set.h"
#include "session/delivery/resume.h"

/** How messages go out. */
struct wire {
    const struct amp_plugin *format;
    enum resume_ids ids;
    amp_id_frame *frame;
};

static struct span resume_end(struct sessions *sessions, const struct amp_output *output)
{
    sessions->encoding_failed = output->broken;
    return (struct span){output->bytes, output->broken ? 0 : output->length};
}

/** The message with its id for a header; without a frame what sessions_encode() remembers stays. */
static struct span encode_header(struct sessions *sessions, const struct message *message, const struct wire *wire,
                                 struct span id)
{
    struct amp_output *output = wire->frame == NULL ? &sessions->framed : &sessions->scratch;
    struct message *carrier =
        id.length == 0 ? message_ref(message) : message_with_header(message, span_of(RESUME_HEADER), id);

    if (wire->frame != NULL)
        sessions_forget_encoded(sessions);
    sessions->framed_by = NULL;
    amp_output_begin(output, carrier->byte_count);
    wire->format->encode(amp_message_of(carrier), output);
    message_unref(carrier);
    return resume_end(sessions, output);
}

static struct span resume_encode_message(struct sessions *sessions, const struct message *message,
                                         const struct wire *wire, struct span id)
{
    bool in_header = wire->ids == RESUME_HEADER_IDS;
    struct span encoded = in_header ? encode_header(sessions, message, wire, id)
                                    : sessions_encode(sessions, message, wire->format, NULL, 0);

    if (wire->frame == NULL || sessions->encoding_failed || encoded.length == 0)
        return encoded;
    sessions->framed_by = NULL; // what `framed` holds is nobody's any more
    amp_output_begin(&sessions->framed, encoded.length);
    wire->frame(amp_message_of(message), in_header ? (struct amp_bytes){0} : (struct amp_bytes){id.bytes, id.length},
                (struct amp_bytes){encoded.bytes, encoded.length}, &sessions->framed);
    return resume_end(sessions, &sessions->framed);
}

struct span resume_encode_for(struct session *session, const struct message *message, uint64_t serial, struct span id)
{
    const struct session_resume *resume = resume_of(session);
    const struct wire wire = {session->format.output, resume->ids, resume->frame};

    if (wire.ids == RESUME_NO_IDS)
        return sessions_encode(session->sessions, message, wire.format, session->format.frame, serial);
    return resume_encode_message(session->sessions, message, &wire, id);
}

struct span resume_encode_next(struct sessions *sessions, const struct view_feed *feed, const struct message *message,
                               uint64_t serial)
{
    const struct wire wire = {feed->format, feed->ids, feed->id_frame};
    char text[RESUME_ID_SIZE];
    struct span id = {0};

    if (wire.ids == RESUME_NO_IDS)
        return sessions_encode(sessions, message, wire.format, feed->frame, serial);
    if (feed->kept != NULL)
        id = kept_id(feed, feed->feed.past->count + 1, text);
    return resume_encode_message(sessions, message, &wire, id);
}
