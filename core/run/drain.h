// core/run/drain.h: draining: no new connections, answers to actions in flight, clients informed and closed, servers
// logged off. `limits.drain` limits the whole sequence.  Thread: the hub's.
#ifndef RUN_DRAIN_H
#define RUN_DRAIN_H

#include <stdbool.h>

struct service;

/** Begins to drain. @param why  for the log */
void drain_begin(struct service *service, const char *why);
/** SIGTERM or SIGINT: the first begins to drain, the second ends the program at once. */
void drain_on_signal(struct service *service, int number);
/** A worker's last session has ended. */
void drain_on_worker(struct service *service);

#endif
