// core/run/watchdog.h: tells the service manager's watchdog that the program lives: at half of its time, and only as
// long as the hub's loop and those of all workers turn. One that hangs lets the watchdog end the program.  Thread: the
// hub's.
#ifndef RUN_WATCHDOG_H
#define RUN_WATCHDOG_H

struct hub;
struct pulse;

/** @return NULL: no watchdog waits for us */
struct pulse *pulse_create(struct hub *hub);
/** NULL is fine. */
void pulse_destroy(struct pulse *pulse);

#endif
