// core/server/learn.h: asks a server which classes its actions need: ListCommands on the main lane, when the server is
// up and again after modules were loaded, unloaded or reloaded. Thread: the hub's.
#ifndef SERVER_LEARN_H
#define SERVER_LEARN_H

#include "ami/message.h"

struct exchange;
struct server;

struct learning {
    struct exchange *exchange; // the ListCommands in flight, NULL: none
    uint64_t asked_ms;
    uint64_t due_ms; // when to ask next, 0: no time is set
    bool warned;     // the log has said on this connection which classes the account lacks
};

/** Asks now, or after the ListCommands in flight is answered. The server must be up. */
void learn_start(struct server *server);
/** Plans the next ListCommands if an event of the main lane says that modules have changed. */
void learn_from_event(struct server *server, const struct message *event);
/** Handles the answer to the ListCommands in flight. */
void learn_take(struct server *server, const struct message *answer);
/** Called when the main lane was lost and its exchanges are destroyed. The list stays valid until the next connection
 *  has its own. */
void learn_stop(struct server *server);
/** Asks if it is due. Gives up a ListCommands that is not answered in time, and asks again later. */
void learn_tick(struct server *server, uint64_t now);

#endif
