// core/session/delivery/handover.h: the kept feeds of a worker go to another process, or come from one (SIGUSR2). While
// it is not certain that the other process serves, the feeds here get nothing more, so that both number the same
// messages alike; what comes meanwhile is held.  Thread: the worker's, for all functions.
#ifndef SESSION_DELIVERY_HANDOVER_H
#define SESSION_DELIVERY_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

struct kept_feed;
struct message;
struct past;
struct past_file;
struct session;
struct sessions;
struct view_feed;

/** Writes the kept feeds to `file`. From now on messages for them are held. */
void handover_give(struct sessions *sessions, struct past_file *file);
/** Appends to the feeds what was held, because the other process does not serve. Does nothing if nothing was given. */
void handover_take_back(struct sessions *sessions);
/** Notes that the session has been sent message `serial` itself: if its feed holds that message, the session does not
 * get it once more. Does nothing else. */
void handover_note_given(const struct session *session, uint64_t serial);
/** Drops what is held, because the other process serves. Does nothing if nothing was given. */
void handover_leave(struct sessions *sessions);
/** Makes the feeds of `past` that this worker is to have. */
void handover_take(struct sessions *sessions, const struct past *past);
/** Must the message not be appended to the feed now? If so, it is held as long as it may still be needed.
 *  @param message  as the feed's view shows it */
bool handover_withholds(struct sessions *sessions, struct view_feed *feed, const struct message *message,
                        uint64_t serial);
/** Drops what is held for a feed. */
void handover_forget(const struct sessions *sessions, struct kept_feed *kept);

#endif
