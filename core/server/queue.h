// core/server/queue.h: actions that wait until a lane may take them. Asterisk processes the actions of a connection one
// after another, so nothing is written to a lane whose blocking action is not answered: later actions wait in the
// queue, where they can be withdrawn. Each session has a line of its own; the lines take turns. Thread: the hub's.
#ifndef SERVER_QUEUE_H
#define SERVER_QUEUE_H

#include "base/list.h"
#include "base/map.h"
#include "letters/letters.h"

#include <stddef.h>

/** Text of the Error for an action whose user may not send it any more. */
#define QUEUE_DENIED "Permission denied since a reload: the action was not sent"

struct exchange;
struct server;

/** The waiting exchanges of one session, in order. */
struct queue_line {
    struct map_node node;  // key: session_id; must be first: a pointer to it is cast to the line
    struct list_node turn; // on the queue's list of turns
    struct server *server; // the server of this queue, which outlives it
    struct list_head exchanges;
    uint64_t session_id;
};

/** The queue of one server. */
struct queue {
    struct list_head turns; // the lines, in the order in which they may send
    struct map lines;       // the same, by session
    size_t count;           // exchanges that wait
    size_t for_main;        // of these, the ones that do not block and go to the main lane only
};

/** Makes an empty queue. */
void queue_init(struct queue *queue);
/** Frees the queue. It must be empty: queue_fail(), or exchange_destroy() of each exchange. */
void queue_fini(struct queue *queue);
/** Puts an exchange that is on no lane at the end of its session's line. Its time limit is `limits.queue_timeout`. */
void queue_add(struct server *server, struct exchange *exchange);
/** Returns the first exchange of the line whose turn it is. @return lent; NULL: none waits */
struct exchange *queue_first(const struct queue *queue);
/** Takes an exchange out of its queue. Does nothing if it is in none. */
void queue_forget(struct exchange *exchange);
/** Writes waiting actions to the lanes that may take them, and opens slow lanes for others. Makes no callbacks. */
void queue_pump(struct server *server);
/** Ends an exchange whose time limit is reached with an Error that says that it was not sent, and frees it. */
void queue_expire(struct exchange *exchange);
/** Ends all waiting exchanges with an Error: `text`, and that the action was not sent. */
void queue_fail(struct server *server, enum amp_reason reason, const char *text);
/** Ends the exchanges that were withdrawn, then calls queue_pump(). */
void queue_tick(struct server *server);

#endif
