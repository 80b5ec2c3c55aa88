// core/run/watchdog.h: tells the service manager's watchdog that the program lives: at half of its time, and only as
// long as the hub's loop and those of all workers turn. One that hangs lets the watchdog end the program.  Thread: the
// hub's.
#ifndef RUN_WATCHDOG_H
#define RUN_WATCHDOG_H

struct hub;
struct watchdog;

/** @return NULL: no watchdog waits for us */
struct watchdog *watchdog_create(struct hub *hub);
/** NULL is fine. */
void watchdog_destroy(struct watchdog *watchdog);

#endif
