// core/server/exchange.h: one action in flight and everything that answers it.  Thread: the hub's.
#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H

#include "ami/catalogue.h"
#include "ami/writer.h"
#include "base/list.h"
#include "base/pool.h"
#include "server/servers.h"

#define EXCHANGE_CALL_MARGIN_MS 10000 // added to an Originate's own Timeout, for Asterisk's work around the call

struct lane;
struct merge;
struct queue_line;

/** In the order in which an exchange passes through them; up to EXCHANGE_LISTING it is unanswered. */
enum exchange_state {
    EXCHANGE_UNSENT,  // new, or in the queue: not written to any server
    EXCHANGE_WAITING, // waits for the response
    EXCHANGE_LISTING, // the response was passed on, items follow
    EXCHANGE_DONE,    // answered; kept because a message may come late, which must find the asker
    EXCHANGE_GIVEN_UP // answered by the proxy, without Asterisk; messages that still come are dropped
};

#define EXCHANGE_FOREVER UINT64_MAX // no time limit

/** The purpose of an exchange: an ask, or an action of the proxy itself. */
enum exchange_purpose {
    PURPOSE_ASK,
    PURPOSE_CHALLENGE,
    PURPOSE_LOGIN,
    PURPOSE_PING,
    PURPOSE_LEARN,
    PURPOSE_LOGOFF,
    PURPOSE_FENCE // in a cluster: a Ping whose answer shows that all before it was read
};

struct exchange {
    struct list_node place; // on its lane, in the order of sending; while it waits, in its line
    struct list_node entry; // on the list of all exchanges
    struct exchange *next_in_bucket;
    struct lane *lane;              // NULL: not sent yet, or its answers in turn are complete
    struct queue_line *line;        // the line of the queue in which it waits; NULL: it does not
    const struct action_info *info; // NULL: an unknown action
    struct ask *ask;                // one reference; NULL: an action of the proxy itself
    struct merge *merge;            // one reference; NULL: not part of `Server: *`
    struct message *text;           // an answer of raw text: its latest block, not passed on yet
    uint64_t deadline_ms;
    uint64_t queued_ms; // clock_ms() when it began to wait in the queue, 0: it did not
    uint64_t sent_us;   // clock_us() when it was given to its lane, or the first of those that left with it was
    uint32_t items;     // list items that were passed on
    uint32_t hash;
    uint32_t sent_to; // number of the server on whose own lane it was sent; 0: on none. `lane` does not stay so long
    uint32_t owner;   // with another node: the process to which it was sent, by the low bits of its boot id
    uint8_t state;    // enum exchange_state; exchange_enter_until() is its only writer
    uint8_t purpose;  // enum exchange_purpose
    bool answered;    // Asterisk's response has come (for a text: the response to the action after it)
    bool async;       // an OriginateResponse follows
    bool implicit;    // the list of an old server, or a single event: no EventList marks its end
    bool broken_list; // an Error came inside the list: its completion may not come
    bool listed;      // a list began
    bool in_list;     // … and its end has not come; also of an exchange that was given up
    bool passed;      // Asterisk has answered a later action of the lane: messages without ActionID are not for it
    bool originated;  // the OriginateResponse was passed on
    bool raised;      // a broadcast event with its ActionID has come
    bool late_raised; // such an event may still come after the answer (server/late.h)
    bool late_told;   // the log says that a message came too late
    bool doubted;     // … has said once that it does not work on it
    bool withdrawn;   // the node that owns the server was told that nobody waits for the answer
    uint16_t late_responses, late_events; // how many may still come after the answer (server/late.h)
    uint8_t id_length;
    char id[WRITER_ID_BYTES + 1];
};

/** All exchanges of all servers, by the ActionID on the wire. */
struct exchanges {
    struct exchange **buckets;
    size_t bucket_count, count, unanswered; // `unanswered` without the proxy's own
    struct list_head all;                   // in the order of exchange_create()
    struct pool pool;                       // of `struct exchange`
    uint64_t last_number;
    uint32_t late_told; // hash of the ActionID that late_drop_gone() has logged last
    char digits[4096];  // random ones, for the next ActionIDs
    size_t digits_used;
};

/** Returns the first exchange of a lane or of a line of the queue. @param list  its exchanges  @return NULL: none */
static inline struct exchange *exchange_first(const struct list_head *list)
{
    return LIST_FIRST(list, struct exchange, place);
}

/** Returns the exchange behind `exchange` on its lane or in its line. @return NULL: it is the last one, or on none */
static inline struct exchange *exchange_next(const struct exchange *exchange)
{
    return LIST_NEXT(exchange, struct exchange, place);
}

/** Makes an empty table. */
void exchanges_init(struct exchanges *exchanges);
/** Frees the table. All exchanges must have been destroyed. */
void exchanges_fini(struct exchanges *exchanges);
/** Makes an exchange with an ActionID of its own (unique, not guessable), in the table but on no lane.
 *  @param ask  a reference is taken; NULL: an action of the proxy itself */
struct exchange *exchange_create(struct exchanges *exchanges, struct ask *ask, enum exchange_purpose purpose);
/** Enters a state: the only writer of the state. Logs it, counts unanswered exchanges and sets the deadline.
 *  @param deadline_ms  when tick.c ends the exchange, by clock_ms(); EXCHANGE_FOREVER: never */
void exchange_enter_until(struct exchanges *exchanges, struct exchange *exchange, enum exchange_state next,
                          uint64_t deadline_ms);
/** Does the same. @param limit_ms  the longest stay from now on; EXCHANGE_FOREVER: no limit */
void exchange_enter(struct exchanges *exchanges, struct exchange *exchange, enum exchange_state next,
                    uint64_t limit_ms);
/** Takes the exchange out of table, lane and queue, and frees it. */
void exchange_destroy(struct exchanges *exchanges, struct exchange *exchange);
/** Finds the exchange with that ActionID. @return lent; NULL: there is none */
struct exchange *exchange_find(const struct exchanges *exchanges, struct span id);
/** Finds the exchange by the random number in its ActionID. @return lent; NULL: there is none */
struct exchange *exchange_find_number(const struct exchanges *exchanges, uint64_t number);
/** Returns that number. */
uint64_t exchange_number(const struct exchange *exchange);
/** Returns a hash of an ActionID of the proxy: of the random number at its end. */
uint32_t exchange_hash(struct span id);
/** Does the ActionID have the form of those that exchange_create() makes? */
bool exchange_is_ours(struct span id);

#endif
