// core/cluster/ownership.h: which process of the cluster owns which server, decided by each of them alone from the
// heartbeats of all. README.md has the rules. The caller tells what happens (ownership_hear(), _lane(), …), calls
// ownership_step() afterwards and when its time has come, and carries out what the fields of each `struct owned` then
// say; `changed` names those that are new.  Thread: its owner's; the clock is the caller's (clock_ms()).
#ifndef CLUSTER_OWNERSHIP_H
#define CLUSTER_OWNERSHIP_H

#include "base/map.h"
#include "cluster/nodes.h"

#define OWNERSHIP_BEAT_MS UINT64_C(500)    // from one heartbeat to the next
#define OWNERSHIP_HASTE_MS UINT64_C(20)    // … if there is news
#define OWNERSHIP_SERVERS_MOST 8000        // servers of all nodes that are known
#define OWNERSHIP_SETTLE_MS UINT64_C(1000) // two streams of a server are heard side by side before one ends
#define OWNERSHIP_FENCE_MS UINT64_C(4000)  // longest wait for the Ping of a fence
#define OWNERSHIP_TAKE_MS UINT64_C(10000)  // longest wait for another node to take a server
#define OWNERSHIP_AWAIT_MS UINT64_C(2500)  // longest wait for the last events of the owner before
#define OWNERSHIP_ENDED_MS UINT64_C(10000) // heartbeats tell of the end of a claim for so long
#define OWNERSHIP_SOON_MS UINT64_C(3000)   // longest SOURCE_SOON

/** Where the events come from that clients get. */
enum owned_source {
    SOURCE_NONE, // the server is down
    SOURCE_SOON, // nobody's now, but somebody has a lane and is about to go on: clients are told nothing
    SOURCE_LANE, // this node's own lane
    SOURCE_BUS   // the stream of process `follow_boot`
};

/** What was told of a server. */
struct owned_outcome {
    enum hold_state state;
    enum owned_source source;
    bool wants_lane, fence;
    uint64_t claim, follow_boot, follow_epoch, to_boot;
};

/** A server, as this node sees it. Fields are read by the caller; only `context` is written. */
struct owned {
    struct map_node node;
    char *key;
    bool configured; // this node's configuration has it
    void *context;   // the caller's

    // what this node does with it
    enum hold_state state;
    bool wants_lane; // a connection to the Asterisk shall be open, or opened
    enum owned_source source;
    uint64_t claim;                       // its epoch while `state` is a claim, else 0
    uint64_t after_epoch, after_sequence; // its stream goes on where that one ended there; 0: it begins with the lane
    uint64_t follow_boot, follow_epoch;   // SOURCE_BUS: the stream; else 0
    uint64_t follow_after_epoch, follow_after_sequence; // … goes on there; 0: it does not
    bool fence;                                         // send a Ping to the Asterisk, then call ownership_released()
    uint64_t to_boot;   // boot id of the process that takes the server over from this one; 0: none
    uint64_t heir_boot; // … of the one that it was given to last; 0: none
    bool yields;        // … because its claim is better; false: because this node hands the server over

    // what happened
    bool lane_up;
    uint64_t lane_ms; // since when
    bool overlaps;    // … and its followed stream was alive after that: nothing is missing between the two
    bool unreached;   // a lane could not be opened, until `retry_ms`
    uint64_t retry_ms, backoff_ms, failed_ms;
    uint64_t sequence;                    // number of the last event of this node's stream
    uint64_t past_epoch;                  // of the stream that is followed, or was followed last
    uint64_t followed;                    // number of its last event, without a gap before it
    uint64_t seen_epoch;                  // the highest of all
    uint64_t since_ms;                    // since when `to_boot` is what it is, or the fence wanted
    uint64_t from_boot, from_epoch;       // HOLD_TAKING, HOLD_READY: the owner
    uint64_t refused_boot, refused_ms;    // who could not take it, and until when nobody asks it again
    uint64_t soon_ms;                     // until then SOURCE_SOON may last
    bool of_others;                       // the last owner known was another node
    uint64_t ended_epoch, ended_sequence; // the claim that this node gave away lately, and its last number
    uint64_t ended_ms;                    // when that was
    uint64_t await_ms;                    // HOLD_READY: until then the last events of the owner are awaited
    struct owned_outcome told;            // to `changed`
};

struct ownership_settings {
    struct member_id me;       // texts are copied
    uint64_t dead_after_ms;    // at least 2 * OWNERSHIP_BEAT_MS
    uint64_t balance_after_ms; // a node that is alive this long is given the servers whose first rank it has; 0: never
    unsigned standby;          // further nodes that hold a lane to each server
    bool keeps;                // without the bus: leave the servers of other nodes alone
    const char *program;       // its version, for heartbeats; lent; NULL: not told
    void (*changed)(void *context, struct owned *owned); // called by ownership_step()
    void *context;
};

struct ownership {
    struct ownership_settings settings;
    char *node; // of settings.me
    struct nodes nodes;
    struct map map;      // of the servers, by key
    struct owned **list; // in the order of their keys
    size_t count, capacity;
    uint64_t sessions; // the caller's, for heartbeats
    bool draining, leaving;
    bool bus_up;
    uint64_t death_ms;    // when somebody was last found dead; nothing is claimed before the others were heard again
    uint64_t listen_ms;   // until then nothing is claimed: others may have claims that were not heard
    uint64_t beat;        // number of the last heartbeat
    uint64_t beat_ms;     // when it was sent; 0: never
    uint64_t beat_due_ms; // when the next one shall be
    uint64_t gate;        // this node was away: nothing is published until all have heard this heartbeat; 0: open
    uint64_t gate_ms;     // … and not before
    size_t giving;        // servers that are being given away
    bool waking;          // the next heartbeat asks for answers
    uint64_t given_ms;    // when a server was last given away for balance
    uint64_t told_beat;   // all servers are given away: the heartbeat that says so; 0: they are not
};

/** Makes the table, without servers. Nothing is claimed for the first `dead_after_ms`. @return the caller's */
struct ownership *ownership_create(const struct ownership_settings *settings, uint64_t now_ms);
/** Frees it. It may be NULL. */
void ownership_destroy(struct ownership *ownership);

// --- the configuration ------------------------------------------------------------------------------------------

/** Adds a server of the configuration. @param key  as in subjects @return lent until ownership_destroy() */
struct owned *ownership_add(struct ownership *ownership, struct span key);
/** The configuration has it no more: claims end. It stays in the table, because other nodes may have it. */
void ownership_remove(struct ownership *ownership, struct owned *owned);
/** Finds a server. NULL: nobody has named it. */
struct owned *ownership_find(const struct ownership *ownership, struct span key);

// --- what happens -----------------------------------------------------------------------------------------------

/** A heartbeat came. Takes it. */
enum nodes_news ownership_hear(struct ownership *ownership, struct heartbeat *beat, uint64_t now_ms);
/** The connection to the bus was made or lost. */
void ownership_bus(struct ownership *ownership, bool up, uint64_t now_ms);
/** This node gives all servers away, as long as somebody takes them. */
void ownership_drain(struct ownership *ownership, uint64_t now_ms);
/** The lane of a server is logged in, or was lost. */
void ownership_lane(struct ownership *ownership, struct owned *owned, bool up, uint64_t now_ms);
/** A lane could not be opened (refused, no answer, login refused): another node may try. */
void ownership_failed(struct ownership *ownership, struct owned *owned, uint64_t now_ms);
/** Events up to this number were offered by this node. */
static inline void ownership_offered(struct owned *owned, uint64_t sequence)
{
    owned->sequence = sequence;
}
/** Events up to this number of the followed stream have come, without a gap. Events that were given up count as a gap
 *  until another stream is followed: the own lane may still have them, and others may have had them. */
static inline void ownership_followed(struct owned *owned, uint64_t sequence)
{
    owned->followed = sequence;
}
/** An epoch was seen in a message. */
void ownership_saw(struct owned *owned, uint64_t epoch);
/** The fence was answered, or its time is over, and the last batch is published (ownership_offered() has its number):
 * the claim ends. The caller keeps the events of its stream for OWNERSHIP_ENDED_MS, for those who miss some. */
void ownership_released(struct ownership *ownership, struct owned *owned, uint64_t now_ms);
/** The last batch of the owner that gives the server to this node came; event `sequence` was its last. Heartbeats tell
 *  that number, too: if the batch does not come, the node owns the server when it has followed to that event.
 *  @return this node is the owner now; false: it is not the time for it */
bool ownership_taken(struct ownership *ownership, struct owned *owned, uint64_t boot, uint64_t sequence);

// --- what follows from it ---------------------------------------------------------------------------------------

/** Applies the rules to all servers, and calls `changed` for those that are not as they were told last, whatever has
 *  changed them. `changed` may call the functions above. To be called after each of them and every
 *  OWNERSHIP_BEAT_MS / 5. */
void ownership_step(struct ownership *ownership, uint64_t now_ms);
/** May batches go to the bus now? Call it before each; false after this process has slept, until all others have heard
 *  of it again. What is not published stays in the owner's ring, from which others fetch it. */
bool ownership_may_publish(struct ownership *ownership, uint64_t now_ms);
/** Makes the next heartbeat, if it is time (`beat_due_ms`). @param sent_ms  the wall clock
 *  @return its text, which the caller frees; NULL: it is not the time, or it would be too long */
char *ownership_beat(struct ownership *ownership, uint64_t now_ms, uint64_t sent_ms, size_t *length);
/** Makes the last heartbeat: others need not wait until this node is dead. */
char *ownership_leave(struct ownership *ownership, uint64_t now_ms, uint64_t sent_ms, size_t *length);

/** Returns how many servers this node claims. */
size_t ownership_claims(const struct ownership *ownership);
/** Are all servers given away, and have all who are alive heard who owns them now? Then none of them sends another
 *  action to this process; what they have sent before came before the heartbeat by which this is known.
 *  Asks for heartbeats, when it is time. */
bool ownership_is_drained(struct ownership *ownership);

#endif
