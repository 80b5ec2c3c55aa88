// core/server/lane.h: one connection to an Asterisk: connect, log in, send, read, notice that it is dead.
// Asterisk works through a connection strictly in turn, so what is sent on a lane is answered in that order.
// Thread: the hub's.
#ifndef SERVER_LANE_H
#define SERVER_LANE_H

#include "ami/parser.h"
#include "net/transport.h"
#include "server/exchange.h"

#include <netdb.h>

struct server;

enum lane_state {
    LANE_CLOSED,
    LANE_RESOLVING,
    LANE_CONNECTING,
    LANE_BANNER,
    LANE_CHALLENGE,
    LANE_LOGIN,
    LANE_UP,
    LANE_LEAVING // Logoff was sent
};

struct lane {
    struct server *server;
    enum lane_state state;
    bool slow; // for blocking actions, without events
    struct transport transport;
    struct addrinfo *addresses, *address; // found, and the one in use
    struct resolver_request *resolving;   // NULL: none
    struct parser *parser;
    struct writer_buffer out; // from `sent` on still to be written
    size_t sent;
    struct exchange *first, *last; // in the order of sending
    struct exchange *blocker;      // the blocking action that was sent last and is still on the lane, NULL: none
    uint32_t unanswered;           // of `first` … `last`, our own too
    uint64_t deadline_ms;          // of the state, 0: for ever
    uint64_t heard_ms;             // last byte received
    uint64_t whole_ms, pinged_ms;  // last whole message; oldest Ping without one since, 0: none
    uint64_t text_ms;              // since when the text of a Follows is read, 0: none is
    size_t early_bytes;            // received before the login
    size_t seen_bytes;             // of an unfinished message, when it last counted as a sign of life
    uint64_t idle_ms;              // slow lane: since when it has nothing to do
};

void lane_init(struct lane *lane, struct server *server, bool slow);
/** Starts to connect; server_lane_up() or server_lane_lost() follows. */
void lane_open(struct lane *lane);
/** Closes and forgets; exchanges are the server's to answer first. */
void lane_close(struct lane *lane);
/** Puts the exchange at the lane's end and its action on the wire. An ask: only on a lane that is up. */
void lane_send(struct lane *lane, struct exchange *exchange, const struct message *action);
/** Writes what waits to be sent, if there is room. */
void lane_flush(struct lane *lane);
/** Says Logoff; the lane closes when Asterisk does. */
void lane_leave(struct lane *lane);
/** Takes an exchange off its lane. Nothing if it is on none. */
void lane_forget(struct exchange *exchange);
/** Sends a Ping: its answer tells that Asterisk has done with all that was sent before it. */
void lane_ping(struct lane *lane);
/** Does Asterisk still work on a blocking action there? Whatever were written now would begin only after that. */
bool lane_is_blocked(const struct lane *lane);
/** Judges deadlines and sends keep-alive Pings; called every SERVERS_TICK_MS. */
void lane_tick(struct lane *lane, uint64_t now);
/** The answer to an action of our own (Challenge, Login, Ping, ListCommands, Logoff). */
void lane_own_answer(struct lane *lane, struct exchange *exchange, const struct message *answer);

#endif
