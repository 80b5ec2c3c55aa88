// core/cluster/nodes.h: the processes of the cluster as one of them knows them, from their heartbeats. The processes
// are called members: during a takeover two of them have one node's name.  Thread: its owner's; the clock is the
// caller's.
#ifndef CLUSTER_NODES_H
#define CLUSTER_NODES_H

#include "cluster/heartbeat.h"

#define NODES_MOST 256                  // members, of which heartbeats are kept
#define NODES_FORGET_MS UINT64_C(60000) // so long a dead one is remembered, for people
#define NODES_LOWS 3                    // heartbeats that rise in a row below a higher number; the last is taken
#define NODES_PACE_MS UINT64_C(250)     // less than from one heartbeat to the next, more than between late ones

struct node_member {
    struct heartbeat *beat; // the last one
    uint64_t heard_ms;      // when it came, by the local clock
    uint64_t since_ms;      // since when it is alive without a pause; for people if it is dead
    uint64_t echo;          // the last heartbeat of this process that it has heard; 0: none
    uint64_t mark;          // of its heartbeats, the one that all others shall have heard (nodes_mark())
    unsigned lows;          // heartbeats in a row whose numbers rise at its pace, but are not above that of `beat`
    uint64_t low, low_ms;   // number of the last one of these, and when it came
    bool alive;             // as of the last nodes_age()
    bool told_namesake;     // the log says that it has this node's name; the hub's
};

/** The members. Zeroed but for `me`: empty. */
struct nodes {
    struct member_id me; // lent by the owner
    struct node_member *members[NODES_MOST];
    size_t count;
};

/** What came of a heartbeat. */
enum nodes_news {
    NODES_KNOWN,   // one of a member that was alive
    NODES_ARRIVED, // of one that is new, or was dead
    NODES_OWN,     // of this process itself
    NODES_STALE,   // older than one that came before
    NODES_DOUBTED, // stale, but such numbers rise at the pace of a living process: two senders. See NODES_LOWS
    NODES_FULL     // there are NODES_MOST members already
};

/** Frees the members. */
void nodes_fini(struct nodes *nodes);
/** Notes a heartbeat. Takes it, whatever the result. A member that leaves is dead at once. */
enum nodes_news nodes_hear(struct nodes *nodes, struct heartbeat *beat, uint64_t now_ms);
/** Notes that time has passed: who was not heard for `dead_after_ms` is dead, and later forgotten.
 *  @return how many have died */
size_t nodes_age(struct nodes *nodes, uint64_t dead_after_ms, uint64_t now_ms);
/** This process has slept: the living are given so much longer to be heard, because nobody listened to them. */
void nodes_excuse(struct nodes *nodes, uint64_t slept_ms, uint64_t now_ms);
/** Finds a member, dead or alive. NULL: it is not known. */
struct node_member *nodes_find(const struct nodes *nodes, const struct member_id *id);
/** Returns how many are alive, without this process. */
size_t nodes_alive(const struct nodes *nodes);
/** Was everybody who is alive heard after that time? */
bool nodes_were_heard(const struct nodes *nodes, uint64_t since_ms);
/** Have all who are alive heard this heartbeat of this process, or a later one? */
bool nodes_have_heard(const struct nodes *nodes, uint64_t beat);
/** Marks what this process has heard last of each member. */
void nodes_mark(struct nodes *nodes);
/** Have all who are alive heard of each other at least what was marked? Then they know what this process knew then. */
bool nodes_have_heard_marks(const struct nodes *nodes);

#endif
