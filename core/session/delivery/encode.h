// core/session/delivery/encode.h: what a message is on the wire of a session or a feed: its format, its frame, and the
// id for clients that come back (resume.h). The last encoding is remembered, so that a message is encoded once for all
// feeds of a format.  Thread: the worker's.
#ifndef SESSION_DELIVERY_ENCODE_H
#define SESSION_DELIVERY_ENCODE_H

#include "ami/fingerprint.h"
#include "session/client/set.h"

#define ENCODING_FAILED "encode() or a frame wrote too many bytes, or passed a null pointer"

/** Encodes `message` in `format`, inside `frame` (NULL: none).
 *  @param serial  serial number of the message, for the frame
 *  @return bytes that are valid until the next call; none, with `encoding_failed` set, if the plugin failed */
struct span encode_message(struct sessions *sessions, const struct message *message, const struct amp_plugin *format,
                           amp_frame *frame, uint64_t serial);
/** Does encode_message() remember the message in that format? */
static inline bool encode_has(const struct sessions *sessions, const struct message *message,
                              const struct amp_plugin *format)
{
    return sessions->encoded == message && sessions->encoded_format == format;
}
/** Forgets the message that encode_message() remembers. The bytes that it returned stay valid. */
void encode_forget(struct sessions *sessions);
/** Encodes `message` for the session alone: in its format, with its frame and, unless empty, `id`. The result is valid
 *  as that of encode_message(). */
struct span encode_for(struct session *session, const struct message *message, uint64_t serial, struct span id);
/** Encodes the session's own copy of the message that was appended to its feed last, with the same id. */
struct span encode_own(struct session *session, const struct message *message, uint64_t serial);
/** Encodes `message` as the next one of a feed, with its id if the feed has ids. The result is valid as that of
 *  encode_message(). */
struct span encode_next(struct sessions *sessions, const struct view_feed *feed, const struct message *message,
                        uint64_t serial);

/** Describes what messages look like with that format, kind of ids and frame: streams of two processes that look alike
 *  have an equal one. */
struct fingerprint encode_look(struct sessions *sessions, const struct amp_plugin *format, enum resume_ids ids,
                               amp_id_frame *frame);

#endif
