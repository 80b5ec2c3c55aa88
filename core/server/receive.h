// core/server/receive.h: what comes in on a lane: bytes become messages, within their limits, and each message is an
// answer, a part of one, or an event for all sessions.  Thread: the hub's.
#ifndef SERVER_RECEIVE_H
#define SERVER_RECEIVE_H

#include <stdbool.h>
#include <stddef.h>

#define RECEIVE_BYTES ((size_t)128 * 1024) // most in one turn of the loop: others wait no longer than these take

struct lane;
struct message;

/** Reads bytes that the transport has, at most RECEIVE_BYTES, and handles the messages in them. It is called again for
 *  the rest. May close the lane. */
void receive_bytes(struct lane *lane);
/** Handles the complete messages that were read. @return false: the lane was closed */
bool receive_messages(struct lane *lane);
/** Handles a message (taken) that a lane has received. */
void receive_message(struct lane *lane, struct message *message);

#endif
