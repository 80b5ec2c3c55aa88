// core/server/lane_inside.h: what the files lane*.c share; no other file includes it.  Thread: the hub's.
#ifndef SERVER_LANE_INSIDE_H
#define SERVER_LANE_INSIDE_H

#include "server/lane.h"

#define LANE_OPENING_MS 10000                // time limit for each of: resolve, connect (with TLS), banner
#define LANE_EARLY_BYTES ((size_t)64 * 1024) // most bytes that a server may send before the login
#define LANE_LINE_BYTES ((size_t)16 << 20)   // longest line of a server

/** Enters a state: the only writer of the state. Logs it and sets the deadline. @param limit_ms  the longest stay, 0:
 *  no limit */
void lane_enter(struct lane *lane, enum lane_state next, uint64_t limit_ms);
/** Connects to the server's next address after the present one did not answer. @return false: there is no other */
bool lane_connect_next(struct lane *lane);
/** Starts to log in after the banner has come. */
void lane_greet(struct lane *lane, struct span banner);

/** Is the lane logged in, and not closed yet? */
static inline bool lane_is_open(const struct lane *lane)
{
    return lane->state == LANE_UP || lane->state == LANE_LEAVING;
}

#endif
