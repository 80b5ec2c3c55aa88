// core/run/drain.h: the orderly end: no new connections, answers to what is in flight, clients told, servers logged
// off. `limits.drain` is the time for all of it.  Thread: the hub's.
#ifndef RUN_DRAIN_H
#define RUN_DRAIN_H

#include <stdbool.h>

struct service;

/** Begins the end. @param why  for the log */
void drain_begin(struct service *service, const char *why);
/** SIGTERM or SIGINT: the first begins the end, the next one ends at once. */
void drain_on_signal(struct service *service, int number);
/** A worker's last session is gone. */
void drain_on_worker(struct service *service);

#endif
