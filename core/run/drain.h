// core/run/drain.h: the orderly end: no new connections, answers to what is in flight, clients told, servers logged
// off. `limits.drain` is the time for all of it.  Thread: the hub's.
#ifndef RUN_DRAIN_H
#define RUN_DRAIN_H

#include <stdbool.h>

struct hub;

/** Begins the end. @param why  for the log */
void drain_begin(struct hub *hub, const char *why);
/** SIGTERM or SIGINT: the first begins the end, the next one ends at once. */
void drain_on_signal(struct hub *hub, int number);
/** A worker's last session is gone. */
void drain_on_drained(struct hub *hub);
/** The period of hub->tick, while the end goes on. */
void drain_on_tick(int fd, short what, void *argument);

#endif
