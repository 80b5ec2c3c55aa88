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

/** lane_enter() of lane_inside.h is the only writer. */
enum lane_state {
    LANE_CLOSED,
    LANE_RESOLVING,
    LANE_CONNECTING, // until the TLS handshake is done, if there is one
    LANE_BANNER,     // the first line is waited for
    LANE_CHALLENGE,
    LANE_LOGIN,
    LANE_UP,
    LANE_LEAVING // Logoff was sent
};

/** Why a lane is lost. */
enum lane_loss {
    LANE_LOSS_ADDRESS,   // its server's name has no address; words: the resolver's
    LANE_LOSS_CONNECT,   // the system does not connect; words: the system's
    LANE_LOSS_TRANSPORT, // the connection ended or failed; words: transport_reason()
    LANE_LOSS_LIMIT,     // the peer sent more than it may; words: what
    LANE_LOSS_REFUSED,   // our credentials were not taken; words: Asterisk's
    LANE_LOSS_SILENCE,   // Pings were not answered
    LANE_LOSS_TIME,      // it did not log in in time
    LANE_LOSS_LOGOFF     // it did not end in time
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

/** A closed lane of `server`. @param slow  for blocking actions, without events */
void lane_init(struct lane *lane, struct server *server, bool slow);
/** Starts to connect; server_lane_up() or server_lane_lost() follows. */
void lane_open(struct lane *lane);
/** Closes and forgets; exchanges are the server's to answer first. */
void lane_close(struct lane *lane);
/** Puts the exchange at the lane's end and its action on the wire. An ask: only on a lane that is up.
 *  @param limit_ms  how long the server may take to answer; 0 for our own, which the lane's state limits */
void lane_send(struct lane *lane, struct exchange *exchange, const struct message *action, uint64_t limit_ms);
/** Writes what waits to be sent, if there is room. */
void lane_flush(struct lane *lane);
/** Says Logoff; the lane closes when Asterisk does. */
void lane_leave(struct lane *lane);
/** The words for a loss. @param detail  returned where a loss has no words of its own */
const char *lane_loss_text(enum lane_loss loss, const char *detail);
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
