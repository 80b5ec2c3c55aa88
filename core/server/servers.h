// core/server/servers.h: all Asterisks of the configuration: connections, lanes, exchanges in flight, routing.
// Knows nothing of sessions: asks come in, messages go out through the callbacks. Thread: the hub's, for all functions.
#ifndef SERVER_SERVERS_H
#define SERVER_SERVERS_H

#include "config/config.h"
#include "letters/letters.h"

struct event_base;
struct server;
struct servers;

/** An action for the node that owns its server. Lent. */
struct remote_action {
    struct span wire; // as an Asterisk would get it
    uint64_t number;  // under which the answers come back: the random one in its ActionID
    uint32_t write;   // classes of the asker
    bool slow, alone; // as in struct ask
    unsigned passes;  // how many nodes have passed it on, because they did not own the server any more
};

/** What the servers tell other nodes of a cluster, by callbacks of the hub. Arguments are lent. */
struct servers_bus {
    /** A server is there. @return the hub's record of it */
    void *(*join)(void *context, struct server *server);
    /** A server goes. */
    void (*leave)(void *record);
    /** Sends an action to the owner of its server. @return the process that gets it, by the low bits of its boot id; 0:
     *  it cannot be sent now */
    uint32_t (*act)(void *record, const struct remote_action *action);
    /** Nobody waits for the answer to an action any more. @param process  that got it
     *  @param denied  its user may not send it any more */
    void (*withdraw)(void *record, uint64_t number, uint32_t process, bool denied);
    /** An event of a server that this node owns. @param number  of this event; 1 is the first one that it offers */
    void (*offer)(void *record, struct message *message, uint64_t number);
    /** The connection to a server was made or lost, or more is known of the server. */
    void (*changed)(void *record);
    /** After role_fence(). */
    void (*fenced)(void *record);
    void *context;
    const char *node; // this node's name; lent
    size_t ring;      // most bytes of the events of one server that are kept for other nodes
};

/** The hub's callbacks. They are called from inside the loop, never from servers_create(). */
struct servers_output {
    /** An event for all sessions. Takes `message`, borrows `ask`.
     *  @param ask  the ask whose action raised the event, NULL: none; its session gets the event with its own ActionID
     *  @param foreign_id  the event has an ActionID of another client of the server */
    void (*event)(void *context, struct message *message, struct ask *ask, bool foreign_id);
    /** A part of an answer for the asker. Takes `part.message`, borrows `ask`. */
    void (*answer)(void *context, struct answer_part part, struct ask *ask);
    /** The state of servers or their list has changed. Called before the event that says so; `state` is lent. */
    void (*state)(void *context, const struct servers_state *state);
    void *context;
    struct metrics *metrics;       // lent, outlives the servers
    const struct servers_bus *bus; // lent, outlives the servers; NULL: this proxy is in no cluster
    /** A portion of what was read has been handled: deliver it, as its messages are still in the processor's caches.
     *  More follows at once, so nothing need be written to clients yet. NULL: not wanted */
    void (*portion)(void *context);
};

/** Starts to connect to all servers of `config` (one reference is taken), and returns at once.
 *  @return NULL, with `err` set: the resolver could not be started, or a `ca_file` could not be read */
struct servers *servers_create(struct event_base *base, struct config *config, const struct servers_output *output,
                               struct error *err);
/** Adds a server until servers_drop() or servers_reconfigure(). @param arguments  Server, Port, Username, Secret and
 *  Events
 *  @return false: `err` is set */
bool servers_add(struct servers *servers, const struct message *arguments, struct error *err);
/** Adds a server that only other nodes of the cluster have in their configuration. @param facts  Name, Host, Port, User
 *  and Events of it */
void servers_add_elsewhere(struct servers *servers, const struct message *facts);
/** Nobody waits for the answer to an ask of another node any more. @param reply  its subject for answers
 *  @param denied  its user may not send it any more */
void servers_withdraw(struct servers *servers, struct span reply, bool denied);
/** Sends Logoff to a server and removes it; its exchanges are answered by an Error. @return false: `err` is set */
bool servers_drop(struct servers *servers, struct span name, struct error *err);
/** Takes a server out of service, or back into it: a drained server stays connected and its events go on, but it gets
 * no new actions. @return false: `err` is set */
bool servers_drain(struct servers *servers, struct span name, bool drained, struct error *err);
/** Describes each server by an event `ServerStatus`. @param add  takes the message */
void servers_describe(struct servers *servers, void (*add)(void *context, struct message *message), void *context);
/** Changes over to `config` (one reference is taken). Servers whose entry is the same stay connected; others are
 *  dropped or added. Call servers_check() first, as a `ca_file` that cannot be read is only logged here. */
void servers_reconfigure(struct servers *servers, struct config *config);
/** Checks whether each `ca_file` of `config` can be read. @return false: `err` is set */
bool servers_check(const struct config *config, struct error *err);
/** Reads each `ca_file` again, for new connections. @return false: `err` is set, and the old ones stay in use */
bool servers_reload_tls(struct servers *servers, struct error *err);
/** Closes all connections and frees everything. Exchanges in flight get no answer: call servers_stop() first. */
void servers_destroy(struct servers *servers);
/** Writes now what would wait for the end of the loop's turn. Makes no callbacks. */
void servers_flush(struct servers *servers);
/** Sends an ask to its server. It is borrowed; a reference is kept while it is in flight. An ask that cannot be sent is
 *  answered by an Error at once. */
void servers_ask(struct servers *servers, struct ask *ask);
/** Ends in order: no reconnects, `Action: Logoff` on every lane, then `done(context)` after all lanes are closed or
 *  after `limit_ms`. */
void servers_stop(struct servers *servers, uint64_t limit_ms, void (*done)(void *context), void *context);
/** Answers all exchanges in flight by an Error, because the proxy is going down. */
void servers_give_up(struct servers *servers);
/** Returns the name of the server to which an ask goes that names none; lent. Empty: none is up. */
const char *servers_usual(const struct servers *servers);
/** Returns the number of servers that are up. */
size_t servers_up(const struct servers *servers);
/** Returns the number of exchanges that wait for answers. */
size_t servers_in_flight(const struct servers *servers);
/** Is the OriginateResponse of a call that another node has ordered still to come, from any server? */
bool servers_await_calls(const struct servers *servers);

#endif
