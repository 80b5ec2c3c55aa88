// core/run/watchdog.h: notifies the service manager's watchdog, at half of its interval, while the loops of the hub and
// all workers respond. If one hangs, the notifications stop and the watchdog ends the program, which then writes the
// stacks of its threads to stderr (base/stack.h).  Thread: the hub's.
#ifndef RUN_WATCHDOG_H
#define RUN_WATCHDOG_H

struct hub;
struct watchdog;

/** @return NULL: the service manager has no watchdog for us */
struct watchdog *watchdog_create(struct hub *hub);
/** NULL is fine. */
void watchdog_destroy(struct watchdog *watchdog);

#endif
