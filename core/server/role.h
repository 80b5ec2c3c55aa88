// core/server/role.h: what this node is to a server of the cluster. Without a cluster there are no roles, and each
// server is the proxy's own.  Thread: the hub's.
//
// A server that another node owns looks like any other to sessions: it is up or down, takes asks and gives events. Only
// its transport differs: actions go to the owner by `struct servers_bus`, and what comes back is given to it here.
#ifndef SERVER_ROLE_H
#define SERVER_ROLE_H

#include "server/lane.h"
#include "server/offer.h"
#include "server/seam.h"

#define ROLE_OVERLAP_MS 1000 // an owner that has slept publishes no longer than this beside the one that replaced it

struct privileges;
struct server;
struct servers;

/** role_enter() is the only writer. */
enum role_state {
    ROLE_REMOTE,  // another node owns the server, or nobody: the owner's events are given, actions go to it
    ROLE_STANDBY, // … and this node connects, too, or is connected: what its own lanes hear is held
    ROLE_OWN,     // this node owns it: its lanes serve, and what they hear is offered to the others
    ROLE_LEAVING  // another node owns it now; the own lanes only finish what was sent on them
};

/** What the two streams of events are for, if there are two. */
enum role_seam {
    SEAM_NONE,
    SEAM_STANDBY, // clients get the owner's, and the own lane's is held
    SEAM_YIELD    // clients get the own lane's, and the stream of the node that will own the server is held
};

/** What is known of a server that another node owns. Texts are lent. */
struct remote_facts {
    const char *node; // the owner's name
    bool up;
    const char *reason; // why it is down; NULL: unknown
    const char *banner, *address;
    bool boot_known;
    uint64_t boot_ms, reload_ms;   // as in struct server
    const struct message *actions; // the answer to ListCommands; NULL: unknown
};

struct role {
    enum role_state state;
    struct offer offer;      // of the owner
    struct lane afar;        // the exchanges at the owner; this lane is never opened
    bool up;                 // … says that the server is up
    char node[128];          // the owner's name, empty: there is none
    struct message *actions; // of an owner: the answer to ListCommands, to be told to others; NULL: none yet
    struct writer_buffer out;
    enum role_seam seam_use;
    struct seam seam;
    struct seam_side after; // what clients have got of the stream before the present one, which has not had it yet
    uint64_t left_ms;       // ROLE_LEAVING: since when
    uint64_t unheard;       // … events of the own lane since the last one of the owner, which clients may never get
    void *record;           // the hub's
};

/** Keeps the answer to ListCommands (borrowed), for other nodes. */
void role_keep_actions(struct server *server, const struct message *answer);
/** Gives the server a role: ROLE_REMOTE, of which no owner is known. */
void role_create(struct server *server);
/** Frees the role. Does nothing if there is none. */
void role_destroy(struct server *server);
// --- changes ----------------------------------------------------------------------------------------------------

/** This node owns the server from now on: it connects, or is connected already. */
void role_own(struct server *server);
/** Another node owns the server: this one connects, too, or keeps its connection, to be ready to own it. */
void role_stand_by(struct server *server);
/** Another node will own the server: its events are held beside the own ones (remote_hold_event()). */
void role_yield(struct server *server);
/** That does not happen. */
void role_stay(struct server *server);
/** Another node owns the server from now on, and clients are told nothing: its events follow the own ones, those that
 *  are held first. The own lanes finish what was sent on them.
 *  @param stay  … and stay connected, as after role_stand_by() */
void role_leave(struct server *server, bool stay);
/** Another stream goes on after the one whose latest events are in the ring: those after number `after` are in both,
 * and clients have got them. */
void role_leave_out(struct server *server, uint64_t after);
/** Another stream follows, of which nobody knows where it begins: what clients have got in the last ROLE_OVERLAP_MS of
 * the one in the ring may be in both. */
void role_leave_out_latest(struct server *server);
/** Sends a Ping on the main lane; servers_bus.fenced() follows when all that the server sent before was read.
 *  @return false: the lane is not up */
bool role_fence(struct server *server);
/** Called when that Ping is answered. */
void role_fenced(struct server *server);
/** This node does not own the server any more, and closes its connections; their exchanges are answered by an Error.
 *  @param reason  for these and for `ServerDown` */
void role_follow(struct server *server, const char *reason);

// --- a server that another node owns ------------------------------------------------------------------------------

/** Sends an ask to the owner. */
void remote_send(struct server *server, struct ask *ask, struct merge *merge);
/** Notes what the owner says of the server: clients are told what changes for them. */
void remote_take_facts(struct server *server, const struct remote_facts *facts);
/** Handles an event (taken) of the owner. */
void remote_take_event(struct server *server, struct message *message);
/** Holds an event (taken) of the node that will own the server. @param keep  as in seam.h */
void remote_hold_event(struct server *server, struct message *message, bool keep);
/** Handles a part of the answer to the action of that number (struct remote_action). Takes its message.
 *  @param over  nothing can come after it */
void remote_take_answer(struct servers *servers, uint64_t number, struct answer_part part, bool over);
/** Lists the actions with a process that are not answered after so long. @param process  low bits of its boot id
 *  @param numbers  set  @return how many, at most `most` */
size_t remote_list_old(const struct server *server, uint32_t process, uint64_t age_ms, uint64_t *numbers, size_t most);
/** The process says that it does not work on the action of that number. At the second time, it ends by an Error: its
 *  answer was lost. */
void remote_doubt(struct servers *servers, uint64_t number, uint32_t process);
/** The action of that number did not reach an owner: it is answered by an Error. */
void remote_refuse(struct servers *servers, uint64_t number);
/** Each exchange with a process that is gone ends by an Error. Clients are not told that the server is down.
 *  @param is_gone  knows that by the low bits of the process's boot id */
void remote_fail(struct server *server, bool (*is_gone)(void *context, uint32_t process), void *context,
                 const char *reason);
/** The owner is gone: the server is down, and each exchange with it ends by an Error. */
void remote_lose(struct server *server, const char *reason);
/** Tells the owner which actions nobody waits for any more. */
void remote_tick(struct server *server);
/** Called every SERVERS_TICK_MS. */
void role_tick(struct server *server, uint64_t now);

#endif
