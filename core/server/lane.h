// core/server/lane.h: one connection to an Asterisk: connects, logs in, sends, reads, and detects a dead connection.
// Asterisk processes the actions of a connection one after another, and answers them in the order of sending.
// Thread: the hub's.
#ifndef SERVER_LANE_H
#define SERVER_LANE_H

#include "ami/parser.h"
#include "net/transport.h"
#include "server/exchange.h"

#include <netdb.h>

struct server;

/** The list whose items come on a lane, while they may go to their asker many at once. */
struct listing {
    struct exchange *exchange; // NULL: none
    size_t length;
    char name[PARSER_ITEM_NAME]; // of the last item
};

/** lane_enter() of lane_inside.h is the only writer. */
enum lane_state {
    LANE_CLOSED,
    LANE_RESOLVING,
    LANE_CONNECTING, // TCP, and the TLS handshake if there is one
    LANE_BANNER,     // waits for the first line
    LANE_CHALLENGE,
    LANE_LOGIN,
    LANE_UP,
    LANE_LEAVING // Logoff was sent
};

/** Why a lane is lost. */
enum lane_loss {
    LANE_LOSS_ADDRESS,   // the server's name has no address; text: the resolver's
    LANE_LOSS_CONNECT,   // connect() failed; text: the system's
    LANE_LOSS_TRANSPORT, // the connection ended or failed; text: transport_reason()
    LANE_LOSS_LIMIT,     // the peer exceeded a limit; text: which one
    LANE_LOSS_REFUSED,   // the login was refused; text: Asterisk's
    LANE_LOSS_SILENCE,   // Pings were not answered
    LANE_LOSS_TIME,      // a step of connecting and logging in took too long
    LANE_LOSS_LOGOFF     // the server did not close in time after Logoff
};

struct lane {
    struct server *server;
    enum lane_state state;
    bool slow; // for blocking actions, without events
    struct transport transport;
    struct addrinfo *addresses, *address; // all addresses of the server, and the one in use
    struct resolver_request *resolving;   // NULL: none
    struct parser *parser;
    struct writer_buffer out; // bytes to write, from `sent` on
    size_t sent;
    struct list_head exchanges; // in the order of sending
    struct exchange *blocker;   // the blocking action that was sent last, if it is still on the lane; else NULL
    struct listing listing;
    uint32_t unanswered;          // exchanges on the lane without an answer, the proxy's own included
    uint64_t deadline_ms;         // of the state, 0: none
    uint64_t heard_ms;            // when the last byte came
    uint64_t heard_us;            // the same, in microseconds
    uint64_t whole_ms, pinged_ms; // when the last complete message came; when the oldest Ping since was sent, 0: none
    uint64_t round_trip_us;       // between the last Ping that waited for nothing else and its answer; 0: not known
    uint64_t text_ms;             // when the text of a `Response: Follows` began that is being read; 0: none is
    size_t early_bytes;           // bytes received before the login
    size_t seen_bytes;            // bytes of an incomplete message when it last counted as a sign of life
    uint64_t idle_ms;             // slow lane: when it last had an unanswered action
};

/** Makes a closed lane of `server`. @param slow  for blocking actions, without events */
void lane_init(struct lane *lane, struct server *server, bool slow);
/** Starts to connect. server_lane_up() or server_lane_lost() follows. */
void lane_open(struct lane *lane);
/** Closes the lane. The server must have answered its exchanges before. */
void lane_close(struct lane *lane);
/** Adds the exchange to the end of the lane and writes its action. The lane of an ask must be up.
 *  @param limit_ms  how long the server may take to answer; 0 for the proxy's own, which the lane's state limits */
void lane_send(struct lane *lane, struct exchange *exchange, const struct message *action, uint64_t limit_ms);
/** Writes the bytes that wait to be sent, as many as the connection takes. */
void lane_flush(struct lane *lane);
/** Sends Logoff. The lane closes when Asterisk closes the connection. */
void lane_leave(struct lane *lane);
/** Returns the text for a loss. @param detail  returned if the loss has no text of its own */
const char *lane_loss_text(enum lane_loss loss, const char *detail);
/** Adds an exchange to the end of a lane, without sending anything. */
void lane_link(struct lane *lane, struct exchange *exchange);
/** Takes an exchange off its lane. Does nothing if it is on none. */
void lane_forget(struct exchange *exchange);
/** Sends an action of the proxy itself. @param action  is built, and empty afterwards */
void lane_send_own(struct lane *lane, enum exchange_purpose purpose, struct message_builder *action);
/** Sends a Ping. Its answer shows that Asterisk has finished everything that was sent before it. */
void lane_ping(struct lane *lane);
/** Does Asterisk still work on a blocking action of this lane? What is written then starts only after that action. */
bool lane_is_blocked(const struct lane *lane);
/** Returns when the first time limit of the lane ends, or a message that may be complete is taken as complete, by
 *  clock_ms(); 0: nothing is to be done at a certain moment. */
uint64_t lane_due(const struct lane *lane);
/** Checks deadlines and sends keep-alive Pings; called every SERVERS_TICK_MS, and when lane_due() says. */
void lane_tick(struct lane *lane, uint64_t now);
/** Handles the answer to an action of the proxy itself (Challenge, Login, Ping, ListCommands, Logoff). */
void lane_own_answer(struct lane *lane, struct exchange *exchange, const struct message *answer);

#endif
