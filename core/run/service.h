// core/run/service.h: the life of the process around one hub: signals, the order of start and stop, commands of proxy
// actions that concern all of it.
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

/** Makes the hub with everything in it (hub_create()); no thread is started yet.
 *  @param listeners  one per config->listen, bound; taken over: each becomes NULL. One that is NULL is never opened
 *  @return NULL with `err` set */
struct service *service_create(struct config *config, const struct registry *registry, struct listener **listeners,
                               struct error *err);
/** An option says where the log goes and how detailed it is: a reload leaves that as it is. */
void service_fix_log(struct service *service);
/** Serves until SIGTERM or SIGINT, or until another process has taken over (SIGUSR2), then ends in order: answers in
 *  flight, clients told, servers logged off.
 *  @param takeover  lent
 *  @return the exit code: 0 ended in order, 1 could not start, 2 ended at once by a second signal */
int service_run(struct service *service, struct takeover *takeover);
/** NULL is fine. */
void service_destroy(struct service *service);

#endif
