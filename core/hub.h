// core/hub.h: the thread that holds the servers, accepts clients and takes the signals.
// Thread: the one that calls hub_run().
#ifndef CORE_HUB_H
#define CORE_HUB_H

#include "config/config.h"
#include "net/listener.h"
#include "plugin/registry.h"

struct hub;

/** Makes loop, workers and servers, and reads certificates: as the user who may, before privileges are dropped. No
 *  thread is started yet. @param listeners  one per config->listen, bound; taken over: each becomes NULL
 *  @return NULL with `err` set */
struct hub *hub_create(struct config *config, const struct registry *registry, struct listener **listeners,
                       struct error *err);
/** Serves until SIGTERM or SIGINT, then ends in order: answers in flight, clients told, servers logged off.
 *  @return false if it ended at once, because of a second signal */
bool hub_run(struct hub *hub);
void hub_destroy(struct hub *hub);

#endif
