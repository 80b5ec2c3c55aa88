// core/hub/cluster.h: this proxy as a node of a cluster, if the configuration has a section `cluster`. Thread: the
// hub's.
#ifndef HUB_CLUSTER_H
#define HUB_CLUSTER_H

#include "base/error.h"
#include "base/mailbox.h"

#include <stdbool.h>

struct answer_part;
struct ask;
struct bus;
struct command;
struct hub;
struct hub_cluster;
struct servers_bus;

/** Reads certificates and credentials of the bus. @param cluster  set to NULL if there is no section `cluster`
 *  @return false with `err` */
bool hub_cluster_create(struct hub *hub, struct hub_cluster **cluster, struct error *err);
/** Returns what the servers call; lent. @return NULL if `cluster` is */
const struct servers_bus *hub_cluster_callbacks(const struct hub_cluster *cluster);
/** Starts the bus. NULL is fine. @return false with `err` */
bool hub_cluster_start(struct hub_cluster *cluster, struct error *err);
/** Ends the bus and frees. The servers are gone. NULL is fine. */
void hub_cluster_destroy(struct hub_cluster *cluster);
/** Handles a letter of the bus, and frees it. */
void hub_cluster_take(struct hub_cluster *cluster, struct letter *letter);
/** Returns the bus; lent. @param cluster  NULL: there is none, and NULL is returned */
struct bus *hub_cluster_bus(const struct hub_cluster *cluster);
/** Frees a letter of the bus, which may be gone. */
void hub_cluster_drop(struct letter *letter);
/** Describes the cluster as this node sees it: adds one event for each node and one for each server to the answer of
 *  the command (core/hub/cluster_report.c). @return false with `err`: there is no cluster */
bool hub_cluster_describe(const struct hub_cluster *cluster, struct command *command, struct error *err);
/** Begins to give the servers of this node, which ends, to other nodes. NULL is fine. */
void hub_cluster_drain(struct hub_cluster *cluster);
/** Is that done: does this node own no server any more, and have all actions come that NATS had for it? True if there
 *  is no other node, and without a cluster. */
bool hub_cluster_is_drained(const struct hub_cluster *cluster);
/** Decides anew which servers this node follows, after what a worker needs may have changed. NULL is fine. */
void hub_cluster_judge_need(struct hub_cluster *cluster);
/** Sends a part (lent) of the answer to an ask of another node. */
void hub_cluster_answer(struct hub_cluster *cluster, const struct answer_part *part, struct ask *ask);

#endif
