// core/server/role.h: what this node is to a server of the cluster. Without a cluster there are no roles, and each
// server is the proxy's own.  Thread: the hub's.
//
// A server that another node owns looks like any other to sessions: it is up or down, takes asks and gives events. Only
// its transport differs: actions go to the owner by `struct servers_bus`, and what comes back is given to it here.
#ifndef SERVER_ROLE_H
#define SERVER_ROLE_H

#include "server/lane.h"
#include "server/offer.h"

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
/** Handles a part of the answer to the action of that number (struct remote_action). Takes its message.
 *  @param over  nothing can come after it */
void remote_take_answer(struct servers *servers, uint64_t number, struct answer_part part, bool over);
/** The action of that number did not reach an owner: it is answered by an Error. */
void remote_refuse(struct servers *servers, uint64_t number);
/** The owner is gone: the server is down, and each exchange with it ends by an Error. */
void remote_lose(struct server *server, const char *reason);
/** Tells the owner which actions nobody waits for any more; called every SERVERS_TICK_MS. */
void remote_tick(struct server *server);

#endif
