// core/cluster/heartbeat.h: what a node tells all others twice a second, as text:
//
//   Amp: 1                          the version of the protocol; always the first line
//   Node: n1
//   Boot: 6f1d2a0b9c3e4f57
//   Started: 1700000000000          ms of the wall clock
//   Beat: 4711                      counts the heartbeats of this boot
//   Sent: 1700000012345             ms of the wall clock; for people
//   Sessions: 12
//   Program: 2.1.0                  the program's version; for people
//   Draining: 1                     it gives its servers away | Leaving: 1  its last word | Waking: 1  it asks to be
//                                   answered at once, because it has slept
//   Heard: n2 0c1d2e3f40516273 815  the last heartbeat of another process that came here
//   Server: pbx1 claim=7 state=up sequence=812 after=6/77 give=n2/0c1d2e3f40516273
//   Server: pbx2 ended=3/409
//
// It names every server of the node's configuration, in the order of bytes; one that it does not name it cannot reach.
// Unknown lines and words are skipped: later releases of the same version may have more.  Thread: any; pure.
#ifndef CLUSTER_HEARTBEAT_H
#define CLUSTER_HEARTBEAT_H

#include "cluster/rank.h"

#define HEARTBEAT_VERSION 1
#define HEARTBEAT_BYTES ((size_t)768 << 10) // longest; NATS carries 1 MiB
#define HEARTBEAT_SERVERS 2000              // most of one node
#define HEARTBEAT_HEARD 256                 // most other processes
#define EPOCH_MOST (UINT64_C(1) << 60)      // largest epoch; numbers of events and heartbeats have the same bound

/** What a node does with a server. */
enum hold_state {
    HOLD_NOTHING,   // follows the owner, or nobody
    HOLD_OPENING,   // claims it; its lane is not up
    HOLD_UP,        // claims it, and offers its events
    HOLD_RELEASING, // claims it, and is about to give it away
    HOLD_TAKING,    // another one gives it to this node; the lane is not up
    HOLD_READY,     // … the lane is up
    HOLD_WARM,      // has a lane besides the owner's (standby)
    HOLD_LOCAL      // has a lane for its own clients, as nobody else was there
};

/** A server in a heartbeat. */
struct heartbeat_server {
    struct span key; // as in subjects
    bool unreached;  // reach=0: a lane could not be opened
    enum hold_state state;
    uint64_t claim;                       // its epoch; 0: no claim
    uint64_t sequence;                    // number of the last event that was offered
    uint64_t after_epoch, after_sequence; // the claim's stream continues that one there; 0: it does not
    uint64_t ended_epoch, ended_sequence; // the claim that was given away lately, and the last number of its stream
    struct member_id give;                // the process that shall take it over; boot 0: none. `started` is not sent
};

/** A process that was heard. */
struct heartbeat_heard {
    struct member_id member; // its `started` is not known
    uint64_t beat;
};

/** A heartbeat. heartbeat_decode() makes one that owns what its spans lend; others are their maker's. */
struct heartbeat {
    struct member_id member;
    uint64_t beat, sent, sessions;
    struct span program; // its version; empty: it is not told
    bool draining, leaving, waking;
    struct heartbeat_heard *heard;
    size_t heard_count;
    struct heartbeat_server *servers; // in the order of their keys
    size_t server_count;
    char *text;
};

/** Writes a heartbeat. @return the text, which the caller frees; NULL: it would be longer than HEARTBEAT_BYTES */
char *heartbeat_encode(const struct heartbeat *heartbeat, size_t *length);
/** Reads a heartbeat from the bus. @param fault  set to what is wrong, if it is refused
 *  @return a heartbeat that heartbeat_free() frees; NULL: it is refused as a whole */
struct heartbeat *heartbeat_decode(struct span body, const char **fault);
/** Frees what heartbeat_decode() returned. It may be NULL. */
void heartbeat_free(struct heartbeat *heartbeat);
/** Returns what it says of a server, lent; NULL: it does not name it. */
const struct heartbeat_server *heartbeat_find(const struct heartbeat *heartbeat, struct span key);
/** Returns which of its own heartbeats process `me` was heard with; 0: it was not heard. */
uint64_t heartbeat_echo(const struct heartbeat *heartbeat, const struct member_id *me);
/** Returns the word for a state, as in the text. */
const char *hold_state_word(enum hold_state state);
/** Does a node in this state own the server? */
static inline bool hold_is_claim(enum hold_state state)
{
    return state == HOLD_OPENING || state == HOLD_UP || state == HOLD_RELEASING;
}
/** Does a node in this state serve its clients by its own lane? */
static inline bool hold_is_served(enum hold_state state)
{
    return hold_is_claim(state) || state == HOLD_LOCAL;
}
/** Compares keys of servers byte by byte: <0, 0, >0. */
int key_compare(struct span a, struct span b);

#endif
