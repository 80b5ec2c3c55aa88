// core/server/queue.h: actions that wait until a lane may take them. Asterisk works through a connection in turn, so
// nothing is written to a lane whose blocking action is not answered: what would have to wait there waits here, where
// it can be withdrawn. Each session has a line of its own, and lines are served in turn. Thread: the hub's.
#ifndef SERVER_QUEUE_H
#define SERVER_QUEUE_H

#include "base/map.h"
#include "letters/letters.h"

#include <stddef.h>

struct exchange;
struct server;

/** What one session waits for, in its order. */
struct queue_line {
    struct map_node node;  // first, so that one is the other; by session_id
    struct server *server; // whose queue this is; the queue ends before it does
    struct queue_line *previous, *next;
    struct exchange *first, *last;
    uint64_t session_id;
};

/** Lives in its server. */
struct queue {
    struct queue_line *first, *last; // the next one to be served comes first
    struct map lines;
    size_t count;    // exchanges that wait
    size_t for_main; // of these, the ones that do not block: for the main lane only
};

/** An empty queue. */
void queue_init(struct queue *queue);
/** All must have left: queue_fail(), or exchange_destroy() of each. */
void queue_fini(struct queue *queue);
/** Puts an exchange that is on no lane at the end of its session's line. From now on its time limit is that of waiting:
 *  `limits.queue_timeout`. */
void queue_add(struct server *server, struct exchange *exchange);
/** Takes it out. Nothing if it waits in no queue. */
void queue_forget(struct exchange *exchange);
/** Gives lanes that are free what they may take, and opens slow lanes for what may take one. Calls nobody back. */
void queue_pump(struct server *server);
/** Its time is over: ends it with an Error that says that it was not sent, and frees it. */
void queue_expire(struct exchange *exchange);
/** Ends everything with an Error: `text`, and that it was not sent. */
void queue_fail(struct server *server, enum amp_reason reason, const char *text);
/** Ends what nobody waits for any more, and pumps. */
void queue_tick(struct server *server);

#endif
