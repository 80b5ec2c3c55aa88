// core/hub/hub.h: the thread that holds the servers, accepts clients and takes the signals.
// Thread: the one that calls hub_run().
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include "config/config.h"
#include "net/listener.h"
#include "plugin/registry.h"

struct handover;
struct hub;

/** Makes loop, workers and servers, and reads certificates: as the user who may, before privileges are dropped. No
 *  thread is started yet. @param listeners  one per config->listen, bound; taken over: each becomes NULL
 *  @return NULL with `err` set */
struct hub *hub_create(struct config *config, const struct registry *registry, struct listener **listeners,
                       struct error *err);
/** An option says where the log goes and how loud it is: a reload leaves it so. */
void hub_fix_log(struct hub *hub);
/** Serves until SIGTERM or SIGINT, or until another process has taken over (SIGUSR2), then ends in order: answers in
 *  flight, clients told, servers logged off. @param handover  lent
 *  @return the exit code: 0 ended in order, 1 could not start, 2 ended at once by a second signal */
int hub_run(struct hub *hub, struct handover *handover);
void hub_destroy(struct hub *hub);

#endif
