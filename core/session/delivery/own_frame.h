// core/session/delivery/own_frame.h: bytes that one session adds around each message of its stream (own_frame() of
// struct amp_protocol).  Thread: the session's worker.
#ifndef SESSION_DELIVERY_OWN_FRAME_H
#define SESSION_DELIVERY_OWN_FRAME_H

#include "ami/message.h"

#include <stddef.h>
#include <stdint.h>

struct session;
struct sessions;
struct view_feed;

/** Has the session's protocol own_frame(), whether or not the session streams? */
bool own_frame_is_had(const struct session *session);
/** Does the session's protocol frame the messages of its stream with own_frame()? */
bool own_frame_is_wanted(const struct session *session);
/** For the functions that own_frame() must not call. @return true: own_frame() has called it; the session has ended,
 *  and the log names the plugin */
bool own_frame_refuses(struct session *session);
/** After `encoded` (not empty), the encoding of `message`, was appended to `feed`: adds the frames of the feed's
 *  readers.
 *  @param later  reader that is left out, or NULL; the caller frames it with own_frame_reader() or replaces the message
 *                with output_replace() before anything else is appended */
void own_frame_readers(struct sessions *sessions, struct view_feed *feed, const struct message *message,
                       uint64_t serial, struct span encoded, const struct session *later);
/** Does the same for one session that reads the feed. */
void own_frame_reader(struct session *session, const struct message *message, uint64_t serial, struct span encoded);
/** Sends one session the encoding of a message, in the session's own frame if it has one. Ends the session if the
 *  plugin fails.
 *  @param replaced  length of the feed's last message, which this one replaces (see output_replace()); 0: it replaces
 *                   none */
void own_frame_send(struct session *session, const struct message *message, uint64_t serial, struct span encoded,
                    size_t replaced);

#endif
