// core/server/lane_inside.h: what the files lane*.c share, and nobody else includes.  Thread: the hub's.
#ifndef SERVER_LANE_INSIDE_H
#define SERVER_LANE_INSIDE_H

#include "server/lane.h"

#define LANE_OPENING_MS 10000                // resolve, connect (with the handshake), banner: each
#define LANE_EARLY_BYTES ((size_t)64 * 1024) // before the login
#define LANE_LINE_BYTES ((size_t)16 << 20)   // longest line of a server

/** The only writer of the state. Logs it and sets the deadline. @param limit_ms  the longest stay, 0: no limit */
void lane_enter(struct lane *lane, enum lane_state next, uint64_t limit_ms);
/** Passes over an address that did not answer. @return false: there is no other to try */
bool lane_connect_next(struct lane *lane);
/** Sends an action of our own; what is built is used up. */
void lane_send_own(struct lane *lane, enum exchange_purpose purpose, struct message_builder *action);
/** The banner has come: starts to log in. */
void lane_greet(struct lane *lane, struct span banner);
/** Reads what the transport has, and takes the messages in it. The lane may be closed behind it. */
void lane_read(struct lane *lane);
/** Takes the whole messages that were read. @return false: the lane was closed */
bool lane_take_messages(struct lane *lane);

/** Is it logged in, and not closed yet? */
static inline bool lane_is_open(const struct lane *lane)
{
    return lane->state == LANE_UP || lane->state == LANE_LEAVING;
}

#endif
