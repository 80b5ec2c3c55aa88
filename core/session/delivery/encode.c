// core/session/delivery/encode.c: see encode.h.
#include "session/delivery/encode.h"

#include "session/delivery/exported.h"
#include "session/delivery/kept.h"
#include "session/delivery/recode.h"
#include "session/delivery/resume.h"

/** Ends an output of a plugin. @return its bytes; none, with `encoding_failed` set, if the plugin exceeded the limit or
 *  passed a null pointer */
static struct span encode_end(struct sessions *sessions, struct amp_output *output)
{
    if (output->broken)
        output->length = 0;
    sessions->encoding_failed = output->broken;
    return (struct span){output->bytes, output->length};
}

struct span encode_message(struct sessions *sessions, const struct message *message, const struct amp_plugin *format,
                           amp_frame *frame, uint64_t serial)
{
    struct amp_output *plain = &sessions->scratch, *framed = &sessions->framed;

    if (!encode_has(sessions, message, format)) {
        encode_forget(sessions);
        amp_output_begin(plain, message->byte_count);
        recode_encode(sessions, format, message, plain);
        sessions->encoded = message_ref(message);
        sessions->encoded_format = format;
        sessions->framed_by = NULL;
    }
    struct span encoded = encode_end(sessions, plain);
    if (frame == NULL || sessions->encoding_failed)
        return encoded;
    if (sessions->framed_by != frame) {
        amp_output_begin(framed, encoded.length);
        frame(amp_message_of(message), serial, (struct amp_bytes){encoded.bytes, encoded.length}, framed);
        sessions->framed_by = frame;
    }
    return encode_end(sessions, framed);
}

void encode_forget(struct sessions *sessions)
{
    message_unref(sessions->encoded);
    sessions->encoded = NULL;
}

// --- with ids ---------------------------------------------------------------------------------------------------

/** How messages with ids are written. */
struct wire {
    const struct amp_plugin *format;
    enum resume_ids ids;
    amp_id_frame *frame;
};

/** Encodes the message with its id as a header. Without a frame, encode_message() still remembers its message. */
static struct span encode_header(struct sessions *sessions, const struct message *message, const struct wire *wire,
                                 struct span id)
{
    struct amp_output *output = wire->frame == NULL ? &sessions->framed : &sessions->scratch;
    struct message *carrier =
        id.length == 0 ? message_ref(message) : message_with_header(message, span_of(RESUME_HEADER), id);

    if (wire->frame != NULL)
        encode_forget(sessions);
    sessions->framed_by = NULL;
    amp_output_begin(output, carrier->byte_count);
    recode_encode(sessions, wire->format, carrier, output);
    message_unref(carrier);
    return encode_end(sessions, output);
}

static struct span encode_with_id(struct sessions *sessions, const struct message *message, const struct wire *wire,
                                  struct span id)
{
    bool in_header = wire->ids == RESUME_HEADER_IDS;
    struct span encoded = in_header ? encode_header(sessions, message, wire, id)
                                    : encode_message(sessions, message, wire->format, NULL, 0);

    if (wire->frame == NULL || sessions->encoding_failed || encoded.length == 0)
        return encoded;
    sessions->framed_by = NULL; // `framed` is not the result of encode_message() any more
    amp_output_begin(&sessions->framed, encoded.length);
    wire->frame(amp_message_of(message), in_header ? (struct amp_bytes){0} : (struct amp_bytes){id.bytes, id.length},
                (struct amp_bytes){encoded.bytes, encoded.length}, &sessions->framed);
    return encode_end(sessions, &sessions->framed);
}

struct span encode_for(struct session *session, const struct message *message, uint64_t serial, struct span id)
{
    const struct session_resume *resume = resume_of(session);
    const struct wire wire = {session->format.output, resume->ids, resume->frame};

    if (session->exported != NULL)
        return exported_encode(session->sessions, session->exported, message);
    if (wire.ids == RESUME_NO_IDS)
        return encode_message(session->sessions, message, wire.format, session->format.frame, serial);
    return encode_with_id(session->sessions, message, &wire, id);
}

struct span encode_own(struct session *session, const struct message *message, uint64_t serial)
{
    const struct view_feed *feed = session->view_feed;
    char text[RESUME_ID_SIZE];
    struct span id = {0};

    if (feed->kept != NULL)
        id = kept_id(feed, feed->feed.past->count, text);
    return encode_for(session, message, serial, id);
}

struct span encode_next(struct sessions *sessions, const struct view_feed *feed, const struct message *message,
                        uint64_t serial)
{
    const struct wire wire = {feed->format, feed->ids, feed->id_frame};
    char text[RESUME_ID_SIZE];
    struct span id = {0};

    if (feed->exported != NULL)
        return exported_encode(sessions, feed->exported, message);
    if (wire.ids == RESUME_NO_IDS)
        return encode_message(sessions, message, wire.format, feed->frame, serial);
    if (feed->kept != NULL)
        id = kept_id(feed, feed->feed.past->count + 1, text);
    return encode_with_id(sessions, message, &wire, id);
}

struct fingerprint encode_look(struct sessions *sessions, const struct amp_plugin *format, enum resume_ids ids,
                               amp_id_frame *frame)
{
    const struct wire wire = {format, ids, frame};
    struct message_builder builder;
    struct message *message;
    struct fingerprint look;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "Look");
    message_addf(&builder, "Privilege", "call,all");
    message_addf(&builder, "Text", "a <b> & \"c\", d\\e");
    message = message_build(&builder);
    look = fingerprint_of(encode_with_id(sessions, message, &wire, span_of("id")));
    encode_forget(sessions);
    message_unref(message);
    return look;
}
