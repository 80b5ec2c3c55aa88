// core/run/succeed.h: when the program begins to accept connections: at once, or, started by an earlier process
// (takeover.h), when it can do that one's work.  Thread: the hub's.
#ifndef RUN_SUCCEED_H
#define RUN_SUCCEED_H

struct hub;

/** Begins to serve, or to wait until it can. A successor that is not logged in to as many servers as the earlier
 * process within 20 s says so and ends the loop (hub->failed). */
void succeed_begin(struct hub *hub);

#endif
