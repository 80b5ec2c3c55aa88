// core/session/connection/input.h: turns a client's bytes into messages and handles these in order. The proxy stops
// reading from a client with too many actions in flight, so that TCP's flow control slows the client down.
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_INPUT_H
#define SESSION_CONNECTION_INPUT_H

#include "session/client/session.h"

/** Reads the bytes that are available on the socket. */
void input_read(struct session *session);
/** Handles a complete message (taken) of the decoder (on_message of struct amp_input), at once or in its turn.
 *  @param context  the session
 *  @param rejected  why the message cannot be an action, NULL: it can
 *  @return false: the decoder shall stop for now */
bool input_take_message(void *context, struct message *message, const char *rejected);
/** Returns what the session waits for before it decodes more bytes. */
enum wait_reason input_waits_for(const struct session *session);
/** Continues after a wait has ended: handles the held messages as far as their order allows, then decodes the bytes
 *  that were left over, then reads from the socket. */
void input_resume(struct session *session);
/** Stops looking for the ActionID in the rest of a message that is too long, and refuses the message. */
void input_stop_looking(struct session *session);

#endif
