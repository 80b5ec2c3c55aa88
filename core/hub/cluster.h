// core/hub/cluster.h: this proxy as a node of a cluster, if the configuration has a section `cluster`. Thread: the
// hub's.
#ifndef HUB_CLUSTER_H
#define HUB_CLUSTER_H

#include "base/error.h"
#include "base/mailbox.h"

#include <stdbool.h>

struct hub;
struct hub_cluster;

/** Reads certificates and credentials of the bus. @param cluster  set to NULL if there is no section `cluster`
 *  @return false with `err` */
bool hub_cluster_create(struct hub *hub, struct hub_cluster **cluster, struct error *err);
/** Starts the bus. NULL is fine. @return false with `err` */
bool hub_cluster_start(struct hub_cluster *cluster, struct error *err);
/** Ends the bus and frees. NULL is fine. */
void hub_cluster_destroy(struct hub_cluster *cluster);
/** Handles a letter of the bus, and frees it. */
void hub_cluster_take(struct hub_cluster *cluster, struct letter *letter);
/** Frees a letter of the bus, which may be gone. */
void hub_cluster_drop(struct letter *letter);

#endif
