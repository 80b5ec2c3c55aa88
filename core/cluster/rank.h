// core/cluster/rank.h: rendezvous hashing: for each server an order of all nodes in which every node comes to the same
// result without asking, and in which a node that comes or goes changes nothing about the order of the others.
// Thread: any; pure.
#ifndef CLUSTER_RANK_H
#define CLUSTER_RANK_H

#include "base/span.h"

/** One process as the cluster knows it. Two of them have one name during a takeover. */
struct member_id {
    struct span node; // encoded as in subjects (lent)
    uint64_t boot;    // chosen at random when the process starts
    uint64_t started; // ms of the wall clock: of two boots of one node, which is the younger
};

/** Returns the score of a node for a server; the highest is first. README.md defines it: releases must agree. */
uint64_t rank_score(struct span server, struct span node);
/** Returns >0: a comes before b for this server; <0: behind; 0: they are the same process. Of two processes of one
 *  node the younger comes first. */
int rank_compare(struct span server, const struct member_id *a, const struct member_id *b);
/** Is it the same process? */
bool member_equals(const struct member_id *a, const struct member_id *b);

#endif
