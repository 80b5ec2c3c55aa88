// core/server/exchange.h: one action in flight and everything that answers it.  Thread: the hub's.
#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H

#include "ami/catalogue.h"
#include "ami/writer.h"
#include "server/servers.h"

#define EXCHANGE_CALL_MARGIN_MS 10000 // for what Asterisk does around an Originate's call

struct lane;
struct merge;
struct queue_line;

/** In the order in which an exchange goes through them; up to EXCHANGE_LISTING it is unanswered. */
enum exchange_state {
    EXCHANGE_UNSENT,  // new, or in the queue: no server has it
    EXCHANGE_WAITING, // for the response
    EXCHANGE_LISTING, // the response was passed on, items follow
    EXCHANGE_DONE,    // answered; kept so that what comes late still finds the asker
    EXCHANGE_GIVEN_UP // answered by us after the time limit; what still comes is dropped
};

#define EXCHANGE_FOREVER UINT64_MAX // a stay without a limit

/** What an exchange of our own is for. */
enum exchange_purpose { PURPOSE_ASK, PURPOSE_CHALLENGE, PURPOSE_LOGIN, PURPOSE_PING, PURPOSE_LEARN, PURPOSE_LOGOFF };

struct exchange {
    struct exchange *next_in_bucket;
    struct exchange *previous, *next;           // of all exchanges
    struct exchange *lane_previous, *lane_next; // of its lane, in the order of sending; of its line, if it waits there
    struct lane *lane;                          // NULL: the lane went on past it, or it was not sent yet
    struct queue_line *line;                    // where it waits to be sent, NULL: nowhere; the queue's
    const struct action_info *info;             // NULL: an action that is not known
    struct ask *ask;                            // one reference; NULL for our own
    struct merge *merge;                        // one reference; NULL: not part of `Server: *`
    struct message *text;                       // an answer of raw text: its latest block, not passed on yet
    uint64_t deadline_ms;
    uint64_t queued_ms; // clock_ms() when it began to wait, 0: it did not
    uint64_t sent_us;   // clock_us() when it was given to its lane
    uint32_t items;     // passed on
    uint32_t hash;
    uint8_t state; // enum exchange_state; exchange_enter() writes it
    uint8_t purpose;
    bool answered;    // Asterisk's response was seen (of a text: what follows it); the lane has come so far
    bool async;       // an OriginateResponse follows
    bool implicit;    // an old server's list, or one event that follows: no EventList tells its end
    bool broken_list; // an Error came inside the list: perhaps no completion follows
    bool listed;      // a list began
    bool in_list;     // … and its end was not seen, be the exchange given up
    bool passed;      // Asterisk has answered a later action of the lane: what carries no ActionID is not of this one
    bool originated;  // the OriginateResponse was passed on
    bool late_told;   // it was logged that something came too late
    uint16_t late_responses, late_events; // that may still come once it has ended (server/late.h)
    uint8_t id_length;
    char id[WRITER_ID_BYTES + 1];
};

/** All exchanges of all servers, by the ActionID on the wire. */
struct exchanges {
    struct exchange **buckets;
    size_t bucket_count, count, unanswered; // our own do not count as unanswered
    struct exchange *first, *last;
    uint64_t last_number;
    unsigned char random[4096];
    size_t random_used;
};

/** An empty table. */
void exchanges_init(struct exchanges *exchanges);
/** Frees the table; all exchanges must be gone. */
void exchanges_fini(struct exchanges *exchanges);
/** A new exchange with an ActionID of its own (unique, not guessable), in the table but on no lane yet.
 *  @param ask  a reference is taken; NULL for our own */
struct exchange *exchange_create(struct exchanges *exchanges, struct ask *ask, enum exchange_purpose purpose);
/** The only writer of the state. Logs it, counts what is unanswered, and sets the deadline.
 *  @param limit_ms  the longest stay; then the sweep of servers.c ends it. EXCHANGE_FOREVER: no limit of its own */
void exchange_enter(struct exchanges *exchanges, struct exchange *exchange, enum exchange_state next,
                    uint64_t limit_ms);
/** Takes it out of table and lane, and frees. */
void exchange_destroy(struct exchanges *exchanges, struct exchange *exchange);
/** The exchange with that ActionID, NULL if there is none. */
struct exchange *exchange_find(const struct exchanges *exchanges, struct span id);
/** Does the ActionID look like one that this program gave? */
bool exchange_is_ours(struct span id);

#endif
