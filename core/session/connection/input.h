// core/session/connection/input.h: bytes of a client become messages, and these are acted upon in their order. A client
// that has as much in flight as it may have is not read further: the kernel tells it to wait.  Thread: the session's
// worker.
#ifndef SESSION_CONNECTION_INPUT_H
#define SESSION_CONNECTION_INPUT_H

#include "session/connection/session.h"

/** Reads what waits on the socket. */
void input_read(struct session *session);
/** The decoder has a whole message (taken); `context` is the session. @return false: stop decoding for now */
bool input_take_message(void *context, struct message *message, const char *rejected);
/** What the session waits for before it decodes what follows. */
enum wait_reason input_waits_for(const struct session *session);
/** Something that held the session up is over: acts upon held messages as far as order allows, then reads on, first
 * what is left over, then the socket. */
void input_resume(struct session *session);
/** The time is up for an ActionID that may stand in what follows of a message that is too long. */
void input_stop_looking(struct session *session);

#endif
