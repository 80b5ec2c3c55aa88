// core/session/delivery/own_frame.h: bytes of one session's own around each message of its stream (struct amp_protocol,
// own_frame).  Thread: the session's worker.
#ifndef SESSION_DELIVERY_OWN_FRAME_H
#define SESSION_DELIVERY_OWN_FRAME_H

#include "ami/message.h"

#include <stddef.h>
#include <stdint.h>

struct session;
struct sessions;
struct view_feed;

/** Has the session's protocol an own_frame() that is in use? */
bool own_frame_is_wanted(const struct session *session);
/** Asked by what own_frame() must not call. Does it call that? Then the session ends, and the log names the plugin. */
bool own_frame_refuses(struct session *session);
/** `encoded` (not empty) of `message` was appended to `feed`: each reader that frames puts its own bytes around it, all
 *  but `later` (NULL: nobody), which does by own_frame_reader() or output_replace() before anything else is appended.
 */
void own_frame_readers(struct sessions *sessions, struct view_feed *feed, const struct message *message,
                       uint64_t serial, struct span encoded, const struct session *later);
/** The same for one session that reads the feed. */
void own_frame_reader(struct session *session, const struct message *message, uint64_t serial, struct span encoded);
/** Gives one session the encoding of a message, inside its own frame if it has one. Ends the session if the plugin
 * fails.
 *  @param replaced  bytes of the feed's last message in whose place this stands (see output_replace()); 0: it follows
 */
void own_frame_send(struct session *session, const struct message *message, uint64_t serial, struct span encoded,
                    size_t replaced);

#endif
