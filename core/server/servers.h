// core/server/servers.h: all Asterisks of the configuration: connections, lanes, exchanges in flight, routing.
// Knows nothing of sessions: asks come in, entries go out through the callbacks. Thread: the hub's, all of it.
#ifndef SERVER_SERVERS_H
#define SERVER_SERVERS_H

#include "config/config.h"
#include "letters/letters.h"

struct event_base;
struct servers;

/** What the hub gives: where messages go. Called from inside the loop, never from servers_create(). */
struct servers_output {
    /** A message for everybody, or for everybody and differently for the asker (`ask`, may be NULL). Takes the
     *  reference of `message`, borrows `ask`. */
    void (*event)(void *context, struct message *message, struct ask *ask, bool foreign_id);
    /** A message for the asker. Takes the reference of `part.message`, borrows `ask`. */
    void (*answer)(void *context, struct answer_part part, struct ask *ask);
    /** Banner, booted, up/down or the list changed. Called before the events that tell of it; lent. */
    void (*state)(void *context, const struct servers_state *state);
    void *context;
    struct metrics *metrics; // lent, outlives the servers
};

/** Starts connecting to every server of `config` (one reference is taken). Returns at once.
 *  @return NULL with `err` set: the authorities of an encrypted server could not be read */
struct servers *servers_create(struct event_base *base, struct config *config, const struct servers_output *output,
                               struct error *err);
/** Adds a server, which is the caller's to describe: Server, Port, Username, Secret and Events of `arguments`. It stays
 *  until servers_drop() or servers_reconfigure(). @return false with `err` */
bool servers_add(struct servers *servers, const struct message *arguments, struct error *err);
/** Says Logoff to a server and forgets it; what it was asked ends with an Error. @return false with `err` */
bool servers_drop(struct servers *servers, struct span name, struct error *err);
/** Changes over to `config` (one reference is taken): servers whose entry is the same stay connected, others go or
 *  come. Their files of authorities must have been read: servers_check(). */
void servers_reconfigure(struct servers *servers, struct config *config);
/** Could servers_reconfigure() do that? @return false with `err` */
bool servers_check(const struct config *config, struct error *err);
/** Reads the files of authorities anew, for connections from now on. @return false with `err`: the old ones stay */
bool servers_reload_tls(struct servers *servers, struct error *err);
/** Closes all connections and frees. Exchanges in flight are dropped without an answer: stop first. */
void servers_destroy(struct servers *servers);
/** Writes now what else would wait for the end of the loop's turn. Calls nobody back. */
void servers_flush(struct servers *servers);
/** Routes an ask (borrowed; a reference is kept as long as it is in flight). Answered by an Error at once if it
 *  cannot be sent. */
void servers_ask(struct servers *servers, struct ask *ask);
/** Orderly end: no reconnects, `Action: Logoff` on every lane, then `done(context)` once all are closed or after
 *  `limit_ms`. */
void servers_stop(struct servers *servers, uint64_t limit_ms, void (*done)(void *context), void *context);
/** Ends everything that is in flight with an Error: the proxy is going down. */
void servers_give_up(struct servers *servers);
/** How many servers are up. */
size_t servers_up(const struct servers *servers);
/** Exchanges that wait for answers now. */
size_t servers_in_flight(const struct servers *servers);

#endif
