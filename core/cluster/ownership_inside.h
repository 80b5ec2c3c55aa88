// core/cluster/ownership_inside.h: what the files of ownership.h share.
#ifndef CLUSTER_OWNERSHIP_INSIDE_H
#define CLUSTER_OWNERSHIP_INSIDE_H

#include "cluster/ownership.h"

/** A claim of another process, or none. */
struct rival {
    const struct node_member *member; // NULL: there is none
    const struct heartbeat_server *line;
};

/** How fit a process is to own a server that nobody owns. */
enum fitness {
    UNFIT,       // its configuration does not have it
    FIT_FAILED,  // could not open a lane lately
    FIT_LEAVING, // gives its servers away
    FIT,         // as far as it knows
    FIT_HOLDS,   // has a lane
    FIT_READY    // … and was chosen by the last owner
};

/** What the others do with a server. */
struct scene {
    struct ownership *ownership;
    uint64_t now_ms;
    bool alone;           // nobody else is alive
    bool may_claim;       // this node has heard enough to claim what nobody claims
    struct rival up;      // the best claim whose lane is up
    struct rival claim;   // the best claim
    struct rival giver;   // who gives it to this node
    struct rival fittest; // of the others, who should claim it if nobody does
    enum fitness fitness; // … how fit it is
    struct rival first;   // of the others, the first in rank of those that are fit
    unsigned before;      // how many fit nodes come before this one in rank, without the owner
};

/** Looks at a server's lines in the heartbeats of the living. */
void scene_look(struct scene *scene, const struct owned *owned);
/** How fit is this node? */
enum fitness ownership_fitness(const struct ownership *ownership, const struct owned *owned);
/** Compares this node's claim with another's. >0: this one's is better */
int ownership_compare(const struct ownership *ownership, const struct owned *owned, const struct rival *rival);
/** Hands a server over: chooses the process that shall take it, when this node drains, has a successor, or balances;
 *  goes on when that one is ready; ends the attempt if it cannot or takes too long. */
void ownership_give(const struct scene *scene, struct owned *owned);
/** Is nobody fitter than this node to claim it? */
bool scene_is_ours(const struct scene *scene, const struct owned *owned);

/** Enters a state; the only writer of the state, of the claim and of what follows from them. */
void owned_enter(struct ownership *ownership, struct owned *owned, enum hold_state next);
/** Claims a server. @param after_epoch  its stream goes on there; 0: it does not */
void owned_claim(struct ownership *ownership, struct owned *owned, uint64_t after_epoch, uint64_t after_sequence);
/** Sets which process takes the server over (`to_boot`). @param boot  its boot id; 0: none */
void owned_set_to(struct ownership *ownership, struct owned *owned, uint64_t boot, uint64_t now_ms);
/** Notes that time has passed: nodes_age(). */
void ownership_age(struct ownership *ownership, uint64_t now_ms);
/** The heartbeat changes: it is due. */
static inline void ownership_hasten(struct ownership *ownership)
{
    uint64_t soon_ms = ownership->beat_ms + OWNERSHIP_HASTE_MS;

    if (ownership->beat_due_ms > soon_ms)
        ownership->beat_due_ms = soon_ms;
}
/** Is the server's own lane what its clients hear? */
static inline bool owned_serves(const struct owned *owned)
{
    return owned->lane_up && (owned->state == HOLD_UP || owned->state == HOLD_RELEASING || owned->state == HOLD_LOCAL);
}

#endif
