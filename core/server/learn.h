// core/server/learn.h: what a server's actions need is learned from the server itself: ListCommands on the main lane,
// once it is up and again when modules came, went or were reloaded. Thread: the hub's.
#ifndef SERVER_LEARN_H
#define SERVER_LEARN_H

#include "ami/message.h"

struct exchange;
struct server;

struct learning {
    struct exchange *exchange; // the question in flight, NULL: none
    uint64_t asked_ms;
    uint64_t due_ms; // when to ask next, 0: not
    bool warned;     // of what the account may not do, since the connection was made
};

/** Asks now, or once the question in flight is answered. The server is up. */
void learn_start(struct server *server);
/** Looks at an event of the main lane: after those that tell of modules, the list may be another. */
void learn_from_event(struct server *server, const struct message *event);
/** Takes the answer to the question in flight. */
void learn_take(struct server *server, const struct message *answer);
/** The main lane was lost and its exchanges are gone. What was learned stays until the next connection tells. */
void learn_stop(struct server *server);
/** Asks if it is due; gives a question up that is not answered, and asks again later. */
void learn_tick(struct server *server, uint64_t now);

#endif
