// core/run/service.h: the life of the process around one hub: signals, the order of start and stop, and commands of
// proxy actions that concern the whole process.
// Thread: the one that calls service_run().
#ifndef RUN_SERVICE_H
#define RUN_SERVICE_H

#include "base/error.h"
#include "config/config.h"
#include "net/listener.h"
#include "plugin/registry.h"

#include <stdbool.h>

struct service;
struct takeover;

/** Creates the hub with everything in it (hub_create()); no thread is started yet.
 *  @param listeners  one per config->listen, bound; taken over: each becomes NULL. One that is NULL is never opened
 *  @return NULL with `err` set */
struct service *service_create(struct config *config, const struct registry *registry, struct listener **listeners,
                               struct error *err);
/** An option sets the log's target and level: a reload does not change them. */
void service_fix_log(struct service *service);
/** Serves until SIGTERM or SIGINT, or until another process has taken over (SIGUSR2), then drains: answers in
 *  flight, clients informed, servers logged off.
 *  @param takeover  lent
 *  @return the exit code: 0 ended in order, 1 could not start, 2 ended at once by a second signal */
int service_run(struct service *service, struct takeover *takeover);
/** NULL is fine. */
void service_destroy(struct service *service);

#endif
